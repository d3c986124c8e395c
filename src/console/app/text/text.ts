/** Texts of the console in the chosen language. The English text is its own key; the compiler requires its translation. */
import { languageNow, translated } from "./language.ts"
import type { NamesIn } from "./placeholders.ts"
import type { zh } from "./zh.ts"

/** Every text that has a translation. */
export type Text = keyof typeof zh

/** A text without placeholders, as tables hold them. It is translated where it is shown. */
export type PlainText = { readonly [T in Text]: [NamesIn<T>] extends [never] ? T : never }[Text]

/** A number is shown in the digits and groups of the language. */
type Value = string | number

/** One value for each placeholder of the text. */
export type ValuesOf<T, V = Value> = [NamesIn<T>] extends [never]
  ? readonly []
  : readonly [values: { readonly [Name in NamesIn<T>]: V }]

/** `100,000` */
export const counted = (count: number): string => new Intl.NumberFormat(languageNow()).format(count)

const shown = (value: Value | undefined): string => (typeof value === "number" ? counted(value) : (value ?? ""))

/** The part after a bar tells equal English texts apart that have different translations: `Next|page`. */
export const withoutContext = (text: string): string => text.replace(/\|[a-z ]+$/, "")

const filled = (text: string, values: Readonly<Record<string, Value>> = {}): string =>
  withoutContext(text).replaceAll(/\{(\w+)\}/g, (_all, name: string) => shown(values[name]))

/** The text in the chosen language, with its placeholders filled. */
export const t = <T extends Text>(text: T, ...given: ValuesOf<T>): string => {
  const [values]: ReadonlyArray<Readonly<Record<string, Value>>> = given
  return filled(translated(text), values)
}

/** The text for one item, and the text for any other number. Only the second text has translations. */
interface Forms<One, Other> {
  readonly one: One
  readonly other: Other
}

/** The form that the language uses for the number. English has two; Chinese has one, that of all numbers. */
export const plural = <const One extends string, T extends Text>(
  count: number,
  { one, other }: Forms<One, T>,
  ...given: ValuesOf<T>
): string => {
  const [values]: ReadonlyArray<Readonly<Record<string, Value>>> = given
  const category = new Intl.PluralRules(languageNow()).select(count)
  return filled(category === "one" ? one : translated(other), values)
}

/** Names one after another: `a, b, c`. */
export const joined = (texts: ReadonlyArray<string>): string => texts.join(t(", "))

/** A guard, an invariant or a title, as the machines name it. A test checks that each has a translation. */
export const ofMachine = (words: string): string => translated(words)
