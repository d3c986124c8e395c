/** A key with twenty thousand events: the shown part, and the way to any event. */
import { Effect } from "effect"
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

const events = 20_000

let server: RunningConsole
let browser: Browser
beforeAll(async () => {
  server = await startConsole()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

it("the History tab shows the newest page of a long history, and opens any event", async () => {
  const { kms, run } = server
  const { KeyId } = (await run(kms.createKey({}))).KeyMetadata
  await run(
    Effect.gen(function* () {
      for (let event = 2; event < events; event += 2) {
        yield* kms.disableKey({ KeyId })
        yield* kms.enableKey({ KeyId })
      }
      yield* kms.disableKey({ KeyId })
    })
  )
  const page = await browser.newPage()
  page.setDefaultTimeout(patience)
  await page.goto(`${server.url}/console/keys/${KeyId}#token=${await server.token()}`)
  await page.getByRole("tab", { name: "History" }).click()
  await page
    .getByText(`of ${events.toLocaleString("en-US")}`)
    .first()
    .waitFor()
  expect(await page.getByRole("row").count()).toBeLessThan(400)

  const lit = () =>
    page
      .locator('svg [data-is="active"]')
      .evaluateAll((found) => found.map((state) => state.getAttribute("data-state")))
  await page.goto(`${server.url}/console/keys/${KeyId}?at=${events}`)
  await expect.poll(lit).toEqual(["lifecycle.Disabled", "rotation.Disabled"])
  await page.goto(`${server.url}/console/keys/${KeyId}?at=11`)
  await expect.poll(lit).toEqual(["lifecycle.Enabled", "rotation.Disabled"])
  const caption = String(await page.locator("svg [id='cmk.caption']").textContent())
  expect(caption).toMatch(new RegExp(`^${KeyId}: Enabled, rotation Disabled at .+, after event 11, EnableKey$`))
  expect(await page.locator("*").count()).toBeLessThan(6000)
  await page.context().close()
})
