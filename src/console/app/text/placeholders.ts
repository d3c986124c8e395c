/** The placeholders of a text, `{name}`, as types: a translation must have those of its text. */

/** The names of the placeholders of a text. */
export type NamesIn<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never

type IsSame<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false

/** A catalogue: English texts with their translations. A translation with other placeholders does not compile. */
type Checked<Texts> = {
  readonly [Text in keyof Texts]: IsSame<NamesIn<Text>, NamesIn<Texts[Text]>> extends true ? string : never
}

export const translations = <const Texts extends Readonly<Record<string, string>>>(
  texts: Texts & Checked<Texts>
): Texts => texts
