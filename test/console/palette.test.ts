/** The command palette, messages, progress and the choice of the time zone, tried in a real Chromium by keyboard. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { violationsIn } from "../accessibility.ts"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { pressEnter, pressEnterOn } from "./keyboard.ts"
import { keepMessages } from "./messages.ts"
import { at, startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

let browser: Browser
let server: RunningConsole
let keyId = ""
const hostile = `<img src=x onerror="globalThis.broken=1">`

beforeAll(async () => {
  browser = await launchChromium()
  server = await startConsole({ clock: "virtual" })
  const { kms, run } = server
  keyId = (await run(kms.createKey({ Description: "orders" }))).KeyMetadata.KeyId
  await run(kms.createAlias({ AliasName: "alias/orders", KeyId: keyId }))
  await run(kms.createKey({ Description: hostile }))
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const open = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options })
  context.setDefaultTimeout(patience)
  await keepMessages(context)
  const page = await context.newPage()
  await page.goto(`${server.url}/console/#token=${await server.token()}`)
  await page.getByText("Live", { exact: true }).waitFor()
  await page.goto(`${server.url}/console${path}`)
  await page.getByRole("heading", { level: 1 }).waitFor()
  await page.getByText("Live", { exact: true }).waitFor()
  return page
}

const palette = (page: Page) => page.getByRole("dialog", { name: "Commands" })
const option = (page: Page, name: string | RegExp) => page.getByRole("option", { name })
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true })
const message = (page: Page) => page.locator(".message")

const type = async (page: Page, text: string): Promise<void> => {
  await page.keyboard.press("Control+k")
  await palette(page).waitFor()
  await page.keyboard.type(text)
}

describe("the command palette", () => {
  for (const colorScheme of ["light", "dark"] as const) {
    it(`the command palette opens pages and keys, without accessibility violations, in ${colorScheme}`, async () => {
      const page = await open("/", { colorScheme })
      await type(page, "aud")
      await option(page, /^Audit/).waitFor()
      expect(await violationsIn(page)).toEqual([])
      await pressEnter(page)
      await page.getByRole("heading", { level: 1, name: "Audit" }).waitFor()
      await expect.poll(() => page.evaluate("document.activeElement.id"), { timeout: patience }).toBe("main")
      await type(page, "alias/ord")
      await option(page, /alias\/orders/).waitFor()
      await pressEnter(page)
      await page.getByRole("heading", { level: 1, name: "alias/orders" }).waitFor()
      await page.goto(`${server.url}/console/keys`)
      await page.getByRole("heading", { level: 1, name: "Keys" }).waitFor()
      await type(page, keyId)
      await option(page, /^(alias\/orders|[0-9a-f-]{36})/).waitFor()
      await pressEnter(page)
      await page.getByRole("heading", { level: 1, name: "alias/orders" }).waitFor()
      await page.context().close()
    })
  }

  it("the arrow keys move the palette's selection, and closing returns the focus", async () => {
    const page = await open("/keys")
    await button(page, "Create key").first().focus()
    await type(page, "")
    await page.keyboard.press("ArrowUp")
    await expect
      .poll(() => page.locator("[role=option][aria-selected=true]").textContent())
      .toMatch(/Conformance|Page$/)
    await page.keyboard.type("no such command")
    await page.getByText("Nothing matches.").waitFor()
    await pressEnter(page)
    await page.keyboard.press("Escape")
    await palette(page).waitFor({ state: "detached" })
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Create key")
    await page.context().close()
  })

  it("the command palette shows hostile names as text", async () => {
    const page = await open("/")
    await type(page, "onerror")
    await option(page, hostile).waitFor()
    expect(await page.evaluate(() => Reflect.has(globalThis, "broken"))).toBe(false)
    await page.context().close()
  })
})

describe("an action of the palette", () => {
  it("the command palette offers legal actions, whose dialog shows a refusal and retries", async () => {
    const page = await open(`/keys/${keyId}`)
    await page.locator("svg [data-arrow]").first().waitFor()
    let refusals = 1
    await page.route("**/console/api/call", async (route) => {
      if (at(route.request().postDataJSON(), "operation") !== "DisableKey" || refusals-- <= 0) return route.continue()
      const refusal = { code: "Rejected.Throttling", message: "The request was denied for now.", httpStatus: 503 }
      return route.fulfill({ json: { ok: false, refusal } })
    })
    await type(page, "cancel the deletion")
    await page.getByText("Nothing matches.").waitFor()
    await page.keyboard.press("Escape")
    await type(page, "disable")
    await option(page, /^Disable alias\/orders/).waitFor()
    await pressEnter(page)
    await page.getByRole("dialog", { name: "Disable key" }).waitFor()
    await pressEnterOn(button(page, "Disable key"))
    await page.getByRole("dialog").getByText("The request was denied for now.").waitFor()
    expect(await message(page).count()).toBe(0)
    await pressEnterOn(button(page, "Disable key"))
    await page.getByRole("dialog").waitFor({ state: "detached" })
    await message(page).getByText("The key is disabled.").waitFor()
    expect(await violationsIn(page)).toEqual([])
    await type(page, "enable")
    await option(page, /^Enable alias\/orders/).waitFor()
    await pressEnter(page)
    await message(page).getByText("The key is enabled.").waitFor()
    await page.context().close()
  })
})

describe("a call that takes long", () => {
  it("a call that takes long shows a progress bar, and then a message that ends by itself or is closed", async () => {
    const page = await open(`/keys/${keyId}?tab=names`)
    const held = Promise.withResolvers<void>()
    await page.route("**/console/api/call", async (route) => {
      await held.promise
      await route.continue()
    })
    await page.getByLabel("Text").fill("orders of today")
    await button(page, "Save").first().click()
    await page.getByRole("progressbar", { name: "Waiting for the server" }).waitFor()
    expect(await message(page).count()).toBe(0)
    held.resolve()
    await message(page).getByText("The description is saved.").waitFor()
    await page.getByRole("progressbar", { name: "Waiting for the server" }).waitFor({ state: "detached" })
    await button(page, "Close the message").click()
    await message(page).waitFor({ state: "detached" })
    await button(page, "Save").first().waitFor()
    await page.getByLabel("Text").fill("orders of tomorrow")
    await button(page, "Save").first().click()
    await message(page).getByText("The description is saved.").waitFor()
    expect(await page.evaluate("endMessages()")).toBe(true)
    await message(page).waitFor({ state: "detached" })
    await page.context().close()
  })
})

describe("the time zone", () => {
  it("the time zone is UTC or the browser's, as chosen, and is remembered", async () => {
    const page = await open(`/keys/${keyId}`, { timezoneId: "Asia/Shanghai" })
    const clock = page.locator("[aria-label='Virtual clock'] time")
    await expect.poll(() => clock.textContent()).toMatch(/ UTC$/)
    const shown = String(await clock.getAttribute("datetime"))
    await page.getByLabel("Times").selectOption("Local time")
    await expect.poll(() => clock.textContent(), { timeout: patience }).toMatch(/ UTC\+08:00$/)
    const local = new Date(Date.parse(shown) + 8 * 3_600_000).toISOString()
    expect(String(await clock.textContent()).slice(0, 10)).toBe(local.slice(0, 10))
    await page.reload()
    await page.getByText(/^Created .* UTC\+08:00/).waitFor()
    await page.getByLabel("Times").selectOption("UTC")
    await page.getByText(/^Created .* UTC \(/).waitFor()
    await page.context().close()
  })
})
