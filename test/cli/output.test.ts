/** `--output` and `--quiet`: every result in each format, and errors and notes as JSON if JSON is asked for. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { messageShapes, shapes } from "../../src/cli/output/shapes.ts"
import { styleOf } from "../../src/cli/output/style.ts"
import { createKms } from "../../src/promise.ts"
import { example } from "../seed/seeds.ts"
import { said } from "./inProcess.ts"

const place = mkdtempSync(join(tmpdir(), "keystate-output-"))
const data = join(place, "data")
const at = (name: string): string => join(place, name)
afterAll(() => rmSync(place, { recursive: true, force: true }))

beforeAll(async () => {
  const kms = await createKms({ store: { directory: data, create: true }, fixtures: example })
  await kms.describeKey({ KeyId: "alias/orders" })
  await kms.close()
  writeFileSync(at("drawings.md"), "<!-- keystate diagram importSession -->\n\n```mermaid\n```\n")
})

/** Fails for a missing, wrong or undocumented member. */
const conforms = (shape: Schema.Codec<unknown>, value: unknown): void => {
  Schema.decodeUnknownSync(shape, { onExcessProperty: "error" })(value)
}

const jsonOf = (line: string): unknown => JSON.parse(line)
const linesOf = (text: string): ReadonlyArray<unknown> => text.trimEnd().split("\n").map(jsonOf)

const stored = ["--data", data]

/** Each command that prints one value, and the name of its shape. */
const values: ReadonlyArray<readonly [keyof typeof shapes, ReadonlyArray<string>]> = [
  ["version", ["version"]],
  ["doctor", ["doctor", ...stored]],
  ["config show", ["config", "show"]],
  ["audit --verify", ["audit", "--verify", ...stored]],
  ["verify", ["verify", ...stored]],
  ["backup", ["backup", ...stored, "-o", at("keystate.backup")]],
  ["verify --backup", ["verify", "--backup", at("keystate.backup"), "--root-key-file", join(data, "root.key")]],
  ["restore", ["restore", at("keystate.backup"), "--data", at("restored"), "--root-key-file", join(data, "root.key")]],
  ["copy", ["copy", "--from", data, "--to", at("copied")]],
  [
    "reseal",
    ["reseal", "--data", at("copied"), "--root-key-file", join(data, "root.key"), "--new-root-key-file", at("new.key")]
  ],
  ["diagram list", ["diagram", "list"]],
  ["diagram update", ["diagram", "update", at("drawings.md")]],
  ["diagram check", ["diagram", "check", at("drawings.md")]]
]

describe("--output json", () => {
  it.each(values)("--output json prints the documented members: %s", async (name, words) => {
    const { err, isSuccess, out } = await said(...words, "--output", "json")
    expect([isSuccess, isSuccess ? "" : err]).toEqual([true, ""])
    conforms(shapes[name], jsonOf(out))
    for (const line of err === "" ? [] : linesOf(err)) conforms(messageShapes.note, line)
  })

  it.each([
    ["audit", ["audit", ...stored]],
    ["history", ["history", "alias/orders", ...stored]]
  ] as const)("--output json prints one array of the documented items: %s", async (name, words) => {
    const { out } = await said(...words, "--output", "json")
    conforms(Schema.Array<Schema.Codec<unknown>>(shapes[name]), jsonOf(out))
    const lines = linesOf((await said(...words)).out)
    expect(lines.length).toBeGreaterThan(0)
    expect(jsonOf(out)).toEqual(name === "history" ? lines : expect.arrayContaining([lines[0]]))
  })

  it("--output json prints an empty list as an empty array", async () => {
    expect(jsonOf((await said("audit", "--outcome", "Nothing", ...stored, "--output", "json")).out)).toEqual([])
  })
})

describe("--output jsonl", () => {
  it("--output jsonl prints a line for each entry of a list, and one line for another reply", async () => {
    const keys = linesOf((await said("kms", "ListKeys", ...stored, "--output", "jsonl")).out)
    expect(keys.length).toBeGreaterThan(1)
    expect(keys[0]).toEqual({ KeyId: expect.any(String), KeyArn: expect.any(String) })
    const shown = linesOf(
      (await said("kms", "DescribeKey", "--KeyId", "alias/orders", ...stored, "--output=jsonl")).out
    )
    expect(shown).toEqual([{ KeyMetadata: expect.any(Object), RequestId: expect.any(String) }])
  })

  it("--output jsonl prints nothing for an empty list", async () => {
    expect((await said("kms", "ListKeys", "--store", "memory", "--output", "jsonl")).out).toBe("")
  })
})

describe("--output table", () => {
  it.each([
    ["audit", /^time +operation +outcome +key +principal$/m],
    ["verify", /^keys +\d+$/m],
    ["kms ListKeys", /^key id +key arn$/m],
    ["history alias/orders", /^event +time +type +principal$/m]
  ])("--output table prints lines for people: %s", async (words, line) => {
    const { out } = await said(...words.split(" "), ...stored, "--output", "table")
    expect(out).toMatch(line)
    expect(out).not.toMatch(/[{}]/)
  })
})

describe("an error with --output json", () => {
  it.each([
    ["kms DescribeKey --KeyId x --store memory", { code: "Forbidden.KeyNotFound", status: 404 }],
    ["kms DescribeKey --KeyId x --store memory --colour", { hint: "See keystate kms DescribeKey --help." }],
    ["verify --data nowhere", { message: expect.stringContaining("There is no directory nowhere") }],
    ["kms ListKeys --data nowhere", { message: expect.stringContaining("run: keystate serve --data nowhere") }],
    ["health --endpoint http://127.0.0.1:9", { message: expect.stringContaining("does not answer") }]
  ])("--output json prints an error as one line of JSON on standard error: %s", async (words, expected) => {
    const { err, isSuccess, out } = await said(...words.split(" "), "--output", "json")
    expect([isSuccess, out]).toEqual([false, ""])
    const [line, ...more] = linesOf(err)
    conforms(messageShapes.error, line)
    expect([line, more]).toEqual([{ error: expect.objectContaining(expected) }, []])
  })
})

describe("documents with --output", () => {
  it.each([
    ["diagram cmk", "--output json is not possible: a drawing has the format of --format."],
    ["diagram table", "--output json is not possible: the table has the format of --format."]
  ])("refuses --output for a document with another format: %s", async (words, sentence) => {
    const { err, isSuccess } = await said(...words.split(" "), "--output", "json")
    expect([isSuccess, err]).toEqual([false, expect.stringContaining(sentence)])
  })

  it("refuses a file name in --output, and names -o", async () => {
    const { err } = await said("diagram", "cmk", "--output", "cmk.svg")
    expect(err).toContain('--output takes table, json, jsonl, not "cmk.svg". -o names a file.')
  })
})

describe("--quiet", () => {
  it("--quiet leaves out notes and keeps the result", async () => {
    const loud = await said("seed", "export", ...stored)
    const quiet = await said("seed", "export", ...stored, "--quiet")
    expect([loud.err.includes("NOT FOR PRODUCTION"), quiet.err, quiet.out]).toEqual([true, "", loud.out])
  })
})

describe("the output style", () => {
  it.each([
    [["serve", "--json"], { format: undefined, isJson: true }],
    [["conformance", "--json", "report.json"], { format: undefined, isJson: false }],
    [["serve", "--json", "--output", "table"], { format: "table", isJson: false }],
    [["kms", "ListKeys", "--", "--output", "json"], { format: undefined, isJson: false }],
    [["verify", "-q", "--output=jsonl"], { format: "jsonl", isJson: true, isQuiet: true }]
  ])("the command reads its output style from its arguments: %j", (words, expected) => {
    expect(styleOf(words)).toMatchObject(expected)
  })
})
