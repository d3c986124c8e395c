/** When the focused element is removed, moves the focus to the nearest element instead of the whole document. */

/** What can have the focus: a part of a page, or of a diagram in it. */
type Focusable = HTMLElement | SVGElement

const isFocusable = (target: EventTarget | null): target is Focusable =>
  target instanceof HTMLElement || target instanceof SVGElement

/** An element and what surrounds it, the nearest first. */
export type FocusPath = ReadonlyArray<Focusable>

export const focusPathOf = (target: EventTarget | null): FocusPath => {
  const path: Array<Focusable> = []
  for (let at = isFocusable(target) ? target : null; at !== null && at !== document.body;) {
    path.push(at)
    const around = at.parentElement
    at = isFocusable(around) ? around : null
  }
  return path
}

const focusable = 'button, a[href], input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]'

const isVisible = (element: Focusable): boolean => element.checkVisibility()

const main = (): HTMLElement | null => document.getElementById("main")

const neighbourOf = (path: FocusPath): Focusable | null => {
  const around = path.find((element) => element.isConnected)
  // After signing in only the root is left: reading starts at the page, not at the link that skips to it.
  if (around === undefined || around === main() || (around.id === "root" && main() !== null)) return main()
  return (
    [...around.querySelectorAll<Focusable>(focusable)].find(isVisible) ??
    neighbourOf(path.slice(path.indexOf(around) + 1))
  )
}

/** The element itself, or the one that was drawn again in its place. */
const successorOf = (wanted: Focusable | undefined): Focusable | undefined => {
  if (wanted === undefined || wanted.isConnected || wanted.id === "") return wanted
  const drawnAgain = document.querySelector(`#${CSS.escape(wanted.id)}`)
  return isFocusable(drawnAgain) ? drawnAgain : wanted
}

/** Gives the focus to the first element of the path, or to its nearest neighbour if it is gone. */
export const focusNearest = (path: FocusPath): void => {
  const wanted = successorOf(path[0])
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
