/** The console: the sign-in page, or a frame with navigation, banners and one page. */
import { useEffect, useRef, useState } from "react"
import { chooseRegion, leave, start, useConsole } from "./data/store.ts"
import { Link, usePlace } from "./data/router.tsx"
import { useZone } from "./data/useZone.ts"
import { chooseZone, zones } from "./data/zone.ts"
import { LanguageChoice } from "./parts/languageChoice.tsx"
import { Announcer } from "./parts/announcer.tsx"
import { Button, Empty } from "./parts/basic.tsx"
import { ClockBanner } from "./parts/clockBanner.tsx"
import { icons, Mark } from "./parts/icons.tsx"
import { Palette } from "./parts/palette.tsx"
import { Shortcuts } from "./parts/shortcuts.tsx"
import { SignIn, takeToken } from "./pages/signIn.tsx"
import { pageOf, routeOf, routes } from "./routes.tsx"
import { t } from "./text/text.ts"
import { rich } from "./text/rich.tsx"
import { useLanguage } from "./text/useLanguage.ts"

export const App = () => {
  const { signedIn } = useConsole()
  useLanguage()
  useEffect(() => void start(), [])
  // A signed-in person needs no token, and it must not stay in the address.
  useEffect(() => void (signedIn === true && takeToken()), [signedIn])
  if (signedIn === undefined) return <div className="signIn quiet">{t("Checking your session…")}</div>
  return signedIn ? <Frame /> : <SignIn />
}

interface NavigationProps {
  readonly path: string
  /** Whether a narrow screen shows the pages and the settings. */
  readonly isOpen: boolean
  readonly onToggle: () => void
}

const Navigation = ({ path, isOpen, onToggle }: NavigationProps) => (
  <header className="side">
    <Link to="/" className="brand">
      <Mark />
      Keystate
    </Link>
    <div className="menuButton">
      <Button small aria-expanded={isOpen} aria-controls="pages" onClick={onToggle}>
        {t("Menu")}
      </Button>
    </div>
    <nav id="pages" className="nav" aria-label={t("Pages")}>
      {routes.map((route) => (
        <Link key={route.path} to={route.path} aria-current={routeOf(path) === route ? "page" : undefined}>
          {route.icon}
          {t(route.name)}
        </Link>
      ))}
    </nav>
    <div className="sideEnd quiet small">
      <a href="/docs/">{t("Documentation")}</a>
      <br />
      {rich("Press {key} for shortcuts", { key: <span className="kbd">?</span> })}
    </div>
  </header>
)

const LiveSign = () => {
  const { live } = useConsole()
  return (
    <span className="dot" role="status">
      <span className={live ? "dot good" : "dot warn"}>{live ? icons.live : icons.away}</span>
      {live ? t("Live") : t("Reconnecting…")}
    </span>
  )
}

const Top = () => {
  const { region, session } = useConsole()
  const zone = useZone()
  return (
    <section className="top" aria-label={t("Region and account")}>
      <label className="row">
        <span className="quiet small">{t("Region")}</span>
        <select value={region} onChange={(event) => chooseRegion(event.target.value)}>
          {session?.regions.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <LiveSign />
      <label className="row">
        <span className="quiet small">{t("Times")}</span>
        <select value={zone} onChange={(event) => chooseZone(event.target.value)}>
          {zones.map(([name, word]) => (
            <option key={name} value={name}>
              {t(word)}
            </option>
          ))}
        </select>
      </label>
      <LanguageChoice />
      <Palette />
      <div className="topEnd">
        <span className="quiet small principal" title={session?.principal}>
          {/* The account is on the Access page, and would push out the name. */}
          {session?.principal.split(":").at(-1)}
        </span>
        <Button small onClick={() => void leave()}>
          {t("Sign out")}
        </Button>
      </div>
    </section>
  )
}

const Frame = () => {
  const { path } = usePlace()
  useZone()
  const language = useLanguage()
  const main = useRef<HTMLElement>(null)
  const found = pageOf(path)
  const isFirst = useRef(true)
  const [isOpen, setOpen] = useState(false)
  const title = found === undefined ? t("Not found") : t(found.title)
  useEffect(() => {
    document.title = `${title} · Keystate`
  }, [title, language])
  useEffect(() => {
    // Moves the focus to each new page, except the first, where the browser places it.
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
    setOpen(false)
    window.scrollTo(0, 0)
  }, [path])
  return (
    <>
      <a className="skip" href="#main">
        {t("Skip to content")}
      </a>
      <div className={isOpen ? "frame isOpen" : "frame"}>
        <Navigation path={path} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
        <div style={{ gridArea: "top", minWidth: 0 }}>
          <Top />
          <ClockBanner />
        </div>
        <main id="main" className="main" ref={main} tabIndex={-1}>
          {found?.page ?? (
            <Empty>
              {t("This page does not exist.")} <Link to="/">{t("Go to the overview.")}</Link>
            </Empty>
          )}
        </main>
      </div>
      <Shortcuts />
      <Announcer />
    </>
  )
}
