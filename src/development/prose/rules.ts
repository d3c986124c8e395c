/** The rules for prose, as rules of textlint. */
import type { TextlintRuleModule } from "@textlint/types"
import { split } from "sentence-splitter"
import { sentenceWordsMax, unusedWords } from "./words.ts"

/** A command or expression in a code span is one term and counts as one word. */
const codeSpan = /(`+)[\s\S]*?\1/g

/** The number of words. A word has a letter or a digit in it, unlike a dash or an arrow. */
const wordsIn = (text: string): number =>
  text
    .replaceAll(codeSpan, "code")
    .split(/\s+/)
    .filter((piece) => /[\p{L}\p{N}]/u.test(piece)).length

/** Middle dots separate the entries of a list, for example of links. The longest entry counts. */
const wordsOf = (text: string): number => Math.max(...text.split(" · ").map(wordsIn))

/** The splitter misses the end of a sentence after a number and before the end of bold text. */
const missedEnd = /(?<=\d\.|[.!?]\*\*)\s+(?=[\p{Lu}`"“])/u

export const longSentences: TextlintRuleModule = ({ Syntax, RuleError, getSource, locator, report }) => ({
  [Syntax.Paragraph]: (node) => {
    for (const { type, raw, range } of split(getSource(node))) {
      const words = type === "Sentence" ? Math.max(...raw.split(missedEnd).map(wordsOf)) : 0
      if (words > sentenceWordsMax) {
        const message = `a sentence has ${words} words; the limit is ${sentenceWordsMax}`
        report(node, new RuleError(message, { padding: locator.range(range) }))
      }
    }
  }
})

export const plainWords: TextlintRuleModule = ({ Syntax, RuleError, getSource, locator, report }) => ({
  [Syntax.Str]: (node) => {
    const text = getSource(node)
    for (const { pattern, instead } of unusedWords) {
      for (const found of text.matchAll(pattern)) {
        const range = [found.index, found.index + found[0].length] as const
        report(node, new RuleError(`"${found[0]}": write ${instead}`, { padding: locator.range(range) }))
      }
    }
  }
})
