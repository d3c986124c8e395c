/** Drawings in Markdown: found, replaced without other changes, and ignored in examples. */
import { describe, expect, it } from "vitest"
import { embeddedIn, withBodies } from "../../src/visualizer/embedded.ts"

const block = (words: string, body: string): string =>
  `<!-- keystate diagram ${words} -->\n\n\`\`\`mermaid\n${body}\`\`\`\n`

describe("diagram markers", () => {
  it("a diagram marker updates only the text of the block below", () => {
    const text = `# a\n\n${block("cmk", "old\n")}\nmiddle\n\n${block("importSession --format text", "")}end\n`
    const found = embeddedIn(text)
    expect(found.map(({ line }) => line)).toEqual([3, 11])
    const bodies = found.flatMap((embedded) =>
      "body" in embedded && embedded.body !== undefined ? [{ ...embedded.body, text: "new\n" }] : []
    )
    expect(withBodies(text, bodies)).toBe(
      `# a\n\n${block("cmk", "new\n")}\nmiddle\n\n${block("importSession --format text", "new\n")}end\n`
    )
  })

  it("a diagram marker may name a file, and a path in quotes", () => {
    const [found] = embeddedIn('<!-- keystate diagram cmk --path "CreateKey, DisableKey" --only lifecycle -o a.svg -->')
    expect(found).toMatchObject({
      asked: { machine: "cmk", path: "CreateKey, DisableKey", region: "lifecycle", output: "a.svg" },
      body: undefined
    })
  })

  it.each([
    ["<!-- keystate diagram cmk -->\nno block", "Neither -o FILE nor a fenced block"],
    ["<!-- keystate diagram cmk -->\ntext\n```\n```", "Neither -o FILE nor a fenced block"],
    ["<!-- keystate diagram cmk --key alias/a -o a.svg -->", "--key cannot be used here"],
    ["<!-- keystate diagram cmk -o -->", "-o has no value"]
  ])("refuses the diagram marker %j with the reason", (text, message) => {
    const [found] = embeddedIn(text)
    expect(found !== undefined && "message" in found ? found.message : "").toContain(message)
  })

  it("a diagram marker in a code block is an example", () => {
    expect(embeddedIn(`\`\`\`\`md\n${block("cmk", "")}\`\`\`\`\n`)).toEqual([])
    expect(embeddedIn(`\`\`\`md\n<!-- keystate diagram cmk -o a.svg -->\n`)).toEqual([])
  })
})
