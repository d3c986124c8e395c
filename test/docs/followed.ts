/** Pages whose commands the tests run in order, and whose outputs are compared with the shown ones. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect } from "vitest"
import { compileCache } from "../compileCache.ts"

/** How-to guides whose commands all run in order, in howTo.test.ts. */
export const followedGuides: ReadonlyArray<string> = ["import-key", "rotate"]

const root = fileURLToPath(new URL("../../", import.meta.url))

export interface Block {
  readonly language: string
  readonly text: string
}

/** The code blocks of a page, in order. */
export const blocksOf = (page: string): ReadonlyArray<Block> =>
  [...readFileSync(join(root, page), "utf8").matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(
    ([, language = "", text = ""]) => ({ language, text })
  )

/** A directory that looks like a clone to npm and Node. */
const clone = (): string => {
  const place = mkdtempSync(join(tmpdir(), "keystate-page-"))
  mkdirSync(join(place, "data"))
  for (const name of ["package.json", "node_modules", "src", "machines", "docs"])
    symlinkSync(join(root, name), join(place, name))
  return place
}

/** A text as a pattern that matches it alone. */
const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")

/** Each … on the page matches any text. */
export const expectShown = (printed: string, shown: string): void => {
  const pattern = shown.trimEnd().split("…").map(escaped).join("[\\s\\S]*?")
  expect(printed.trimEnd()).toMatch(new RegExp(`^${pattern}$`))
}

const valueAfter = (printed: string, name: string): string => new RegExp(`${name}\\s+(\\S+)`).exec(printed)?.[1] ?? ""

/** A server that a page's commands are run against. */
export interface Followed {
  readonly cwd: string
  /** What the server printed at its start. */
  readonly printed: string
  /** Replaces the placeholders of a page: its URL, `<AccessKeyId>`, `<AccessKeySecret>` and `<KeyId>`. */
  readonly filledIn: (text: string) => string
  /** Runs the commands of the blocks, writes their files, and compares the outputs that they show. */
  readonly follow: (blocks: ReadonlyArray<Block>) => Promise<void>
  readonly stop: () => Promise<void>
}

/** The exports of the tutorial. */
const exports = `export KEYSTATE_ENDPOINT=http://127.0.0.1:8787
export ALIBABA_CLOUD_ACCESS_KEY_ID=<AccessKeyId>
export ALIBABA_CLOUD_ACCESS_KEY_SECRET=<AccessKeySecret>
`

/** Starts a server by a command of a page, on a free port, in a directory that looks like a clone. */
export const followPage = async (serve: string, setUp: string = exports): Promise<Followed> => {
  const cwd = clone()
  const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`
  const env = { ...compileCache, PATH, HOME: cwd, KEYSTATE_PORT: "0" }
  const child = spawn("bash", ["-c", `exec ${serve}`], { cwd, env, stdio: ["ignore", "pipe", "inherit"] })
  const lines: Array<string> = []
  for await (const line of createInterface(child.stdout)) {
    lines.push(line)
    if (line.includes("Stop with Ctrl-C")) break
  }
  const printed = lines.join("\n")
  const values = new Map([
    ["http://127.0.0.1:8787", valueAfter(printed, "URL")],
    ["<AccessKeyId>", valueAfter(printed, "AccessKeyId")],
    ["<AccessKeySecret>", valueAfter(printed, "AccessKeySecret")]
  ])
  const filledIn = (text: string): string =>
    [...values].reduce((filled, [name, value]) => filled.replaceAll(name, value), text)
  /** The last key that a command of the page created. */
  const remember = (output: string): void => {
    const made = /"KeyMetadata": \{\s*"KeyId": "([^"]+)"/.exec(output)?.[1]
    if (made !== undefined) values.set("<KeyId>", made)
  }
  const follow = async (blocks: ReadonlyArray<Block>): Promise<void> => {
    expect(blocks.filter(({ text }) => text.trim() === "…")).toEqual([])
    let output = ""
    for (const { language, text } of blocks) {
      const file = /^(?:\/\/|#) (\S+\.\w+)\n/.exec(text)?.[1]
      if (file !== undefined) writeFileSync(join(cwd, file), filledIn(text))
      else if (language !== "sh") expectShown(output, text)
      else {
        const script = `${filledIn(setUp)}\n${filledIn(text)}`
        const ran = await promisify(execFile)("bash", ["-c", script], { cwd, env }).catch((failed) => failed)
        output = `${ran.stdout}${ran.stderr}`
        remember(output)
      }
    }
  }
  const stop = async (): Promise<void> => {
    const ended = once(child, "exit")
    child.kill()
    await ended
    rmSync(cwd, { recursive: true, force: true })
  }
  return { cwd, printed, filledIn, follow, stop }
}
