/** Switches the language. Each language is named in itself, so that a person finds it in any other one. */
import { useId } from "react"
import { chooseLanguage, languages } from "../text/language.ts"
import { t } from "../text/text.ts"
import { useLanguage } from "../text/useLanguage.ts"

export const LanguageChoice = () => {
  const id = useId()
  const language = useLanguage()
  return (
    <span className="row">
      <label htmlFor={id} className="quiet small">
        {t("Language")}
      </label>
      <select id={id} value={language} onChange={(event) => chooseLanguage(event.target.value)}>
        {languages.map(([name, word]) => (
          <option key={name} value={name} lang={name}>
            {word}
          </option>
        ))}
      </select>
    </span>
  )
}
