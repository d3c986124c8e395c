/** The console: the sign-in page, or a frame with navigation, banners and one page. */
import { useEffect, useRef } from "react"
import { chooseRegion, leave, start, useConsole } from "./data/store.ts"
import { Link, usePlace } from "./data/router.tsx"
import { useZone } from "./data/useZone.ts"
import { chooseZone, zones } from "./data/zone.ts"
import { Announcer } from "./parts/announcer.tsx"
import { Button, Empty } from "./parts/basic.tsx"
import { ClockBanner } from "./parts/clockBanner.tsx"
import { icons, Mark } from "./parts/icons.tsx"
import { Palette } from "./parts/palette.tsx"
import { Shortcuts } from "./parts/shortcuts.tsx"
import { SignIn, takeToken } from "./pages/signIn.tsx"
import { pageOf, routeOf, routes } from "./routes.tsx"

export const App = () => {
  const { signedIn } = useConsole()
  useEffect(() => void start(), [])
  // A signed-in person needs no token, and it must not stay in the address.
  useEffect(() => void (signedIn === true && takeToken()), [signedIn])
  if (signedIn === undefined) return <div className="signIn quiet">Checking your session…</div>
  return signedIn ? <Frame /> : <SignIn />
}

const Navigation = ({ path }: { readonly path: string }) => (
  <header className="side">
    <Link to="/" className="brand">
      <Mark />
      Keystate
    </Link>
    <nav className="nav" aria-label="Pages">
      {routes.map((route) => (
        <Link key={route.path} to={route.path} aria-current={routeOf(path) === route ? "page" : undefined}>
          {route.icon}
          {route.name}
        </Link>
      ))}
    </nav>
    <div className="sideEnd quiet small">
      <a href="/docs/">Documentation</a>
      <br />
      Press <span className="kbd">?</span> for shortcuts
    </div>
  </header>
)

const LiveSign = () => {
  const { live } = useConsole()
  return (
    <span className="dot" role="status">
      <span className={live ? "dot good" : "dot warn"}>{live ? icons.live : icons.away}</span>
      {live ? "Live" : "Reconnecting…"}
    </span>
  )
}

const Top = () => {
  const { region, session } = useConsole()
  const zone = useZone()
  return (
    <section className="top" aria-label="Region and account">
      <label className="row">
        <span className="quiet small">Region</span>
        <select value={region} onChange={(event) => chooseRegion(event.target.value)}>
          {session?.regions.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <LiveSign />
      <label className="row">
        <span className="quiet small">Times</span>
        <select value={zone} onChange={(event) => chooseZone(event.target.value)}>
          {zones.map(([name, word]) => (
            <option key={name} value={name}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <Palette />
      <div className="topEnd">
        <span className="quiet small principal" title={session?.principal}>
          {session?.principal}
        </span>
        <Button small onClick={() => void leave()}>
          Sign out
        </Button>
      </div>
    </section>
  )
}

const Frame = () => {
  const { path } = usePlace()
  useZone()
  const main = useRef<HTMLElement>(null)
  const found = pageOf(path)
  const isFirst = useRef(true)
  useEffect(() => {
    document.title = `${found?.title ?? "Not found"} · Keystate`
    // Moves the focus to each new page, except the first, where the browser places it.
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
    window.scrollTo(0, 0)
  }, [path])
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <div className="frame">
        <Navigation path={path} />
        <div style={{ gridArea: "top", minWidth: 0 }}>
          <Top />
          <ClockBanner />
        </div>
        <main id="main" className="main" ref={main} tabIndex={-1}>
          {found?.page ?? (
            <Empty>
              This page does not exist. <Link to="/">Go to the overview.</Link>
            </Empty>
          )}
        </main>
      </div>
      <Shortcuts />
      <Announcer />
    </>
  )
}
