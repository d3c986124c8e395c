/** Commands that help a person with the command: help, version, completions, config show, doctor, and questions. */
import { execFileSync, spawn } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { candidates, completionScript } from "../../src/cli/completion.ts"
import { asFlags, commands, keystateFor } from "../../src/cli/commands.ts"
import { wrapped } from "../../src/cli/output/wrap.ts"
import { version } from "../../src/domain/version.ts"
import { said } from "./inProcess.ts"
import { traced } from "./loadedModules.ts"

const source = fileURLToPath(new URL("../../src/cli/keystate.ts", import.meta.url))
const keystate = (words: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  traced([source, ...words], env)

let place: string
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "keystate-assistance-"))
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

describe("the words help and version", () => {
  it("the words help and version stand for --help and --version, also before a command", () => {
    expect(asFlags(["help"])).toEqual(["--help"])
    expect(asFlags(["help", "kms", "Encrypt"])).toEqual(["kms", "Encrypt", "--help"])
    expect(asFlags(["version"])).toEqual(["--version"])
    expect(asFlags(["kms", "version"])).toEqual(["kms", "version"])
  })

  it("keystate version prints the version and exits with 0", async () => {
    const { exit, out } = await keystate(["version"])
    expect([exit, out.trim()]).toEqual([0, `keystate v${version}`])
  })
})

describe("the help", () => {
  it("an unknown command is refused with the nearest one, also where its help is requested", async () => {
    const calls = await Promise.all([["srve"], ["srve", "--help"], ["help", "srve"]].map((words) => keystate(words)))
    for (const { err, exit, out } of calls) {
      expect([exit, out]).toEqual([1, ""])
      expect(err).toContain("Did you mean this?\n    serve\n\nSee keystate --help.")
    }
  })

  it.each([
    [["kms", "Decryp", "--help"], "    Decrypt\n\nSee keystate kms --help."],
    [["kms", "Nothing", "-h"], 'Unknown subcommand "Nothing" for "keystate kms"\n\nSee keystate kms --help.'],
    [["help", "ram", "user", "lst"], "    list\n\nSee keystate ram user --help."]
  ])(
    "keystate %j refuses the unknown subcommand in place of printing the help of another command",
    async (given, text) => {
      const { err, isSuccess, out } = await said(...given)
      expect([isSuccess, out]).toEqual([false, ""])
      expect(err).toContain(text)
    }
  )

  it("prints the help of a command also if an argument follows its name", async () => {
    const { isSuccess, out } = await said("diagram", "anything", "--help")
    expect([isSuccess, out]).toEqual([true, expect.stringContaining("keystate diagram")])
  })

  it("the help of kms has every description in one column, and a blank line before the examples", async () => {
    const { out } = await keystate(["kms", "--help"])
    const [, list = ""] = /\nSUBCOMMANDS\n([\s\S]*?)\n\nEXAMPLES\n/.exec(out) ?? []
    const columns = list.split("\n").map((line) => /^  \S+ +/.exec(line)?.[0].length)
    expect(columns.length).toBeGreaterThan(50)
    expect(new Set(columns).size).toBe(1)
  })

  it("the help of an operation has its required parameters first, and those that it refuses after the others", async () => {
    const { out } = await said("kms", "ExportDataKey", "--help")
    const places = ["--CiphertextBlob", "--WrappingKeySpec", "--DryRun", "--endpoint "].map((flag) => out.indexOf(flag))
    expect(places).toEqual(places.toSorted((one, other) => one - other))
    const created = (await said("kms", "CreateKey", "--help")).out
    expect(created.indexOf("--DKMSInstanceId")).toBeGreaterThan(created.indexOf("--Tags"))
  })

  it.each([
    ["kms", "Encrypt"],
    ["ram", "user", "create"],
    ["explain", ""]
  ])("the help of %s %s %s names the settings of serve on one line, without their descriptions", async (...words) => {
    const { out } = await said(...words.filter((word) => word !== ""), "--help")
    expect(out).toMatch(
      /\n\n {2}Without --endpoint, also --store-password-file, .* --root-key-file, .*\. keystate serve --help describes them\.\n\nGLOBAL FLAGS\n/
    )
    expect(out).not.toMatch(/^ {2}--(crypto|hsm|quota|root-key-file) /m)
    expect(out.length).toBeLessThan(3000)
  })

  it.each([40, 80])(
    "the help of every command ends its lines between words on a terminal with %d columns",
    async (columns) => {
      const asOneLine = (text: string): string => text.replaceAll(/\s+/g, " ")
      for (const name of Object.keys(commands)) {
        const { out } = await said(name, "--help")
        const text = wrapped(out, columns)
        expect(asOneLine(text)).toBe(asOneLine(out))
        const tooLong = text.split("\n").filter((line) => line.length > columns && !line.includes("keystate "))
        expect(tooLong.filter((line) => line.trim().includes(" "))).toEqual([])
      }
    }
  )

  it.each([
    [["restore"], ["--region", "--account", "--audit", "--deletion-window-max"]],
    [["copy"], ["--region", "--account", "--audit", "--deletion-window-max"]],
    [["history"], ["--clock", "--quota", "--crypto", "--root-key-file"]],
    [["diagram"], ["--clock", "--quota", "--crypto", "--root-key-file"]],
    [["nodes"], ["sqlite", "memory"]],
    [["verify"], ["memory"]]
  ])("the help of %j lists no setting without an effect", async (words, absent) => {
    const { out } = await said(...words, "--help")
    expect(absent.filter((word) => new RegExp(`(^|[ ,])${word}([ ,]|$)`, "m").test(out))).toEqual([])
  })

  it.each([["ram", "user", "create"], ["explain"], ["diagram"], ["history"]])(
    "the help of %s %s %s begins with the flags of the command",
    async (...words) => {
      const { out } = await said(...words.filter(Boolean), "--help")
      expect(out).toMatch(/\nFLAGS\n {2}--(?!data )/)
      expect(out).toContain("\n  --data ")
    }
  )

  it("the help of conformance names the defaults of its flags", async () => {
    const { out } = await said("conformance", "--help")
    for (const flag of ["--endpoint", "--budget", "--profile", "--out"]) {
      expect(out).toMatch(new RegExp(`^  ${flag} .*\\(default: `, "m"))
    }
  })

  it.each(["--completions", "--wizard"])("%s is in the help of keystate alone", async (flag) => {
    expect((await said("--help")).out).toContain(flag)
    expect((await said("serve", "--help")).out).not.toContain(flag)
  })

  it("the help of keystate has examples for a newcomer", async () => {
    const { out } = await keystate([])
    for (const example of ["keystate demo", "keystate serve", "keystate help serve"]) {
      expect(out).toMatch(new RegExp(`^  ${example}$`, "m"))
    }
  })
})

describe("a wrong command line", () => {
  it.each([
    [["serve", "--prot", "1"], "--port\n\nSee keystate serve --help."],
    [["serve", "--port", "abc"], '--port takes a whole number, not "abc".\n\nSee keystate serve --help.'],
    [["kms", "Encrypt"], "Missing required flag: --KeyId\n  Missing required flag: --Plaintext\n\nSee keystate kms"],
    [["copy", "--from=x"], "ERROR\n  Missing required flag: --to\n"],
    [["ram", "policy", "create"], "Missing required argument: name\n  Missing required flag: --document\n"],
    [["kms", "ListKeys", "--ouput", "json"], "Did you mean this?\n    --output\n"],
    [["serve", "--audit", "never"], '--audit takes batched, strict, not "never".\n\nSee keystate serve --help.'],
    [["serve", "--clock"], "--clock needs a value: real, virtual.\n"],
    [["kms", "CreateKey", "--wizard"], "--wizard asks questions, and needs a terminal"],
    [["ram", "user", "create"], "Missing required argument: name\n\nSee keystate ram user create --help."],
    [["health", "--endpoint", "there"], '--endpoint takes a URL such as http://127.0.0.1:8787, not "there".'],
    [["kms", "ListKeys", "--endpoint", "there"], '--endpoint takes a URL such as http://127.0.0.1:8787, not "there".'],
    [["restore", "absent.backup"], "There is no file absent.backup."]
  ])("keystate %j ends with 1, prints nothing to stdout, and says what to correct", async (words, message) => {
    const { err, exit, out } = await keystate(words)
    expect([exit, out]).toEqual([1, ""])
    expect(err).toContain(message)
  })
})

describe("completions", () => {
  const asked = async (...words: ReadonlyArray<string>) => candidates(await keystateFor(words), words)

  it.each(["bash", "zsh", "fish"])(
    "completions for %s are a script of less than 50 kB that calls keystate --complete",
    (shell) => {
      const script = completionScript(shell) ?? ""
      expect(script).toContain("keystate --complete")
      expect(script.length).toBeLessThan(50_000)
    }
  )

  it("completions for bash are a script that bash can read and that completes a word", async () => {
    const script = completionScript("bash") ?? ""
    const shell = `keystate() { printf '%s\\n' "$@"; }\n${script}\nCOMP_WORDS=(keystate kms En); COMP_CWORD=2; _keystate; echo "\${COMPREPLY[*]}"`
    expect(execFileSync("bash", ["-c", shell], { encoding: "utf8" })).toBe("--complete kms En\n")
  })

  it("completions name every command, operation and flag", async () => {
    expect(await asked("")).toEqual(Object.keys(commands))
    expect(await asked("kms", "En")).toEqual(["EnableKey", "Encrypt"])
    expect(await asked("kms", "ScheduleKeyDeletion", "--Pen")).toEqual(["--PendingWindowInDays"])
    expect(await asked("serve", "--deletion-window")).toEqual(["--deletion-window-max"])
    expect(await asked("conformance", "--jun")).toEqual(["--junit"])
    expect(await asked("ram", "role", "create", "--tru")).toEqual(["--trust"])
  })

  it("completions name the words that a flag takes", async () => {
    expect(await asked("serve", "--clock", "")).toEqual(["real", "virtual"])
    expect(await asked("serve", "--store-tls", "v")).toEqual(["verify-full"])
  })

  it("refuses completions for a shell without a script", async () => {
    const { err, exit, out } = await keystate(["--completions", "tcsh"])
    expect([exit, out, err]).toEqual([1, "", "--completions takes bash, zsh or fish.\n"])
  })
})

describe("config show", () => {
  it("config show prints each setting and its source, without the password of a database", async () => {
    const file = join(place, "keystate.toml")
    writeFileSync(file, 'region = "cn-beijing"\nquotas = "keys=5"\nport = 1\n')
    const env = {
      KEYSTATE_CONFIG: file,
      KEYSTATE_PORT: "2",
      KEYSTATE_STORE: "postgres://keystate:hidden@db/keystate",
      KEYSTATE_TRUSTED_PROXIES: "10.0.0.1"
    }
    const { err, out } = await keystate(["config", "show", "--json", "--clock", "virtual"], env)
    const rows: ReadonlyArray<{ name: string; value: string; origin: string }> = JSON.parse(out)
    const shown = Object.fromEntries(rows.map(({ name, origin, value }) => [name, [value, origin]]))
    expect(err).toBe("")
    expect(shown).toMatchObject({
      clock: ["virtual", "--clock"],
      port: ["2", "KEYSTATE_PORT"],
      region: ["cn-beijing", file],
      quotas: ["keys=5", file],
      trustedProxies: ["10.0.0.1", "KEYSTATE_TRUSTED_PROXIES"],
      host: ["127.0.0.1", "default"]
    })
    expect(out).not.toContain("hidden")
  })
})

describe("doctor", () => {
  it("doctor finds nothing wrong on a machine that runs the tests", async () => {
    const { exit, out } = await keystate(["doctor", "--data", join(place, "none")])
    expect([exit, out]).toEqual([0, expect.stringMatching(/^ok +SQLite +3\.\d+\.\d+$/m)])
  })

  it("doctor fails for a root key that other users may read", async () => {
    const data = join(place, "open")
    mkdirSync(data)
    writeFileSync(join(data, "root.key"), "")
    chmodSync(join(data, "root.key"), 0o644)
    const { err, exit, out } = await keystate(["doctor", "--data", data])
    expect([exit, err]).toEqual([1, "1 check failed.\n"])
    expect(out).toMatch(/^FAILED +data directory +other users may read .*root\.key: chmod 600 /m)
  })
})

const words = ["kms", "DeleteAlias", "--AliasName", "alias/a", "--store", "memory"]

/** Runs the command at a terminal, and types `answer` when it asks. */
const atTerminal = (answer: string, ...more: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve) => {
    const line = [process.execPath, source, ...words, ...more].join(" ")
    const child = spawn("script", ["--quiet", "--command", line, "/dev/null"], { cwd: place })
    let seen = ""
    child.stdout.on("data", (chunk: Buffer) => {
      const wasAsked = seen.includes("Continue?")
      seen += chunk.toString()
      if (!wasAsked && seen.includes("Continue?")) child.stdin.write(answer)
    })
    child.on("close", () => resolve(seen))
  })

describe("destructive calls", () => {
  it("a destructive call asks at a terminal, not in the file of the result, and does nothing if the answer is no", async () => {
    const seen = await atTerminal("n\n", "> answer.json")
    expect(seen).toContain("Calls that use the alias fail from now on. Continue?")
    expect(seen).toContain("Nothing was done.")
    expect(seen).not.toContain("AliasNotFound")
    expect(readFileSync(join(place, "answer.json"), "utf8")).toBe("")
  })

  it("a destructive call goes on after yes, and does not ask with --yes or without a terminal", async () => {
    expect(await atTerminal("y\n")).toContain("Forbidden.AliasNotFound")
    const sure = await atTerminal("", "--yes")
    const { err } = await keystate(words)
    expect([sure.includes("Continue?"), sure.includes("AliasNotFound")]).toEqual([false, true])
    expect([err.includes("Continue?"), err.includes("AliasNotFound")]).toEqual([false, true])
  })
})
