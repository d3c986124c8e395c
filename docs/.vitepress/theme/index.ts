/** The theme of the site: the default one, and the element of the playground, which is loaded where a page has it. */
import DefaultTheme from "vitepress/theme"
import type { Theme } from "vitepress"
import "./playground.css"

const name = "keystate-playground"

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp: ({ router }) => {
    if (typeof window === "undefined") return
    const load = async (path: string): Promise<void> => {
      if (!path.includes("playground") || customElements.get(name) !== undefined) return
      const { PlaygroundElement } = await import("./playground.ts")
      // The first page and its route can both ask for it.
      if (customElements.get(name) === undefined) customElements.define(name, PlaygroundElement)
    }
    router.onAfterRouteChange = (path) => load(path)
    void load(window.location.pathname)
  }
}

export default theme
