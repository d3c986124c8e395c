/** The banner about a machine's clock that jumped, and its two buttons, in a real Chromium. */
import { Effect } from "effect"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { formatInstant } from "../../src/domain/time.ts"
import { violationsIn } from "../accessibility.ts"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { day, hour, machineAt } from "../timers/machine.ts"
import type { Machine } from "../timers/machine.ts"
import { pressEnter } from "./keyboard.ts"
import { accessKeyId, at, secret, startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

const start = Date.UTC(2026, 5, 1)

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

interface Pair {
  readonly id: string
  readonly secret: string
}
const root: Pair = { id: accessKeyId, secret }

const pairIn = (made: unknown): Pair => ({
  id: String(at(made, "AccessKeyId")),
  secret: String(at(made, "AccessKeySecret"))
})

/** Signs in after the jump, because a session ends by the machine's clock. */
const signedIn = async ({ url }: RunningConsole, pair: Pair): Promise<Page> => {
  const page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage()
  page.setDefaultTimeout(patience)
  await page.goto(`${url}/console/`)
  await page.getByLabel("AccessKey ID").fill(pair.id)
  await page.getByLabel("AccessKey secret").fill(pair.secret)
  await pressEnter(page)
  await page.getByText("Live", { exact: true }).waitFor()
  return page
}

/** A server with a key to be deleted in 7 days, on a machine whose clock has jumped since. */
const jumped = async (by: number) => {
  const machine: Machine = machineAt(start)
  const server = await startConsole({ clock: "real", machine })
  const { kms, run } = server
  const { KeyId } = (await run(kms.createKey({ Description: "orders" }))).KeyMetadata
  await run(kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }))
  machine.set(by)
  return {
    KeyId,
    machine,
    server,
    [Symbol.asyncDispose]: async () => {
      for (const context of browser.contexts()) await context.close()
      await server.stop()
    }
  }
}

const banner = (page: Page) => page.getByRole("region", { name: "Clock in doubt" })
const confirm = (page: Page) => page.getByRole("button", { name: "Use the machine's clock" })
const reject = (page: Page) => page.getByRole("button", { name: "Keep the earlier time" })

const clockOf = ({ kms, run }: RunningConsole) => run(kms.showClock())

const stateOf = ({ kms, run }: RunningConsole, KeyId: string): Promise<string> =>
  run(
    kms.describeKey({ KeyId }).pipe(
      Effect.map(({ KeyMetadata }) => KeyMetadata.KeyState),
      Effect.catch(({ code }) => Effect.succeed(code))
    )
  )

/** Milliseconds between an instant of the API and another. */
const distance = (given: string, expected: number): number => Math.abs(Date.parse(given) - expected)

describe("the banner about a clock that jumped", () => {
  it("the clock banner names the direction and both times, and has no accessibility violation", async () => {
    await using jump = await jumped(8 * day)
    const page = await signedIn(jump.server, root)
    const text = String(await banner(page).textContent())
    expect(text).toContain("The machine's clock jumped forward")
    expect(text).toContain("2026-06-01 00:00:00 UTC")
    expect(text).toContain("2026-06-09 00:00:00 UTC")
    expect(await violationsIn(page)).toEqual([])
  })

  it("the clock banner names a jump back", async () => {
    await using jump = await jumped(-2 * day)
    const page = await signedIn(jump.server, root)
    expect(await banner(page).textContent()).toContain("The machine's clock jumped back")
  })

  it("the clock banner does not appear while the machine's clock is trusted", async () => {
    await using jump = await jumped(0)
    const page = await signedIn(jump.server, root)
    expect(await banner(page).count()).toBe(0)
  })
})

describe("the button that uses the machine's clock", () => {
  it("confirming the clock moves time forward, deletes due keys and removes the banner", async () => {
    await using jump = await jumped(8 * day)
    const page = await signedIn(jump.server, root)
    expect(await stateOf(jump.server, jump.KeyId)).toBe("PendingDeletion")
    await confirm(page).click()
    await banner(page).waitFor({ state: "detached" })
    await page.getByText(/^The clock is now at 2026-06-09T00:00:0/).waitFor({ state: "attached" })
    const clock = await clockOf(jump.server)
    expect(clock).not.toHaveProperty("Doubt")
    expect(distance(clock.Now, start + 8 * day)).toBeLessThan(1000)
    await expect.poll(() => stateOf(jump.server, jump.KeyId), { timeout: patience }).toBe("Forbidden.KeyNotFound")
  })

  it("confirming the clock moves time back after a jump back", async () => {
    await using jump = await jumped(-2 * day)
    const page = await signedIn(jump.server, root)
    await confirm(page).click()
    await banner(page).waitFor({ state: "detached" })
    expect(distance((await clockOf(jump.server)).Now, start - 2 * day)).toBeLessThan(1000)
  })
})

describe("the button that keeps the earlier time", () => {
  it("rejecting the clock keeps the time, deletes nothing and removes the banner", async () => {
    await using jump = await jumped(8 * day)
    const page = await signedIn(jump.server, root)
    await reject(page).click()
    await banner(page).waitFor({ state: "detached" })
    const clock = await clockOf(jump.server)
    expect(clock).toMatchObject({ Follows: "ElapsedTime" })
    expect(clock).not.toHaveProperty("Doubt")
    expect(distance(clock.Now, start)).toBeLessThan(1000)
    jump.machine.pass(hour)
    expect(distance((await clockOf(jump.server)).Now, start + hour)).toBeLessThan(1000)
    expect(await stateOf(jump.server, jump.KeyId)).toBe("PendingDeletion")
  })

  it("the clock can be rejected by keyboard", async () => {
    await using jump = await jumped(8 * day)
    const page = await signedIn(jump.server, root)
    await reject(page).focus()
    await pressEnter(page)
    await banner(page).waitFor({ state: "detached" })
    expect(await clockOf(jump.server)).toMatchObject({ Now: formatInstant(start) })
  })
})

describe("a caller that may not change the clock", () => {
  const outsiders: Readonly<Record<string, (server: RunningConsole) => Promise<Pair>>> = {
    "a user of the server's account": async (server) => {
      const page = await server.page()
      await page.ram("CreateUser", { UserName: "operator" })
      const made = await page.ram("CreateAccessKey", { UserName: "operator" })
      return pairIn(at(made, "reply", "AccessKey"))
    },
    "the root of another account": async (server) => {
      const page = await server.page()
      return pairIn(at(await page.call("CreateAccount"), "reply", "Account", "RootAccessKey"))
    }
  }

  it.each(Object.entries(outsiders))(
    "a caller without permission sees both clock buttons disabled with the reason: %s",
    async (_, pairOf) => {
      await using jump = await jumped(8 * day)
      const page = await signedIn(jump.server, await pairOf(jump.server))
      for (const button of [confirm(page), reject(page)]) {
        expect(await button.getAttribute("aria-disabled")).toBe("true")
        await button.click({ force: true })
      }
      expect(await banner(page).textContent()).toContain(
        "Only the root of the server's own account can change the clock."
      )
      expect(await clockOf(jump.server)).toHaveProperty("Doubt")
      expect(await stateOf(jump.server, jump.KeyId)).toBe("PendingDeletion")
    }
  )
})
