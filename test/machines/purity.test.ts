/** The machines use no clock, no randomness and no I/O, which a scan of their text checks. */
import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"

const folder = new URL("../../machines/", import.meta.url)
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))

/** Comments may mention dates; code may not. */
const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/gu, "")

const importsOf = (code: string): ReadonlyArray<string> =>
  Array.from(
    code.matchAll(/(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'`]([^"'`]+)["'`]/gu),
    ([, specifier = ""]) => specifier
  )

const isOwn = (specifier: string): boolean => specifier === "xstate" || /^\.\/(?:[\w-]+\/)*[\w-]+\.ts$/u.test(specifier)

/** Code that reads a clock, draws a number, waits or does I/O; `after` is XState's own timer. */
const forbidden = [
  /\bDate\b/u,
  /\bMath\s*\.\s*random\b/u,
  /\bsetTimeout\b/u,
  /\bsetInterval\b/u,
  /\bsetImmediate\b/u,
  /\bqueueMicrotask\b/u,
  /\bperformance\b/u,
  /\bprocess\b/u,
  /\bcrypto\b/u,
  /\bfetch\b/u,
  /\bglobalThis\b/u,
  /["']?\bafter\b["']?\s*:/u,
  /\bdelays?\s*:/u,
  /\binvoke\s*:/u,
  /\bawait\b|\basync\b/u
]

const faultsOf = (text: string): ReadonlyArray<string> => {
  const code = withoutComments(text)
  return [
    ...importsOf(code).filter((specifier) => !isOwn(specifier)),
    ...(/\bimport\s*\(|\brequire\s*\(/u.test(code) ? ["an import at run time"] : []),
    ...forbidden.filter((pattern) => pattern.test(code)).map(String)
  ]
}

describe("the machines", () => {
  it("the purity scan reads all machines", () => {
    expect(files).toEqual(expect.arrayContaining(["cmk.ts", "deadlines.ts", "invariants.ts", "permits.ts"]))
  })

  it.each(files)("%s imports only xstate and other machine files, and uses no clock, randomness or I/O", (name) => {
    expect(faultsOf(readFileSync(new URL(name, folder), "utf8"))).toEqual([])
  })
})

describe("the purity scan", () => {
  it.each([
    'import { Effect } from "effect"',
    'import type { KeyId } from "../src/domain/ids.ts"',
    'import "node:fs"',
    'export { x } from "xstate/graph"',
    'const lazy = import("./cmk.ts")',
    "const at = new Date().getTime()",
    "const at = Date.now()",
    "const dice = Math.random()",
    "setTimeout(() => {}, 5)",
    "const state = { after: { 1000: 'Deleted' } }",
    "const id = crypto.randomUUID()"
  ])("the purity scan catches %s", (text) => {
    expect(faultsOf(text)).not.toEqual([])
  })

  it.each([
    "// the Date header is none of ours",
    "/** setTimeout would overflow */",
    'import { setup } from "xstate"',
    'import type { CmkEvent } from "./cmk.ts"',
    "const LastRotationDate = 1"
  ])("the purity scan permits %s", (text) => {
    expect(faultsOf(text)).toEqual([])
  })
})
