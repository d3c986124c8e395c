/** The examples of the guide to seeds work as described, and the command prints the documented text. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { compileCache } from "../compileCache.ts"
import { seedOf } from "./seeds.ts"
import { commandFile } from "../programs.ts"

const url = (path: string): URL => new URL(`../../${path}`, import.meta.url)
const command = await commandFile()
const guide = readFileSync(url("docs/how-to/seeds.md"), "utf8")

const block = (language: string): string => {
  const found = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1]
  if (found === undefined) throw new Error(`the guide has no example in ${language}`)
  return found
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keystate-guide-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Said {
  readonly exit: number
  readonly out: string
  readonly err: string
}

const node = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Promise<Said> =>
  new Promise((resolve) => {
    const options = { cwd: folder, env: { ...compileCache, ...env } }
    const child = execFile(process.execPath, [...args], options, (_error, out, err) =>
      resolve({ exit: child.exitCode ?? -1, out, err })
    )
  })

/** Runs a server until `work` is done; returns its output at the start. */
const serving = async <A>(args: ReadonlyArray<string>, work: (ready: string) => Promise<A>): Promise<A> => {
  const server = spawn(process.execPath, [command, "serve", "--port", "0", ...args], {
    cwd: folder,
    env: compileCache
  })
  const lines: Array<string> = []
  try {
    for await (const line of createInterface(server.stdout)) {
      lines.push(line)
      if (line.startsWith("{") || line.includes("Stop with Ctrl-C")) break
    }
    return await work(lines.join("\n"))
  } finally {
    const ended = once(server, "exit")
    server.kill("SIGTERM")
    await ended
  }
}

/** The arguments of a command in the guide. */
const argumentsOf = (line: string): ReadonlyArray<string> =>
  line.replace(/^npm (?:start -s|run -s keystate) -- /, "").split(" ")

describe("the guide to seeds", () => {
  it("the seed of the guide starts a server, and the guide's command encrypts with the alias", async () => {
    writeFileSync(join(folder, "seed.toml"), block("toml"))
    const [start = "", call = ""] = block("sh").trim().split("\n")
    await serving([...argumentsOf(start), "--json"], async (line) => {
      const ready: unknown = JSON.parse(line)
      expect(ready).toMatchObject({ seed: "seed.toml", store: "memory" })
      const { url: endpoint = "", accessKeyId = "", accessKeySecret = "" } = ready as Record<string, string>
      const env = { ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret }
      const said = await node([command, ...argumentsOf(call), "--endpoint", endpoint], env)
      expect([said.exit, JSON.parse(said.out)]).toEqual([
        0,
        expect.objectContaining({ KeyId: "5eed0000-0000-4000-8000-000000000001" })
      ])
    })
  })

  it("the script of the seed guide prints the documented output", async () => {
    const script = block("ts").replace("keystate/promise", url("src/promise.ts").href)
    writeFileSync(join(folder, "script.mts"), script)
    const said = await node([join(folder, "script.mts")])
    expect([said.err, said.out]).toEqual(["", block("text")])
  })
})

describe("the accounts of the guide", () => {
  it("a server creates the accounts of the seed guide, with the user, access key and policy", async () => {
    await using kms = await createKms({ clock: "virtual", fixtures: seedOf(block("json")) })
    const attached = await kms.listPoliciesForUser({ UserName: "shop" })
    expect(attached.Policies.Policy).toMatchObject([{ PolicyName: "use-orders" }])
    const keys = await kms.listAccessKeys({ UserName: "shop" })
    expect(JSON.stringify(keys)).toContain("LTAIseededShop")
  })
})

describe("the command", () => {
  it("the command says that a seed is not for production, and exports the seeded keys", async () => {
    writeFileSync(join(folder, "seed.toml"), block("toml"))
    const banner = await serving(["--seed", "seed.toml"], (ready) => Promise.resolve(ready))
    expect(banner).toMatch(/Seed +seed\.toml \(NOT FOR PRODUCTION/)
    const said = await node([command, "seed", "export"])
    expect([said.exit, said.err]).toEqual([0, expect.stringContaining("NOT FOR PRODUCTION")])
    const [first, second] = seedOf(said.out).keys ?? []
    expect(first?.versions?.[0]?.material).toBe("hPsJLtJZ5hvy9ZZPvsSHoYWNVERm91Ke++iFJW9wmDM=")
    expect([second?.spec, second?.versions]).toEqual(["EC_P256", undefined])
  })

  it("the command reads the seed from the environment, and refuses an invalid one with its faults", async () => {
    writeFileSync(join(folder, "seed.json"), '{"version":1,"keys":[{"id":"orders","material":"c2VjcmV0"}]}')
    const said = await node([command, "serve", "--store", "memory"], { KEYSTATE_SEED: "seed.json" })
    expect([said.exit, said.out]).toEqual([1, ""])
    expect(said.err).toContain("keys[0].id must be a UUID in lower case.")
    expect(said.err).not.toMatch(/c2VjcmV0|\bat .*:\d+/)
  })

  it.each([".", "nowhere.json"])("the command refuses a seed file that cannot be read: %s", async (path) => {
    const said = await node([command, "serve", "--store", "memory", "--seed", path])
    expect([said.exit, said.out]).toEqual([1, ""])
    expect(said.err).toContain(`The seed file ${path} `)
  })
})
