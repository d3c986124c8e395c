/** The search and the filters of the list of keys. They are part of the address. */
import { useEffect, useRef, useState } from "react"
import { livingStates, rotationStates } from "../../../../machines/vocabulary.ts"
import { KeyUsage, Origin, ProtectionLevel } from "../../../domain/keySpec.ts"
import { keyFilters } from "../../protocol.ts"
import type { KeyFilterName } from "../../protocol.ts"
import { setQuery } from "../data/router.tsx"
import { Button, Choice, Field } from "../parts/basic.tsx"
import { rotationWord, wordOf } from "../parts/state.tsx"
import { specs } from "./createKeyForm.ts"
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"

type Options = ReadonlyArray<readonly [value: string, word: string]>

const same = (values: ReadonlyArray<string>): Options => values.map((value) => [value, value] as const)

/** A filter, its label, and what can be chosen, in words of the language. */
type FilterChoice = readonly [KeyFilterName, PlainText, () => Options]

const firstChoices: ReadonlyArray<FilterChoice> = [
  ["state", "State", () => livingStates.map((state) => [state, wordOf(state)] as const)],
  ["spec", "Spec", () => same(specs.map(({ name }) => name))]
]

const moreChoices: ReadonlyArray<FilterChoice> = [
  ["usage", "Usage", () => same(KeyUsage.literals)],
  ["origin", "Origin", () => same(Origin.literals)],
  ["rotation", "Rotation", () => rotationStates.map((state) => [state, rotationWord(state)] as const)],
  ["protection", "Protection", () => same(ProtectionLevel.literals)]
]

const texts: ReadonlyArray<readonly [KeyFilterName, PlainText, PlainText]> = [
  ["creator", "Creator", "Account or service"],
  ["tag", "Tag", "key or key=value"]
]

/** What the address asks the server for. */
export const wantedIn = (query: URLSearchParams): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ["q", "sort", "descending", ...keyFilters]
      .map((name) => [name, (query.get(name) ?? "").trim()] as const)
      .filter(([, value]) => value !== "")
  )

export const isFiltered = (query: URLSearchParams): boolean =>
  ["q", ...keyFilters].some((name) => (query.get(name) ?? "").trim() !== "")

/** Changes a filter and shows the first page of what it finds. */
const setFilter = (name: string, value: string): void => setQuery({ [name]: value, page: undefined })

const clear = (): void => setQuery(Object.fromEntries(["q", "page", ...keyFilters].map((name) => [name, undefined])))

export const KeyFilters = ({ query }: { readonly query: URLSearchParams }) => {
  const search = useRef<HTMLInputElement>(null)
  const isAsked = query.get("focus") === "search"
  useEffect(() => {
    if (!isAsked) return
    search.current?.focus()
    setQuery({ focus: undefined })
  }, [isAsked])
  const onClear = (): void => {
    clear()
    search.current?.focus()
  }
  return (
    <form className="filters" role="search" aria-label={t("Keys")} onSubmit={(event) => event.preventDefault()}>
      <div className="searchField">
        <Field label={t("Search")}>
          {(ids) => (
            <input
              {...ids}
              ref={search}
              type="search"
              placeholder={t("Alias, description, tag or id")}
              value={query.get("q") ?? ""}
              onChange={(event) => setFilter("q", event.target.value)}
            />
          )}
        </Field>
      </div>
      <Choices choices={firstChoices} query={query} />
      <MoreFilters query={query} />
      {isFiltered(query) && (
        <Button look="plain" onClick={onClear}>
          {t("Clear filters")}
        </Button>
      )}
    </form>
  )
}

interface ChoicesProps {
  readonly choices: ReadonlyArray<FilterChoice>
  readonly query: URLSearchParams
}

const Choices = ({ choices, query }: ChoicesProps) =>
  choices.map(([name, label, options]) => (
    <Choice
      key={name}
      label={t(label)}
      value={query.get(name) ?? ""}
      options={[["", t("Any")], ...options()]}
      onChange={(value) => setFilter(name, value)}
    />
  ))

/** Open from the start if one of these filters is set. */
const MoreFilters = ({ query }: { readonly query: URLSearchParams }) => {
  const [isOpen] = useState([...moreChoices, ...texts].some(([name]) => (query.get(name) ?? "") !== ""))
  return (
    <details className="moreFilters" open={isOpen}>
      <summary>{t("More filters")}</summary>
      <div className="filters">
        <Choices choices={moreChoices} query={query} />
        {texts.map(([name, label, placeholder]) => (
          <Field key={name} label={t(label)}>
            {(ids) => (
              <input
                {...ids}
                placeholder={t(placeholder)}
                value={query.get(name) ?? ""}
                onChange={(event) => setFilter(name, event.target.value)}
                spellCheck={false}
              />
            )}
          </Field>
        ))}
      </div>
    </details>
  )
}
