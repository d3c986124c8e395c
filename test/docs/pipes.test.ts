/** Documented commands that are piped or redirected print only data, and accept a reader that stops early. */
import { execFile, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runConformance } from "../../src/conformance/run/run.ts"
import { createKms } from "../../src/promise.ts"
import { compileCache } from "../compileCache.ts"
import { faultyServices } from "../conformance/faultyServices.ts"
import { at } from "../console/startConsole.ts"
import { firstLine } from "../output.ts"
import { commandFile } from "../programs.ts"
import { example } from "../seed/seeds.ts"
import { followedGuides } from "./followed.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const place = mkdtempSync(join(tmpdir(), "keystate-pipes-"))
const data = join(place, "data")
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** A clone's command as the documents write it. */
const command = "npm run -s keystate --"

interface Ran {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** The bundled Node is first on the PATH, as in npm scripts; `keystate` is the command of an installed package. */
const preamble = `set -o pipefail; PATH="${dirname(process.execPath)}:$PATH"; keystate() { node ${await commandFile()} "$@"; }; `

const shell = (script: string): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { ...compileCache, PATH: process.env["PATH"] ?? "", HOME: place, DATA: data }
    const options = { cwd: root, env, encoding: "buffer", maxBuffer: 2 ** 28 } as const
    const child = execFile("bash", ["-c", preamble + script], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr: stderr.toString() })
    )
  })

/** `seed export` warns that material is in the clear. */
const isQuiet = (stderr: string): boolean => /^(keystate: this seed holds .*\n)?$/.test(stderr)

const outputOf = async (script: string): Promise<string> => {
  const { code, stdout, stderr } = await shell(script)
  expect([script, code, isQuiet(stderr) ? "" : stderr]).toEqual([script, 0, ""])
  return stdout.toString()
}

const linesOf = (text: string): ReadonlyArray<unknown> => {
  expect(text.endsWith("\n")).toBe(true)
  return text
    .slice(0, -1)
    .split("\n")
    .map((line): unknown => JSON.parse(line))
}

beforeAll(async () => {
  const kms = await createKms({ store: { directory: data, create: true }, fixtures: example })
  for (let call = 0; call < 400; call++) await kms.describeKey({ KeyId: "alias/orders" })
  await kms.close()
})

/** Another test runs these guides from beginning to end. */
const isFollowed = (path: string): boolean => followedGuides.some((name) => path === `docs/how-to/${name}.md`)

const markdown = [
  "README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !name.startsWith("decisions"))
    .map((name) => join("docs", name))
    .filter((path) => !isFollowed(path))
]

/** Command lines of the shell blocks in the documents, and the examples of every help page. */
const documented = (): ReadonlyArray<string> => {
  const blocks = markdown.flatMap((path) => [
    ...readFileSync(join(root, path), "utf8").matchAll(/^```sh\n([\s\S]*?)^```/gm)
  ])
  const lines = blocks.flatMap(([, block = ""]) => block.replaceAll("\\\n", " ").split("\n"))
  const sources = readdirSync(join(root, "src", "cli"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(root, "src", "cli", name), "utf8"))
  const examples = sources.flatMap((source) => [...source.matchAll(/command: ["'](keystate [^\n]*?)["'],/g)])
  return [...lines, ...examples.map(([, line = ""]) => line)]
    .map((line) => line.replace(/\s+#\s.*$/, "").trim())
    .filter((line) => /\b(npm (run|start)|npx|keystate)\b/.test(line))
}

const isPiped = (line: string): boolean => /[^<]>[^=]|\||\$\(|-o -/.test(line.replaceAll(/<\w+>/g, ""))

/** Each documented line that pipes or redirects, with a check of its output. */
const readers: Readonly<Record<string, (line: string) => Promise<void>>> = {
  "npm run -s keystate -- seed export > seed.json": async (line) => {
    const file = join(place, "seed.json")
    await outputOf(line.replace("seed export", `seed export --data ${data}`).replace("seed.json", file))
    expect(at(JSON.parse(readFileSync(file, "utf8")), "version")).toBe(1)
  },
  "keystate seed export > seed.json": async (line) => {
    const file = join(place, "seed.json")
    await outputOf(line.replace("seed export", `seed export --data ${data}`).replace("seed.json", file))
    expect(at(JSON.parse(readFileSync(file, "utf8")), "version")).toBe(1)
  },
  "keystate conformance issue --law KMS-LC-003 report.json > issue.md": async (line) => {
    const [from, to] = [join(place, "report.json"), join(place, "issue.md")]
    const faulty = faultyServices.decryptsWhenDisabled()
    const report = await runConformance(faulty, { seed: "pipes", profiles: ["core"], phases: ["exhaustive"] })
    writeFileSync(from, JSON.stringify(report))
    await outputOf(line.replace("report.json", from).replace("issue.md", to))
    expect(readFileSync(to, "utf8")).toMatch(/^# A Disabled key never decrypts/)
  },
  "npm run -s keystate -- seed export --data .keystate > seed.json": async (line) => {
    const file = join(place, "seed.json")
    await outputOf(line.replace(".keystate", data).replace("seed.json", file))
    expect(at(JSON.parse(readFileSync(file, "utf8")), "keys", 0, "aliases")).toEqual(["alias/orders"])
  },
  "keystate backup --data .keystate | gzip > keystate.backup.gz": async (line) => {
    const file = join(place, "keystate.backup.gz")
    await outputOf(line.replace(".keystate", data).replace("keystate.backup.gz", file))
    const verified = await outputOf(`zcat ${file} | keystate verify --backup - --root-key-file ${data}/root.key`)
    expect(at(JSON.parse(verified), "findings")).toEqual([])
  },
  "keystate audit --refused --newest-first | head": async (line) => {
    expect(await outputOf(line.replace("audit", `audit --data ${data}`))).toBe("")
    expect(linesOf(await outputOf(line.replace("audit --refused", `audit --data ${data}`))).length).toBe(10)
  }
}

describe("the documentation's pipes", () => {
  it("the documentation pipes and redirects only commands that these tests run", () => {
    expect(documented().length).toBeGreaterThan(40)
    expect(documented().filter(isPiped).toSorted()).toEqual(Object.keys(readers).toSorted())
  })

  it.each(Object.entries(readers))("a documented pipe passes data: %s", async (line, check) => {
    await check(line)
  })

  it("the documentation runs npm scripts that print data with -s", () => {
    const scripts = documented().filter((line) => /\bnpm (run keystate|run -s keystate|start .)/.test(line))
    expect(scripts.length).toBeGreaterThan(20)
    expect(scripts.filter((line) => !/\bnpm (run -s keystate|start -s) -- /.test(line))).toEqual([])
  })
})

describe("commands that print only data to stdout", () => {
  const stored = "--data $DATA"
  const jsons: ReadonlyArray<readonly [string, (value: unknown) => void]> = [
    [`verify ${stored}`, (value) => expect(at(value, "findings")).toEqual([])],
    [`seed export ${stored}`, (value) => expect(at(value, "version")).toBe(1)],
    [
      `kms DescribeKey --KeyId alias/orders ${stored}`,
      (value) => expect(at(value, "KeyMetadata", "KeyState")).toBe("Enabled")
    ],
    [`audit --verify ${stored}`, (value) => expect(typeof value).toBe("object")],
    [`ram user create alice --json ${stored}`, (value) => expect(at(value, "User", "UserName")).toBe("alice")],
    ["diagram cmk --format json", (value) => expect(typeof value).toBe("object")]
  ]
  it.each(jsons)("keystate %s writes only JSON to stdout", async (words, check) => {
    check(JSON.parse(await outputOf(`keystate ${words}`)))
  })

  it("audit and history write one line of JSON for each record to stdout", async () => {
    expect(linesOf(await outputOf(`keystate audit ${stored}`)).length).toBeGreaterThan(400)
    expect(at(linesOf(await outputOf(`keystate history alias/orders ${stored}`)), 0, "seq")).toBe(1)
  })

  it.each([
    ["svg", "<svg"],
    ["png", "\u0089PNG"],
    ["dot", "digraph"]
  ])("diagram -o - writes only the %s to stdout", async (format, start) => {
    const { code, stdout, stderr } = await shell(`keystate diagram cmk --format ${format} -o -`)
    expect([code, stderr, stdout.toString("latin1").slice(0, start.length)]).toEqual([0, "", start])
  })

  it("a server with --json writes one line of JSON to stdout", async () => {
    const line = "npm start -s -- --json --store memory --port 0"
    const child = spawn("bash", ["-c", `${preamble}exec ${line}`], { cwd: root, detached: true })
    let said = ""
    child.stdout.on("data", (part: Buffer) => (said += part.toString()))
    await firstLine(child.stdout)
    const gone = new Promise((resolve) => child.once("close", resolve))
    // npm, its shell and the server are one group.
    if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM")
    await gone
    expect(linesOf(said)).toMatchObject([{ store: "memory", url: expect.stringMatching(/^http:/) }])
  })
})

describe("readers of standard output", () => {
  const longOutputs = [
    "audit --data $DATA",
    "seed export --data $DATA",
    "diagram cmk --format png --scale 4 -o -",
    "diagram cmk --format svg -o -",
    "kms --help"
  ]

  it.each(longOutputs)("a command ends without an error when its reader stops after a byte: %s", async (words) => {
    const { code, stdout, stderr } = await shell(`${command} ${words} | head -c 1`)
    expect([code, stdout.length, isQuiet(stderr) ? "" : stderr]).toEqual([0, 1, ""])
  })

  it.each(longOutputs)("a command ends without an error when a reader of both streams stops: %s", async (words) => {
    const { code, stdout } = await shell(`keystate ${words} 2>&1 | head -c 1`)
    expect([code, stdout.length]).toEqual([0, 1])
  })

  it("a slow reader gets the whole output of a command", async () => {
    const fast = await outputOf(`keystate audit --data ${data}`)
    expect(fast.length).toBeGreaterThan(70_000)
    expect(await outputOf(`keystate audit --data ${data} | (sleep 2; cat)`)).toBe(fast)
    const file = join(place, "drawn.png")
    await outputOf(`keystate diagram cmk --scale 4 -o ${file}`)
    const { stdout } = await shell(`keystate diagram cmk --format png --scale 4 -o - | (sleep 2; cat)`)
    expect(stdout.length).toBe(statSync(file).size)
  })
})
