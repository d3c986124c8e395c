/** Starts the console in the page's root element. */
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { App } from "./app.tsx"
import { restoreZone } from "./data/zone.ts"
import { keepFocus } from "./parts/focus.ts"
import { languageNow, restoreLanguage, watchLanguage } from "./text/language.ts"
import "./styles/tokens.css"
import "./styles/base.css"
import "./styles/layout.css"
import "./styles/parts.css"

const root = document.getElementById("root")
if (root !== null) {
  keepFocus()
  restoreZone()
  watchLanguage(() => {
    document.documentElement.lang = languageNow()
  })
  await restoreLanguage()
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>
  )
}
