/** The rules that prose keeps, as rules of textlint. */
import type { TextlintRuleModule } from "@textlint/types"
import { split } from "sentence-splitter"
import { sentenceWordsMax, unusedWords } from "./words.ts"

/** A word has a letter or a digit in it; a dash or an arrow is none. */
const wordsOf = (text: string): number => text.split(/\s+/).filter((piece) => /[\p{L}\p{N}]/u.test(piece)).length

export const longSentences: TextlintRuleModule = ({ Syntax, RuleError, getSource, locator, report }) => ({
  [Syntax.Paragraph]: (node) => {
    for (const { type, raw, range } of split(getSource(node))) {
      const words = type === "Sentence" ? wordsOf(raw) : 0
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
