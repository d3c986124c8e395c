/** Every page: its address, its name in the navigation, and its shortcut after `g`. */
import type { ReactNode } from "react"
import { icons } from "./parts/icons.tsx"
import { AccessPage } from "./access/accessPage.tsx"
import { AuditPage } from "./pages/audit.tsx"
import { ConformancePage } from "./pages/conformance.tsx"
import { KeyPage } from "./keyPage/keyPage.tsx"
import { KeysPage } from "./pages/keys.tsx"
import { MachinesPage } from "./pages/machines.tsx"
import { Overview } from "./pages/overview.tsx"
import { SandboxPage } from "./pages/sandbox.tsx"
import { TimelinePage } from "./pages/timeline.tsx"
import type { PlainText } from "./text/text.ts"

export interface Route {
  readonly path: string
  readonly name: PlainText
  readonly icon: ReactNode
  /** Pressed after `g`. */
  readonly shortcut: string
  readonly page: () => ReactNode
}

export const routes: ReadonlyArray<Route> = [
  { path: "/", name: "Overview", icon: icons.overview, shortcut: "o", page: () => <Overview /> },
  { path: "/keys", name: "Keys", icon: icons.keys, shortcut: "k", page: () => <KeysPage /> },
  { path: "/timeline", name: "Timeline", icon: icons.clock, shortcut: "t", page: () => <TimelinePage /> },
  { path: "/access", name: "Access", icon: icons.people, shortcut: "u", page: () => <AccessPage /> },
  { path: "/machines", name: "Machines", icon: icons.machines, shortcut: "m", page: () => <MachinesPage /> },
  { path: "/sandbox", name: "Sandbox", icon: icons.sandbox, shortcut: "s", page: () => <SandboxPage /> },
  { path: "/audit", name: "Audit", icon: icons.audit, shortcut: "a", page: () => <AuditPage /> },
  { path: "/conformance", name: "Conformance", icon: icons.conformance, shortcut: "c", page: () => <ConformancePage /> }
]

export const routeOf = (path: string): Route | undefined =>
  routes.find((route) => route.path === path || (route.path !== "/" && path.startsWith(`${route.path}/`)))

/** The page of an address; undefined for an unknown address. */
export const pageOf = (path: string): { readonly title: PlainText; readonly page: ReactNode } | undefined => {
  const keyId = /^\/keys\/(.+)$/.exec(path)?.[1]
  if (keyId !== undefined) return { title: "Key", page: <KeyPage key={keyId} id={decodeURIComponent(keyId)} /> }
  const route = routes.find((one) => one.path === path)
  return route === undefined ? undefined : { title: route.name, page: route.page() }
}
