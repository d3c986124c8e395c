/** Tabs by the ARIA pattern: arrow keys move, and the address names the selected tab. */
import { useRef } from "react"
import type { KeyboardEvent, ReactNode } from "react"
import { setQuery, usePlace } from "../data/router.tsx"

export interface Tab {
  readonly id: string
  readonly name: string
  readonly content: () => ReactNode
}

export const Tabs = ({ label, tabs }: { readonly label: string; readonly tabs: ReadonlyArray<Tab> }) => {
  const { query } = usePlace()
  const list = useRef<HTMLDivElement>(null)
  // A link to an earlier state opens the tab that shows it.
  const wanted = query.get("tab") ?? (query.has("at") ? "history" : undefined)
  const chosen = tabs.find(({ id }) => id === wanted) ?? tabs[0]
  if (chosen === undefined) return null
  const choose = (tab: Tab | undefined): void => {
    if (tab === undefined) return
    setQuery({ tab: tab.id === tabs[0]?.id ? undefined : tab.id, at: undefined })
    list.current?.querySelector<HTMLElement>(`#tab-${tab.id}`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.indexOf(chosen)
    const wanted = {
      ArrowRight: tabs[(at + 1) % tabs.length],
      ArrowLeft: tabs[(at + tabs.length - 1) % tabs.length],
      Home: tabs[0],
      End: tabs.at(-1)
    }[event.key]
    if (wanted === undefined) return
    event.preventDefault()
    choose(wanted)
  }
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            id={`tab-${tab.id}`}
            type="button"
            role="tab"
            aria-selected={tab === chosen}
            aria-controls="tab-panel"
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => choose(tab)}
          >
            {tab.name}
          </button>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${chosen.id}`} className="stack">
        {chosen.content()}
      </div>
    </>
  )
}
