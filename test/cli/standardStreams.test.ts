/** Standard input as a file, progress on a terminal, and a server that does not answer. */
import { execFile, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import type { Server } from "node:http"
import { createServer as connecting } from "node:net"
import type { Server as TcpServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { askServer } from "../../src/cli/calls/client.ts"
import { createKms } from "../../src/promise.ts"
import { compileCache } from "../compileCache.ts"
import { patience } from "../patience.ts"
import { example } from "../seed/seeds.ts"
import { commandFile } from "../programs.ts"

const place = mkdtempSync(join(tmpdir(), "keystate-streams-"))
const data = join(place, "data")
const source = await commandFile()
afterAll(() => rmSync(place, { recursive: true, force: true }))

beforeAll(async () => {
  await (await createKms({ store: { directory: data, create: true }, fixtures: example })).close()
})

/** Runs a line of a shell, in which `keystate` is the command. */
const shell = (line: string): Promise<string> =>
  new Promise((resolve) => {
    const keystate = `keystate() { ${process.execPath} ${source} "$@"; }; ${line}`
    execFile("bash", ["-c", keystate], { cwd: place, env: { ...process.env, ...compileCache } }, (_error, out, err) =>
      resolve(out + err)
    )
  })

describe("standard input", () => {
  it("diagram --history - reads a history from standard input", async () => {
    const history = `keystate history alias/orders --data ${data}`
    expect(await shell(`${history} | keystate diagram --history - --format text`)).toContain("Enabled")
  })

  it("a plaintext from standard input or a file is encrypted, without the end of the last line", async () => {
    const encrypt = `keystate kms Encrypt --KeyId alias/orders --data ${data} --Plaintext`
    const blob = `sed -n 's/.*CiphertextBlob": "\\([^"]*\\)".*/\\1/p'`
    const decrypt = `keystate kms Decrypt --data ${data} --CiphertextBlob`
    expect(await shell(`echo aGVsbG8= | ${encrypt} - | ${blob} | ${decrypt} -`)).toContain('"Plaintext": "aGVsbG8="')
    const line = `echo aGVsbG8= > text; ${encrypt} @text | ${blob} > blob; ${decrypt} @blob`
    expect(await shell(line)).toContain('"Plaintext": "aGVsbG8="')
    expect(await shell(`${encrypt} @absent`)).toContain("The file absent cannot be read.")
  })

  it("--document - or @- reads a policy document from standard input", async () => {
    const document = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}'
    for (const [name, written] of [
      ["one", "@-"],
      ["other", "-"]
    ] as const) {
      const create = `keystate ram policy create ${name} --document ${written} --data ${data}`
      expect(await shell(`echo '${document}' | ${create}`)).toBe("done\n")
    }
  })

  it("refuses a second use of standard input", async () => {
    const words = `--data ${data} --passphrase-file - --new-passphrase-file -`
    expect(await shell(`echo secret | keystate reseal ${words}`)).toContain(
      "Standard input can be read once. Name a file in place of one -."
    )
  })
})

describe("standard output", () => {
  it("a command whose standard output cannot be written ends with 1 and one sentence", async () => {
    expect(await shell("keystate version > /dev/full; echo $?")).toBe(
      "1\n\nERROR\n  Standard output cannot be written: ENOSPC: no space left on device, write.\n"
    )
  })

  it("a command whose reader ends early prints no error and exits with 0", async () => {
    expect(await shell("keystate kms --help | head -1; echo ${PIPESTATUS[0]}")).toBe("DESCRIPTION\n0\n")
  })
})

describe("colors", () => {
  const wrong = `${process.execPath} ${source} kms Nothing`
  const onTerminal = (line: string): string => `script --quiet --command "${line}" /dev/null`

  it("errors have colors on a terminal, and none with NO_COLOR or on a dumb terminal", async () => {
    const [colored, ...plain] = await Promise.all(
      ["NO_COLOR= TERM=xterm", "NO_COLOR=1", "TERM=dumb"].map((set) => shell(`${set} ${onTerminal(wrong)}`))
    )
    expect(colored).toContain("\u001B[31m")
    for (const text of plain)
      expect([text.includes("Unknown subcommand"), text.includes("\u001B")]).toEqual([true, false])
  })

  it("errors in a file have no colors where the result goes to a terminal", async () => {
    const text = await shell(`${onTerminal(`${wrong} 2> errors`)}; cat errors`)
    expect([text.includes("Unknown subcommand"), text.includes("\u001B")]).toEqual([true, false])
  })
})

describe("progress", () => {
  const verify = `${process.execPath} ${source} verify --data ${data}`

  it("verify shows its progress as one line on a terminal, and erases the line at the end", async () => {
    const seen = await shell(`script --quiet --command "${verify}" /dev/null`)
    expect(seen).toContain("\rkeys verified: 1")
    expect(seen.slice(seen.lastIndexOf("keys verified"))).toMatch(/^[^\r]+\r +\r/)
  })

  it("verify overwrites no line on a dumb terminal", async () => {
    expect(await shell(`TERM=dumb script --quiet --command "${verify}" /dev/null`)).not.toMatch(/\r(?!\n)/)
  })

  it("--quiet leaves out the progress", async () => {
    expect(await shell(`script --quiet --command "${verify} --quiet" /dev/null`)).not.toContain("keys verified")
  })
})

describe("Ctrl-C", () => {
  /** Interrupts the command as soon as `begun` succeeds. */
  const interrupted = async (words: ReadonlyArray<string>, begun: () => Promise<void>, env = {}) => {
    const options = { cwd: place, env: { ...process.env, ...compileCache, ...env } }
    const child = execFile(process.execPath, [source, ...words], options)
    let err = ""
    child.stderr?.on("data", (chunk: Buffer) => {
      err += chunk.toString()
    })
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
    await begun()
    child.kill("SIGINT")
    return { exit: await ended, err }
  }

  it("restore that is interrupted says that nothing was written, and leaves nothing", async () => {
    const folder = join(place, "interrupted")
    mkdirSync(folder)
    const isBegun = () => vi.waitFor(() => expect(readdirSync(folder)).not.toEqual([]), { timeout: patience })
    const { err, exit } = await interrupted(["restore", "-", "--data", join(folder, "data")], isBegun)
    expect([exit, err]).toEqual([130, "keystate: interrupted. Nothing was written.\n"])
    expect(readdirSync(folder)).toEqual([])
  })

  const unfinished = "keystate: interrupted. The check is not complete.\n"

  it.each([
    ["verify", ["verify"], unfinished],
    ["hsm reconcile", ["hsm", "reconcile", "--hsm", "simulator"], "keystate: interrupted. Nothing was changed.\n"]
  ])("%s that is interrupted says what it left", async (_name, command, note) => {
    let arrived: () => void
    const isAsked = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const database = connecting(() => arrived())
    const store = `${(await listening(database)).replace("http://", "postgres://a@")}/keystate`
    const words = [...command, "--store", store, "--root-key-file", join(data, "root.key")]
    const { err, exit } = await interrupted(words, () => isAsked)
    expect([exit, err]).toEqual([130, note])
    database.close()
  })

  it("verify of a backup that is interrupted says that the check is not complete", async () => {
    const folder = join(place, "temporary")
    mkdirSync(folder)
    const isBegun = () => vi.waitFor(() => expect(readdirSync(folder)).not.toEqual([]), { timeout: patience })
    const { err, exit } = await interrupted(["verify", "--backup", "-"], isBegun, { TMPDIR: folder })
    expect([exit, err]).toEqual([130, unfinished])
    expect(readdirSync(folder)).toEqual([])
  })

  it("a backup to standard output that is interrupted says that it is not whole", async () => {
    // The backup is larger than a pipe, of which only the first bytes are read.
    const large = join(place, "large")
    const kms = await createKms({ store: { directory: large, create: true } })
    for (let at = 0; at < 100; at++) await kms.createKey({ Description: randomBytes(4000).toString("hex") })
    await kms.close()
    const child = spawn(process.execPath, [source, "backup", "--data", large, "-o", "-"], {
      env: { ...process.env, ...compileCache }
    })
    let err = ""
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString()
    })
    const ended = new Promise((resolve) => child.once("exit", resolve))
    await new Promise((resolve) => child.stdout.once("readable", resolve))
    child.kill("SIGINT")
    expect([await ended, err]).toEqual([
      130,
      "keystate: interrupted. What was written is not a whole backup, and restore refuses it.\n"
    ])
  })

  it("clock advance that is interrupted says that the server may continue", async () => {
    let arrived: () => void
    const isAsked = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const silent = createServer(() => arrived())
    const url = await listening(silent)
    const keys = { ALIBABA_CLOUD_ACCESS_KEY_ID: "a", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "b" }
    const { err, exit } = await interrupted(["clock", "advance", "1d", "--endpoint", url], () => isAsked, keys)
    expect(exit).toBe(130)
    expect(err).toContain("interrupted. The server may continue to move its clock")
    silent.closeAllConnections()
    silent.close()
  })
})

/** The URL of a server that listens from now on. */
const listening = async (server: Server | TcpServer): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`
}

describe("a call to a server", () => {
  it("a call and health by HTTPS to a server of plain HTTP name the cause", async () => {
    const plain = createServer()
    const url = (await listening(plain)).replace("http:", "https:")
    const keys = "ALIBABA_CLOUD_ACCESS_KEY_ID=a ALIBABA_CLOUD_ACCESS_KEY_SECRET=b"
    const advice = `${url} does not serve HTTPS. For plain HTTP, write http://.`
    const health = shell(`keystate health --endpoint ${url}`)
    const call = shell(`export ${keys}; keystate kms ListKeys --endpoint ${url}`)
    expect(await Promise.all([health, call])).toEqual([`${advice}\n`, `\nERROR\n  ${advice}\n`])
    plain.closeAllConnections()
    plain.close()
  })

  it("a call to a server that does not answer in time fails and says so", async () => {
    const silent = createServer(() => undefined)
    const url = await listening(silent)
    const keys = { ALIBABA_CLOUD_ACCESS_KEY_ID: "a", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "b" }
    const asked = askServer(url, { operation: "ListKeys", parameters: {}, limitMillis: 20 }, keys)
    const { message } = await Effect.runPromise(Effect.flip(asked))
    expect(message).toBe(`${url} did not answer in time. Whether the call was performed is not known.`)
    silent.closeAllConnections()
    silent.close()
  })
})
