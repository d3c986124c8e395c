/** Keyboard shortcuts: `/` to search, `g` and a letter to open a page, `?` for help. They can be switched off. */
import { useEffect, useState } from "react"
import { go } from "../data/router.tsx"
import { routes } from "../routes.tsx"
import { Button, Check } from "./basic.tsx"
import { Dialog } from "./dialog.tsx"
import { ownKey } from "./ownKeys.ts"
import { t } from "../text/text.ts"

const settingName = "keystate.shortcuts"
const areOn = (): boolean => localStorage.getItem(settingName) !== "off"

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))

const search = (): void => {
  const field = document.querySelector<HTMLInputElement>("input[type=search]")
  if (field === null) go("/keys?focus=search")
  else field.focus()
}

export const Shortcuts = () => {
  const [helps, setHelps] = useState(false)
  useEffect(() => {
    let wentG = Number.NEGATIVE_INFINITY
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !areOn()) return
      if (document.querySelector("dialog[open]") !== null) return
      const { key } = event
      const act = (): (() => void) | undefined => {
        if (event.timeStamp - wentG < 1500) {
          const route = routes.find(({ shortcut }) => shortcut === key)
          wentG = Number.NEGATIVE_INFINITY
          if (route !== undefined) return () => go(route.path)
        }
        if (key === "g") {
          wentG = event.timeStamp
          return undefined
        }
        if (key === "/") return search
        if (key === "?") return () => setHelps(true)
        return ownKey(key)
      }
      const found = act()
      if (found === undefined) return
      event.preventDefault()
      found()
    }
    addEventListener("keydown", onKey)
    return () => removeEventListener("keydown", onKey)
  }, [])
  return helps ? <Help onClose={() => setHelps(false)} /> : null
}

const Help = ({ onClose }: { readonly onClose: () => void }) => {
  const [on, setOn] = useState(areOn)
  return (
    <Dialog title={t("Keyboard shortcuts")} onClose={onClose}>
      <dl className="fields">
        <dt>
          <span className="kbd">/</span>
        </dt>
        <dd>{t("Search keys")}</dd>
        <dt>
          <span className="kbd">Ctrl</span> <span className="kbd">K</span>
        </dt>
        <dd>{t("Open the command palette; always on")}</dd>
        {routes.map(({ name, path, shortcut }) => (
          <ShortcutLine key={path} letter={shortcut} name={t(name)} />
        ))}
        <dt>
          <span className="kbd">[</span> <span className="kbd">]</span>
        </dt>
        <dd>{t("Previous and next event in a key's history")}</dd>
        <dt>
          <span className="kbd">?</span>
        </dt>
        <dd>{t("Show this help")}</dd>
      </dl>
      <Check
        checked={on}
        onChange={(checked) => {
          localStorage.setItem(settingName, checked ? "on" : "off")
          setOn(checked)
        }}
      >
        {t("Single-key shortcuts are on")}
      </Check>
      <div className="row end">
        <Button look="main" onClick={onClose}>
          {t("Close")}
        </Button>
      </div>
    </Dialog>
  )
}

const ShortcutLine = ({ letter, name }: { readonly letter: string; readonly name: string }) => (
  <>
    <dt>
      <span className="kbd">g</span> <span className="kbd">{letter}</span>
    </dt>
    <dd>{name}</dd>
  </>
)
