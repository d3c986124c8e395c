/** The command palette: pages, keys and what the current page can do, found by typing, with the keyboard alone. */
import { useEffect, useId, useState } from "react"
import type { KeyboardEvent } from "react"
import { flushSync } from "react-dom"
import { useFoundKeys } from "../data/findKeys.ts"
import type { FoundKey } from "../data/findKeys.ts"
import { nameOf, pathOf } from "../data/keys.ts"
import { go } from "../data/router.tsx"
import { routes } from "../routes.tsx"
import { Button, Shortcut } from "./basic.tsx"
import { Dialog } from "./dialog.tsx"
import { ownCommands } from "./ownCommands.ts"
import type { Command } from "./ownCommands.ts"
import { wordOf } from "./stateWords.ts"
import { plural, t } from "../text/text.ts"

const isOpening = ({ altKey, ctrlKey, key, metaKey, shiftKey }: globalThis.KeyboardEvent): boolean =>
  (ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === "k"

export const Palette = () => {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (!isOpening(event)) return
      event.preventDefault()
      if (document.querySelector("dialog[open]") === null) setOpen(true)
    }
    addEventListener("keydown", onKey)
    return () => removeEventListener("keydown", onKey)
  }, [])
  const choose = ({ act }: Command): void => {
    // The palette gives the focus back first, so that a dialog of the command gives it back to the same place.
    flushSync(() => setOpen(false))
    act()
  }
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {t("Commands")} <Shortcut keys="Ctrl K" />
      </Button>
      {open && <Chooser onChoose={choose} onClose={() => setOpen(false)} />}
    </>
  )
}

const pages = (): ReadonlyArray<Command> =>
  routes.map(({ name, path }) => ({
    id: `page ${path}`,
    name: t(name),
    kind: t("Page"),
    // A page is found by its English name in every language.
    also: name,
    act: () => go(path)
  }))

const commandFor = ({ keyId, row }: FoundKey): Command => ({
  id: `key ${keyId}`,
  name: row === undefined ? keyId : nameOf(row),
  kind: row === undefined ? t("Key") : `${t("Key")} · ${wordOf(row.state)}`,
  act: () => go(pathOf(keyId))
})

const matches = ({ also = "", kind, name }: Command, typed: string): boolean => {
  const text = `${name} ${kind} ${also}`.toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

const found = (typed: string, keys: ReadonlyArray<FoundKey>): ReadonlyArray<Command> => [
  ...[...ownCommands(), ...pages()].filter((command) => matches(command, typed.trim())),
  ...keys.map(commandFor)
]

const countWord = (count: number, busy: boolean): string => {
  if (busy && count === 0) return t("Searching…")
  return count === 0
    ? t("Nothing matches.")
    : plural(count, { one: "{count} command", other: "{count} commands" }, { count })
}

interface ChooserProps {
  readonly onChoose: (command: Command) => void
  readonly onClose: () => void
}

/** A combobox by the ARIA pattern: the focus stays in the field, and the arrow keys move the selection. */
const Chooser = ({ onChoose, onClose }: ChooserProps) => {
  const id = useId()
  const [typed, setTyped] = useState("")
  const [at, setAt] = useState(0)
  const { busy, keys } = useFoundKeys(typed)
  const commands = found(typed, keys)
  const selected = commands[Math.min(at, commands.length - 1)]
  const optionId = (command: Command): string => `${id} ${command.id}`.replaceAll(/\s/g, "-")
  useEffect(() => {
    if (selected !== undefined) document.getElementById(optionId(selected))?.scrollIntoView({ block: "nearest" })
  }, [selected?.id])
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = commands.length - 1
    const turn = { ArrowDown: at >= last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1 }[event.key]
    if (turn !== undefined) {
      event.preventDefault()
      setAt(Math.max(0, turn))
    } else if (event.key === "Enter" && selected !== undefined) {
      event.preventDefault()
      onChoose(selected)
    }
  }
  return (
    <Dialog title={t("Commands")} onClose={onClose}>
      <input
        type="text"
        role="combobox"
        aria-label={t("Search pages, keys and actions")}
        aria-expanded={true}
        aria-controls={`${id}list`}
        aria-autocomplete="list"
        aria-activedescendant={selected === undefined ? undefined : optionId(selected)}
        placeholder={t("A page, an alias, a key id, an action")}
        autoComplete="off"
        spellCheck={false}
        autoFocus
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={`${id}list`} role="listbox" aria-label={t("Commands")} className="palette">
        {commands.map((command) => (
          <li
            key={command.id}
            id={optionId(command)}
            role="option"
            aria-selected={command === selected}
            onClick={() => onChoose(command)}
          >
            <span className="paletteName">{command.name}</span> <span className="quiet small">{command.kind}</span>
          </li>
        ))}
      </ul>
      <p role="status" className={commands.length === 0 ? "quiet" : "unseen"}>
        {countWord(commands.length, busy)}
      </p>
    </Dialog>
  )
}
