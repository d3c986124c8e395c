/** Checks the prose of pages, comments, messages and test titles: `node src/development/prose/prose.ts [FILE…]`. */
import { readFileSync } from "node:fs"
import { spawnSync } from "node:child_process"
import { relative } from "node:path"
import { TextlintKernel } from "@textlint/kernel"
import markdown from "@textlint/textlint-plugin-markdown"
import { root } from "../walls.ts"
import { passagesOfSource } from "./passages.ts"
import type { Passage } from "./passages.ts"
import { longSentences, plainWords } from "./rules.ts"
import { titleFaults } from "./titles.ts"

const kernel = new TextlintKernel()
const plugins = [{ pluginId: "markdown", plugin: markdown.default }]
const rules = [
  { ruleId: "long-sentences", rule: longSentences },
  { ruleId: "plain-words", rule: plainWords }
]

export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

const between = "\n\n"

/** All passages as one page, because each page costs more than its words. Comments are Markdown too. */
const asPage = (
  passages: ReadonlyArray<Passage>
): { readonly text: string; readonly lineOf: (line: number) => number } => {
  const starts: Array<{ readonly first: number; readonly line: number }> = []
  let first = 1
  for (const { text, line } of passages) {
    starts.push({ first, line })
    first += text.split("\n").length + 1
  }
  return {
    text: passages.map(({ text }) => text).join(between),
    lineOf: (line) => {
      const start = starts.findLast((entry) => entry.first <= line)
      return start === undefined ? line : start.line + line - start.first
    }
  }
}

/** The findings in the prose of a file. */
export const findings = async (path: string, source: string): Promise<ReadonlyArray<Finding>> => {
  const passages = path.endsWith(".md") ? [] : passagesOfSource(path, source)
  const page = path.endsWith(".md") ? { text: source, lineOf: (line: number) => line } : asPage(passages)
  const { messages } = await kernel.lintText(page.text, { ext: ".md", filePath: `${path}.md`, plugins, rules })
  const titles = passages.filter(({ isTestTitle }) => isTestTitle)
  return [
    ...messages.map(({ message, loc }) => ({ path, line: page.lineOf(loc.start.line), message })),
    ...titles.flatMap(({ text, line }) => titleFaults(text).map((message) => ({ path, line, message })))
  ]
}

const written = /\.(?:md|tsx?)$/

/** Every file of the project that contains prose. */
export const proseFiles = (): ReadonlyArray<string> => {
  const { stdout } = spawnSync("git", ["ls-files"], { cwd: root, encoding: "utf8" })
  return stdout.split("\n").filter((path) => written.test(path))
}

const main = async (given: ReadonlyArray<string>): Promise<void> => {
  const paths = given.length === 0 ? proseFiles() : given.map((path) => relative(root, path))
  const found = (await Promise.all(paths.map((path) => findings(path, readFileSync(`${root}/${path}`, "utf8"))))).flat()
  for (const { path, line, message } of found) process.stdout.write(`${path}:${line}: ${message}\n`)
  process.exitCode = found.length === 0 ? 0 : 1
}

if (import.meta.main) await main(process.argv.slice(2))
