/** The suite's sentences, in the words of the service's family. */
import { isOperation } from "../adapters/adapter.ts"
import type { OperationName } from "../adapters/adapter.ts"
import { isDeed } from "../steps/step.ts"
import type { Deed } from "../steps/step.ts"
import type { Dialect, ModelCode } from "./dialect.ts"
import type { Law, LawGroup, LawId } from "../lawbook/laws.ts"

export const operationIn = (dialect: Dialect, operation: OperationName | Deed, on?: boolean): string => {
  if (isDeed(operation)) return operation
  const off = on === false ? dialect.words?.off[operation] : undefined
  return off ?? dialect.operations[operation] ?? operation
}

export const kindIn = (dialect: Dialect, kind: string): string => {
  const [spec = "", ...usage] = kind.split(" ")
  return [dialect.words?.kinds[spec] ?? spec, ...usage].join(" ")
}

/** The dialect's code for a code of the vendor; the most expected one if there are several. */
export const codeIn = (dialect: Dialect, code: ModelCode): string => dialect.codes[code][0] ?? code

/** More codes would not help a reader. */
const toldMax = 3

export const codesIn = (dialect: Dialect, codes: ReadonlyArray<ModelCode>): string =>
  [...new Set(codes.flatMap((code) => dialect.codes[code].slice(0, 2)))].slice(0, toldMax).join(" or ")

const isCode = (word: string, dialect: Dialect): word is ModelCode => word in dialect.codes

/** A sentence with its operations and codes in the dialect's words. */
const translated = (text: string, dialect: Dialect): string =>
  text.replaceAll(/[A-Z]\w+(\.[A-Z]\w+)?/g, (word) => {
    if (isCode(word, dialect)) return codeIn(dialect, word)
    return isOperation(word) ? operationIn(dialect, word) : word
  })

/** `DEL` of `KMS-DEL-003`. */
const groupIn = (id: LawId): LawGroup => id.split("-")[1] as LawGroup

export const lawIn = (dialect: Dialect, law: Law): Law => {
  const { words } = dialect
  if (words === undefined) return law
  return {
    ...law,
    sentence: words.sentences[law.id] ?? translated(law.sentence, dialect),
    source: words.sources[groupIn(law.id)] ?? law.source
  }
}
