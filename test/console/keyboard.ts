/** Keys that a person presses in the console. */
import type { Page } from "playwright-core"

/**
 * Presses Enter on the focused element. A button that is off, for example while its call runs, ignores the key: so this
 * waits until the button is on.
 */
export const pressEnter = async (page: Page): Promise<void> => {
  await page.waitForFunction("document.activeElement.getAttribute('aria-disabled') !== 'true'")
  await page.keyboard.press("Enter")
}
