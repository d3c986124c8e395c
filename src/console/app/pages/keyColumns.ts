/** The columns of the list of keys, and which of them a person chose. The browser remembers the choice. */
import { useState } from "react"
import type { KeySort } from "../../protocol.ts"
import type { PlainText } from "../text/text.ts"

export interface Column {
  readonly name: string
  readonly word: PlainText
  /** What the server sorts by; absent if it cannot. */
  readonly sort?: KeySort
  /** Shown until a person chooses. */
  readonly first?: true
}

export const columns = [
  { name: "state", word: "State", sort: "state", first: true },
  { name: "spec", word: "Spec and usage", sort: "spec", first: true },
  { name: "origin", word: "Origin", sort: "origin" },
  { name: "protection", word: "Protection", sort: "protection" },
  { name: "rotation", word: "Rotation", sort: "rotation" },
  { name: "creator", word: "Creator", sort: "creator" },
  { name: "created", word: "Created", sort: "created", first: true },
  { name: "used", word: "Last used" },
  { name: "next", word: "Next event", sort: "next", first: true }
] as const satisfies ReadonlyArray<Column>
export type ColumnName = (typeof columns)[number]["name"]

const setting = "keystate.columns"

const firstNames: ReadonlyArray<ColumnName> = columns.filter((column) => "first" in column).map(({ name }) => name)

const remembered = (): ReadonlyArray<ColumnName> => {
  const kept = localStorage.getItem(setting)
  if (kept === null) return firstNames
  const names = new Set(kept.split(","))
  return columns.map(({ name }) => name).filter((name) => names.has(name))
}

export const useColumns = (): readonly [ReadonlyArray<ColumnName>, (name: ColumnName, isShown: boolean) => void] => {
  const [chosen, setChosen] = useState(remembered)
  const choose = (name: ColumnName, isShown: boolean): void => {
    const next = columns.map((column) => column.name).filter((one) => (one === name ? isShown : chosen.includes(one)))
    localStorage.setItem(setting, next.join(","))
    setChosen(next)
  }
  return [chosen, choose]
}
