/** The tutorial is followed word for word: its commands run in order, and print what the page shows. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { compileCache } from "../compileCache.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))

interface Block {
  readonly language: string
  readonly text: string
}

const blocks: ReadonlyArray<Block> = [
  ...readFileSync(join(root, "docs/tutorial.md"), "utf8").matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)
].map(([, language = "", text = ""]) => ({ language, text }))

/** A directory that looks like a clone to npm and Node. */
const clone = (): string => {
  const place = mkdtempSync(join(tmpdir(), "keystate-tutorial-"))
  mkdirSync(join(place, "data"))
  for (const name of ["package.json", "node_modules", "src", "machines"])
    symlinkSync(join(root, name), join(place, name))
  return place
}

/** A text as a pattern that matches it alone. */
const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")

/** Each … on the page stands for any text. */
const expectShown = (printed: string, shown: string): void => {
  const pattern = shown.trimEnd().split("…").map(escaped).join("[\\s\\S]*?")
  expect(printed.trimEnd()).toMatch(new RegExp(`^${pattern}$`))
}

/** The server of the page's first block, on a free port. */
const startServer = async (command: string, cwd: string, env: NodeJS.ProcessEnv) => {
  const child = spawn("bash", ["-c", `exec ${command}`], { cwd, env, stdio: ["ignore", "pipe", "inherit"] })
  const lines: Array<string> = []
  for await (const line of createInterface(child.stdout)) {
    lines.push(line)
    if (line.includes("Stop with Ctrl-C")) break
  }
  return { child, printed: lines.join("\n") }
}

const valueAfter = (printed: string, name: string): string => new RegExp(`${name}\\s+(\\S+)`).exec(printed)?.[1] ?? ""

it("prints what its page shows when its commands are run", async () => {
  const cwd = clone()
  const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`
  const env = { ...compileCache, PATH, HOME: cwd, KEYSTATE_PORT: "0" }
  const [install, greeting, exports, ...steps] = blocks
  const serve = install?.text.trimEnd().split("\n").at(-1) ?? ""
  const { child, printed } = await startServer(serve, cwd, env)
  const url = valueAfter(printed, "URL")
  const values = new Map([
    ["http://127.0.0.1:8787", url],
    ["<AccessKeyId>", valueAfter(printed, "AccessKeyId")],
    ["<AccessKeySecret>", valueAfter(printed, "AccessKeySecret")]
  ])
  const filledIn = (text: string): string =>
    [...values].reduce((filled, [name, value]) => filled.replaceAll(name, value), text)
  expect(blocks.filter(({ text }) => text.trim() === "…")).toEqual([])
  try {
    expectShown(printed.trimStart(), filledIn(greeting?.text.trimStart() ?? ""))
    let output = ""
    for (const { language, text } of steps) {
      if (language === "ts") writeFileSync(join(cwd, /^\/\/ (\S+)/.exec(text)?.[1] ?? ""), text)
      else if (language !== "sh") expectShown(output, text)
      else {
        const script = `${filledIn(exports?.text ?? "")}\n${filledIn(text)}`
        const ran = await promisify(execFile)("bash", ["-c", script], { cwd, env }).catch((failed) => failed)
        output = `${ran.stdout}${ran.stderr}`
        const made = /"KeyId": "([^"]+)"/.exec(output)?.[1]
        if (made !== undefined && !values.has("<KeyId>")) values.set("<KeyId>", made)
      }
    }
  } finally {
    child.kill()
    await once(child, "exit")
    rmSync(cwd, { recursive: true, force: true })
  }
})
