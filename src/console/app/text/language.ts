/** The language of the console. The browser keeps the choice; until there is one, its own languages decide. */

/** Each language with its name in that language. */
export const languages = [
  ["en", "English"],
  ["zh-CN", "简体中文"]
] as const
export type Language = (typeof languages)[number][0]

/** English texts with their translations. */
export type Catalogue = Readonly<Record<string, string>>

const settingName = "keystate.language"
const listeners = new Set<() => void>()
let language: Language = "en"
let catalogue: Catalogue = {}

const isLanguage = (text: string | null): text is Language => languages.some(([name]) => name === text)

/** A catalogue is loaded only for the language that needs it. English is written in the sources. */
const loaders: Readonly<Record<Language, () => Promise<Catalogue>>> = {
  en: async () => ({}),
  "zh-CN": async () => (await import("./zh.ts")).zh
}

const set = async (chosen: Language): Promise<void> => {
  catalogue = await loaders[chosen]()
  language = chosen
  for (const listener of listeners) listener()
}

/** The first of the browser's languages that the console has; every kind of Chinese is closest to Simplified Chinese. */
export const languageOf = (wanted: ReadonlyArray<string>): Language => {
  const found = wanted.map((tag) => tag.toLowerCase().split("-")[0]).find((name) => name === "zh" || name === "en")
  return found === "zh" ? "zh-CN" : "en"
}

/** Sets the language before the page is drawn, so that no page appears in another one first. */
export const restoreLanguage = (): Promise<void> => {
  const kept = localStorage.getItem(settingName)
  return set(isLanguage(kept) ? kept : languageOf(navigator.languages))
}

export const chooseLanguage = (text: string): void => {
  if (!isLanguage(text)) return
  localStorage.setItem(settingName, text)
  void set(text)
}

export const watchLanguage = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const languageNow = (): Language => language

/** The text in the chosen language. */
export const translated = (text: string): string => (Object.hasOwn(catalogue, text) ? (catalogue[text] ?? text) : text)
