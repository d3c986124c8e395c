/** Keys that a person presses in the console. */
import type { Locator, Page } from "playwright-core"
import { expect } from "vitest"

/**
 * Presses Enter on the focused element. A button that is off, for example while its call runs, ignores the key: so this
 * waits until the button is on.
 */
export const pressEnter = async (page: Page): Promise<void> => {
  // The console's policy forbids the code that waitForFunction runs in the page.
  const isOff = () => page.evaluate("document.activeElement.getAttribute('aria-disabled') === 'true'")
  await expect.poll(isOff).toBe(false)
  await page.keyboard.press("Enter")
}

/** Presses Enter on an element, as `pressEnter` does. */
export const pressEnterOn = async (element: Locator): Promise<void> => {
  await element.focus()
  await pressEnter(element.page())
}
