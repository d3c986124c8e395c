/** `keystate diagram` and `keystate history`: their output and exit codes. */
import { execFile, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { compileCache } from "../compileCache.ts"
import { makeStore } from "./stores.ts"
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { patience } from "../patience.ts"
import { made } from "../../src/cli/diagram/made.ts"
import { momentsUntil, readHistory } from "../../src/cli/data/keyHistory.ts"
import { commandFile } from "../programs.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const command = await commandFile()

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keystate-diagram-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Said {
  readonly exit: number
  readonly out: string
  readonly err: string
}

const keystateIn = (cwd: string, args: ReadonlyArray<string>): Promise<Said> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [command, ...args], { cwd, env: compileCache }, (_error, out, err) =>
      resolve({ exit: child.exitCode ?? -1, out, err })
    )
  })
const keystate = (...args: ReadonlyArray<string>): Promise<Said> => keystateIn(folder, args)
const diagram = (...args: ReadonlyArray<string>): Promise<Said> => keystate("diagram", ...args)
const written = (name: string): string => readFileSync(join(folder, name), "utf8")
const put = (name: string, text: string): void => writeFileSync(join(folder, name), text)

const refused = ({ exit, err }: Said, message: string): void => {
  expect(exit).toBe(1)
  expect(err).toContain(message)
  expect(err).not.toMatch(/\bat .*:\d+/)
}

describe("the drawings of this project", () => {
  it.each(["README.md", "docs/how-to/diagrams.md"])(
    "the drawings in %s are up to date (npm run docs makes them)",
    async (file) => {
      const said = await keystateIn(root, ["diagram", "check", file])
      expect(said, said.err).toMatchObject({ exit: 0 })
    }
  )
})

describe("keystate diagram", () => {
  it("diagram chooses the format by the file's name", async () => {
    expect(await diagram("-o", "pictures/a.svg")).toEqual({ exit: 0, out: "", err: "" })
    expect(written("pictures/a.svg")).toMatch(/^<svg /)
    for (const [output, begins] of [
      ["a.svg", "<svg "],
      ["a.mmd", "stateDiagram-v2"],
      ["a.puml", "@startuml"],
      ["a.dot", 'digraph "cmk"'],
      ["a.scxml", "<?xml"],
      ["a.smcat", '"state" [label="cmk" type=parallel'],
      ["a.json", "{"],
      ["A.TXT", "cmk\n"]
    ] as const) {
      const { content } = await Effect.runPromise(made({ machine: "cmk", output }))
      expect(String(content).startsWith(begins), output).toBe(true)
    }
    const { content } = await Effect.runPromise(made({ machine: "importSession", output: "a.png", scale: 1 }))
    expect(Buffer.from(content).subarray(1, 4).toString()).toBe("PNG")
  })

  it("diagram writes to stdout for -o - and without -o, as Mermaid by default", async () => {
    const [nothing, dash, text] = await Promise.all([
      diagram(),
      diagram("-o", "-"),
      diagram("importSession", "--format", "text")
    ])
    expect(nothing.out).toMatch(/^stateDiagram-v2\n/)
    expect(dash.out).toBe(nothing.out)
    expect(text.out).toMatch(/^importSession\n/)
  })

  it("diagram draws a path, and exits with 3 if a step is refused", async () => {
    const said = await diagram("--path", "CreateKey,DisableKey,Encrypt", "-o", "path.svg")
    expect(said.exit).toBe(3)
    expect(said.err).toBe("Step 3, Encrypt, is refused in Disabled: Rejected.Disabled. Call EnableKey first.\n")
    expect(written("path.svg")).toContain('data-code="Rejected.Disabled"')
    const legal = await diagram("--path", "CreateKey:EXTERNAL,ImportKeyMaterial,MaterialExpired", "--format", "text")
    expect(legal.exit).toBe(0)
    expect(legal.out).toContain("3 MaterialExpired → PendingImport, rotation Unsupported")
  })

  it.each([
    [{ output: "a.gif" }, "The name a.gif has no ending of a known format"],
    [{ format: "gif" }, "--format takes svg, png"],
    [{ theme: "pink" }, "--theme takes light, dark, mono"],
    [{ scale: 0 }, "--scale takes a number above 0 and at most 10, not 0."],
    [{ region: "nowhere" }, "cmk has no region nowhere. Its regions are lifecycle, rotation."],
    [{ machine: "nothing" }, "No machine and no file is named nothing"],
    [{ path: "EnableKey" }, "A path begins with CreateKey"],
    [{ path: "CreateKey,Fly" }, "Step 2: unknown operation Fly."],
    [{ path: "CreateKey,DeletionDue" }, "the key has no deadline DeletionDue"],
    [{ machine: "importSession", path: "CreateKey" }, "need the machine cmk"]
  ])("diagram refuses %j with the reason", async (wanted, message) => {
    const error = await Effect.runPromise(Effect.flip(made({ machine: "cmk", ...wanted })))
    expect(error.message).toContain(message)
  })

  it("diagram exits with 1 for wrong arguments", async () => {
    refused(await diagram("--at", "3"), "--at needs --key or --history")
    refused(await diagram("-o", join(folder, "pictures", "a.svg", "b.svg")), "cannot be written")
  })

  it("diagram list names the machines", async () => {
    const { out } = await diagram("list")
    expect((await diagram("ls")).out).toBe(out)
    expect(out).toMatch(/^cmk +9 states/m)
    expect(out).toMatch(/^importSession +3 states/m)
    expect(out).toMatch(/^aws +5 states/m)
  })

  it("diagram draws the machine of another service in every format", async () => {
    for (const [output, begins] of [
      ["aws.svg", "<svg "],
      ["aws.mmd", "stateDiagram-v2"],
      ["aws.puml", "@startuml"],
      ["aws.dot", 'digraph "aws"'],
      ["aws.scxml", "<?xml"],
      ["aws.txt", "aws\n"]
    ] as const) {
      const { content } = await Effect.runPromise(made({ machine: "aws", output }))
      expect(String(content).startsWith(begins), output).toBe(true)
    }
    const { content } = await Effect.runPromise(made({ machine: "google", format: "text" }))
    expect(String(content)).toContain("→ Disabled: cryptoKeyVersions.restore")
  })

  it("diagram closes boxes below a level, and refuses a level below one", async () => {
    const { content } = await Effect.runPromise(made({ machine: "cmk", format: "text", depth: 1 }))
    expect(String(content)).toContain("5 states inside")
    const failed = await Effect.runPromise(Effect.flip(made({ machine: "cmk", format: "text", depth: 0 })))
    expect(failed.message).toContain("--depth takes")
  })

  it("diagram numbers a step that changes no state at the current state", async () => {
    const { content } = await Effect.runPromise(
      made({ machine: "cmk", format: "svg", path: "CreateKey,Encrypt,DisableKey" })
    )
    expect(String(content)).toContain(">2 \u21bb</text>")
  })

  it("diagram --watch draws again when the module of the machine changes", async () => {
    const lamp = (event: string): string =>
      `import { createMachine } from ${JSON.stringify(import.meta.resolve("xstate"))}
       export const lamp = createMachine({ initial: "off", states: { off: { on: { ${event}: "off2" } }, off2: {} } })`
    put("watched.mjs", lamp("first"))
    const args = [command, "diagram", "./watched.mjs", "--format", "text", "--watch", "-o", "watched.txt"]
    const child = spawn(process.execPath, args, { cwd: folder, env: compileCache, stdio: "ignore" })
    const shows = (event: string) =>
      vi.waitFor(() => expect(written("watched.txt")).toContain(event), { timeout: patience, interval: 100 })
    try {
      await shows("first")
      const again = setInterval(() => put("watched.mjs", lamp("second")), 500)
      await shows("second").finally(() => clearInterval(again))
    } finally {
      child.kill("SIGINT")
      await new Promise((resolve) => child.once("close", resolve))
    }
  })

  it("diagram draws a machine of any module", async () => {
    const xstate = JSON.stringify(import.meta.resolve("xstate"))
    put(
      "lamp.mjs",
      `import { createMachine } from ${xstate}\n` +
        `export const lamp = createMachine({ id: "lamp", initial: "off", states: { off: { on: { press: "on" } }, on: { after: { 500: "off" } } } })\n`
    )
    put("none.mjs", "export const x = 1\n")
    put("broken.mjs", "throw new Error('no such luck')\n")
    expect(await diagram("./lamp.mjs#lamp", "-o", "lamp.svg")).toEqual({ exit: 0, out: "", err: "" })
    expect(written("lamp.svg")).toContain('data-event="after 500 ms"')
    expect((await diagram("./lamp.mjs", "--format", "mermaid")).out).toContain("lamp_off --> lamp_on : press")
    refused(
      await diagram("./lamp.mjs#other"),
      "./lamp.mjs exports no machine other. Name one as ./lamp.mjs#EXPORT: lamp."
    )
    refused(await diagram("./none.mjs"), "./none.mjs exports no XState machine")
    refused(await diagram("./broken.mjs"), "./broken.mjs cannot be loaded: no such luck")
  })
})

describe("keystate diagram without optional packages", () => {
  /** Node without any of the optional packages. */
  const hooks = `import { registerHooks } from "node:module"
registerHooks({ resolve(name, context, next) {
  if (/^(elkjs|@resvg|@expo-google-fonts)/.test(name)) throw new Error("not installed")
  return next(name, context)
} })`
  const without = (...args: ReadonlyArray<string>): Promise<Said> => {
    const hook = `--import=data:text/javascript,${encodeURIComponent(hooks)}`
    return new Promise((resolve) => {
      const words = [hook, command, "diagram", ...args]
      const child = execFile(process.execPath, words, { cwd: folder, env: compileCache }, (_error, out, err) =>
        resolve({ exit: child.exitCode ?? -1, out, err })
      )
    })
  }

  it("diagram draws Keystate's machines without optional packages, and names a package that is missing", async () => {
    expect((await without("cmk", "--format", "svg")).out).toMatch(/^<svg /)
    refused(await without("cmk", "--format", "png"), "A PNG needs two packages: npm install @resvg/resvg-js")
    put("bulb.mjs", `export { bulb } from "./made.mjs"\n`)
    put(
      "made.mjs",
      `import { createMachine } from ${JSON.stringify(import.meta.resolve("xstate"))}\n` +
        `export const bulb = createMachine({ id: "bulb", initial: "off", states: { off: {} } })\n`
    )
    refused(await without("./bulb.mjs", "-o", "bulb.svg"), "needs the package elkjs: npm install elkjs")
    expect((await without("./bulb.mjs", "--format", "mermaid")).out).toContain("bulb_off")
  })
})

describe("keystate diagram table", () => {
  it("diagram table prints the same content in each of its formats", async () => {
    const [md, csv, html] = await Promise.all(
      ["md", "csv", "html"].map(async (format) => (await diagram("table", "--format", format)).out)
    )
    expect(csv).toContain("symmetric,Encrypt,Disabled,Rejected.Disabled\r\n")
    expect(csv).toContain("external,ImportKeyMaterial,PendingImport,Success\r\n")
    const refusals = (csv ?? "").split("\r\n").filter((line) => line !== "" && !line.endsWith(",Success")).length - 1
    expect(html?.match(/<td>✗/g)).toHaveLength(refusals)
    expect(md).toContain("| `Encrypt` | Success | `Rejected.Disabled` | `Rejected.PendingDeletion` |")
  })

  it("diagram table prints the tables of another service, and refuses a name that it does not know", async () => {
    const [md, csv, unknown] = await Promise.all([
      diagram("table", "aws"),
      diagram("table", "google", "--format", "csv"),
      diagram("table", "importSession")
    ])
    expect(md.out).toContain("| `Encrypt` | Success | `DisabledException` | `KMSInvalidStateException` |")
    expect(csv.out).toContain("symmetric,cryptoKeys.encrypt,Disabled,FAILED_PRECONDITION\r\n")
    refused(unknown, "No table has the name importSession. Give one of cmk, aws, vault, google.")
  })
})

describe("keystate diagram check and update", () => {
  const stale =
    "<!-- keystate diagram --only rotation -->\n```mermaid\nold\n```\n<!-- keystate diagram -o pictures/b.svg -->\n"
  beforeEach(() => put("page.md", stale))

  it("diagram check reports outdated drawings, and diagram update renews them", async () => {
    const first = await diagram("check", "page.md")
    expect(first.exit).toBe(2)
    expect(first.err).toBe(
      "page.md:1: the mermaid block below is out of date.\npage.md:5: pictures/b.svg is out of date.\n" +
        "Run: keystate diagram update page.md\n"
    )
    expect(written("page.md")).toBe(stale)
    expect((await diagram("update", "page.md")).out).toBe("page.md: 2 of 2 drawings updated.\n")
    expect(await diagram("check", "page.md")).toMatchObject({ exit: 0, err: "" })
    expect(written("page.md")).toContain("Suspended")
    expect(written("pictures/b.svg")).toMatch(/^<svg /)
    put("pictures/b.svg", "other")
    expect((await diagram("check", "page.md")).exit).toBe(2)
  })

  it("diagram check and update refuse a page without drawings and an invalid drawing", async () => {
    put("bad.md", "\n<!-- keystate diagram --theme pink -o a.svg -->\n")
    refused(await diagram("update", "bad.md"), "bad.md:2: --theme takes light, dark, mono")
    put("empty.md", "nothing\n")
    refused(await diagram("check", "empty.md"), "empty.md has no drawings")
  })
})

describe("a key's history", () => {
  const data = ["--data", "keys"]
  let keyId: string
  beforeAll(async () => {
    await makeStore(join(folder, "keys"))
    const { out } = await keystate("kms", "CreateKey", ...data)
    keyId = /"KeyId": "([^"]+)"/.exec(out)?.[1] ?? ""
    await keystate("kms", "CreateAlias", "--AliasName", "alias/orders", "--KeyId", keyId, ...data)
    await keystate("kms", "UpdateKeyDescription", "--KeyId", keyId, "--Description", "\u001b[31m<b>", ...data)
    await keystate("kms", "DisableKey", "--KeyId", keyId, ...data)
    await keystate("kms", "ScheduleKeyDeletion", "--KeyId", keyId, "--PendingWindowInDays", "7", ...data)
  })

  it("history prints a key's history as lines of JSON, and diagram draws each event of the history", async () => {
    expect(await keystate("history", "alias/orders", "-o", "orders.ndjson", ...data)).toMatchObject({
      exit: 0,
      err: ""
    })
    const lines = written("orders.ndjson").trimEnd().split("\n")
    expect(lines.map((line) => (JSON.parse(line) as { readonly seq: number }).seq)).toEqual([1, 2, 3, 4, 5])
    expect(written("orders.ndjson")).not.toContain("\u001b")
    const now = await diagram("--history", "orders.ndjson", "--format", "text")
    expect(now.out).toContain("▶ PendingDeletion")
    expect(now.out).toContain("4 DisableKey → Disabled, rotation Disabled")
    const then = await diagram("--history", "orders.ndjson", "--at", "4", "--format", "text")
    expect(then.out).toMatch(/^ *▶ Disabled$/m)
    expect((await diagram("--history", "orders.ndjson", "--format", "svg")).out).toContain(">now<")
    expect((await diagram("--history", "orders.ndjson", "--at", "4", "--format", "svg")).out).toContain(">then<")
  })

  it("diagram --key highlights the state of the key", async () => {
    expect(await diagram("--key", keyId, "-o", "key.svg", ...data)).toMatchObject({ exit: 0, err: "" })
    expect(written("key.svg")).toContain(`<title id="title">${keyId} after event 5</title>`)
    expect(written("key.svg")).toMatch(/data-state="lifecycle.PendingDeletion" data-is="active"/)
    refused(await diagram("--key", "alias/absent", ...data), "Forbidden.AliasNotFound")
  })

  it("diagram refuses a history that no key could have had", async () => {
    await keystate("history", keyId, "-o", "own.ndjson", ...data)
    const lines = written("own.ndjson").trimEnd().split("\n")
    put("forged.ndjson", [lines[0], lines[3]?.replace("DisableKey", "CancelKeyDeletion")].join("\n"))
    refused(await diagram("--history", "forged.ndjson"), "The machine does not take event 4, CancelKeyDeletion.")
    put("garbage.ndjson", `${lines[0]}\n{"seq":2}\n`)
    put("empty.ndjson", "")
    const readAt = (name: string, at?: number) =>
      Effect.runPromise(
        Effect.flip(Effect.flatMap(readHistory(join(folder, name)), (history) => momentsUntil(history, at)))
      )
    expect((await readAt("garbage.ndjson")).message).toContain("garbage.ndjson is not an event of a key history.")
    expect((await readAt("empty.ndjson")).message).toContain("empty.ndjson is empty")
    expect((await readAt("own.ndjson", 9)).message).toContain("1 to 5, not 9")
  })
})
