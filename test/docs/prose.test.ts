/** The prose check finds long sentences, unused words and incomplete test titles in pages and sources. */
import { describe, expect, it } from "vitest"
import { findings } from "../../src/development/prose/prose.ts"

const long =
  "One two three four five six seven eight nine ten one two three four five six seven eight nine ten six seven words more are here"
const found = async (path: string, source: string) =>
  (await findings(path, source)).map(({ line, message }) => `${line}: ${message}`)

const tooLong = "a sentence has 26 words; the limit is 25"
const unused = 'write name the person or program: "no caller", "another node"'

describe("the prose check", () => {
  it("the prose check reports a sentence of 26 words and accepts one of 25", async () => {
    expect(await found("page.md", `# Title\n\nShort. ${long}.\n`)).toEqual([`3: ${tooLong}`])
    expect(await found("page.md", `${long.replace(" here", "")}.\n`)).toEqual([])
  })

  it("the prose check reads comments, test titles and sentences in strings of a source file", async () => {
    const source = [
      "/** Nobody reads this. */",
      "const name = 1 // somebody",
      'it.each([1])("refuses somebody at once", () => undefined)',
      'const hint = "Ask nobody."',
      "const other = `Ask ${name} and nobody.`",
      'const code = "nobody"'
    ].join("\n")
    expect(await found("file.ts", source)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^1: "Nobody"/),
        expect.stringMatching(/^2: "somebody"/),
        expect.stringMatching(/^3: "somebody"/),
        expect.stringMatching(/^4: "nobody"/),
        expect.stringMatching(/^5: "nobody"/)
      ])
    )
    expect(await found("file.ts", source)).toHaveLength(5)
  })

  it("the prose check says what to write in place of an unused word", async () => {
    expect(await found("page.md", "ask somebody")).toEqual([`1: "somebody": ${unused}`])
  })

  it("the prose check reads consecutive line comments as one passage", async () => {
    const [first, second] = [long.slice(0, 48), long.slice(48)]
    expect(await found("file.ts", `const x = 1\n// ${first}\n// ${second}.\n`)).toEqual([`2: ${tooLong}`])
  })

  it("the prose check counts a code span as one word, and entries between middle dots separately", async () => {
    expect(await found("page.md", `Run \`${long}\` here.\n`)).toEqual([])
    expect(await found("page.md", `${long.replace(" ten one", " ten · one")}\n`)).toEqual([])
    expect(await found("page.md", `Short · ${long} · short\n`)).toEqual([`1: ${tooLong}`])
  })

  it("the prose check ends a sentence after a number and in bold text", async () => {
    const short = long.replace(" words more are here", "")
    expect(await found("page.md", `${short} 1. ${short} 2. ${short} 3.\n`)).toEqual([])
    expect(await found("page.md", `**${short}.** ${short}.\n`)).toEqual([])
    expect(await found("page.md", `**${long}.** ${short}.\n`)).toEqual([`1: ${tooLong}`])
  })

  it('the prose check accepts none after "there is" and reports the word after a subject', async () => {
    expect(await found("page.md", "Undefined if there is none.")).toEqual([])
    expect(await found("page.md", "a dash is none")).toEqual([expect.stringMatching(/^1: "is none"/)])
  })

  it("the prose check reports that a thing owns a part, and accepts a store of your own", async () => {
    expect(await found("page.md", "a file of its own")).toEqual([expect.stringMatching(/^1: "of its own"/)])
    expect(await found("page.md", "a store of your own")).toEqual([])
  })

  it("the prose check reports test titles without a subject or with two words", async () => {
    const titles = async (...given: ReadonlyArray<string>) =>
      found("file.test.ts", given.map((title) => `it.each([1])("${title}", () => undefined)`).join("\n"))
    expect(await titles("is refused for an alias", "two words")).toEqual([
      '1: a test title begins with "is": name the subject first',
      "2: a test title has 2 words: state what happens"
    ])
    expect(await titles("CreateAlias refuses a bound alias", "its key is Enabled")).toEqual([])
  })

  it("the prose check accepts short titles of groups, and words of other functions", async () => {
    const source = 'describe("in a list", () => undefined)\nit.each(["in", "on"])\ntest("KMS-1", true)'
    expect(await found("file.test.ts", source)).toEqual([])
  })

  it("the prose check does not read code in a page", async () => {
    expect(await found("page.md", "```sh\nnobody\n```\n\nRun `nobody`.\n")).toEqual([])
  })
})
