/** The address, read and changed without loading the page again. */
import { useSyncExternalStore } from "react"
import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from "react"

const root = "/console"
const listeners = new Set<() => void>()

const tell = (): void => {
  for (const listener of listeners) listener()
}
addEventListener("popstate", tell)

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export interface Place {
  /** Below the console's root: `/keys/3f2a…`. */
  readonly path: string
  readonly query: URLSearchParams
}

const addressNow = (): string => `${location.pathname}${location.search}`

export const usePlace = (): Place => {
  const address = useSyncExternalStore(subscribe, addressNow)
  const [pathname = "", search = ""] = address.split("?", 2)
  const path = pathname.startsWith(root) ? pathname.slice(root.length) : pathname
  return { path: path === "" ? "/" : path, query: new URLSearchParams(search) }
}

const hrefOf = (to: string): string => `${root}${to}`

export const go = (to: string, options: { readonly replace?: boolean } = {}): void => {
  if (options.replace === true) history.replaceState(null, "", hrefOf(to))
  else history.pushState(null, "", hrefOf(to))
  tell()
}

/** Changes only the query: filters and tabs. */
export const setQuery = (change: Readonly<Record<string, string | undefined>>): void => {
  const query = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined || value === "") query.delete(name)
    else query.set(name, value)
  }
  const search = query.toString()
  history.replaceState(null, "", `${location.pathname}${search === "" ? "" : `?${search}`}`)
  tell()
}

type LinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> & {
  readonly to: string
  /** What a plain click does; by default it opens `to` on this page. */
  readonly onGo?: () => void
  readonly children: ReactNode
}

export const Link = ({ to, onGo = () => go(to), children, ...more }: LinkProps) => {
  const onClick = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    onGo()
  }
  return (
    <a {...more} href={hrefOf(to)} onClick={onClick}>
      {children}
    </a>
  )
}
