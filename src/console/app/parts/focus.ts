/** When the focused element is removed, moves the focus to the nearest element instead of the whole document. */

/** An element and what surrounds it, the nearest first. */
export type FocusPath = ReadonlyArray<HTMLElement>

export const focusPathOf = (target: EventTarget | null): FocusPath => {
  const path: Array<HTMLElement> = []
  for (let at = target instanceof HTMLElement ? target : null; at !== null && at !== document.body;) {
    path.push(at)
    at = at.parentElement
  }
  return path
}

const focusable = 'button, a[href], input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]'

const isVisible = (element: HTMLElement): boolean => element.checkVisibility()

const main = (): HTMLElement | null => document.getElementById("main")

const neighbourOf = (path: FocusPath): HTMLElement | null => {
  const around = path.find((element) => element.isConnected)
  // After signing in only the root is left: reading starts at the page, not at the link that skips to it.
  if (around === undefined || around === main() || (around.id === "root" && main() !== null)) return main()
  return (
    [...around.querySelectorAll<HTMLElement>(focusable)].find(isVisible) ??
    neighbourOf(path.slice(path.indexOf(around) + 1))
  )
}

/** Gives the focus to the first element of the path, or to its nearest neighbour if it is gone. */
export const focusNearest = (path: FocusPath): void => {
  const [wanted] = path
  if (wanted?.isConnected === true && isVisible(wanted)) wanted.focus()
  else neighbourOf(path)?.focus()
}

const isLost = (): boolean => document.activeElement === null || document.activeElement === document.body

/** Runs until the page is closed. */
export const keepFocus = (): void => {
  let last: FocusPath = []
  addEventListener("focusin", ({ target }) => {
    last = focusPathOf(target)
  })
  new MutationObserver(() => {
    if (isLost() && last[0]?.isConnected === false) focusNearest(last)
  }).observe(document.body, { childList: true, subtree: true })
}
