/** Messages of the console that stay until a test has read them. */
import type { BrowserContext } from "playwright-core"

/** As in the announcer of the console. */
const shownMillis = 10_000

/**
 * The timer of a message never ends by itself: on a busy machine a message could be gone before a test looks. The
 * function `endMessages` of the page ends these timers.
 */
export const keepMessages = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript((millis) => {
    const own = globalThis.setTimeout.bind(globalThis)
    const held: Array<() => void> = []
    const start = (run: () => void, after?: number): number => {
      if (after !== millis) return Number(own(run, after))
      held.push(run)
      return 0
    }
    Object.assign(globalThis, {
      setTimeout: start,
      endMessages: () => {
        for (const run of held.splice(0)) run()
        return true
      }
    })
  }, shownMillis)
