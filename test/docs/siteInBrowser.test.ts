/** The built site in a browser without a network: pages fit a narrow screen, and search and playground work. */
import { createServer } from "node:http"
import type { Server } from "node:http"
import { readdirSync } from "node:fs"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeDocsSite } from "../../src/console/server/docsSite.ts"
import { launchChromium } from "../chromium.ts"
import { packagedSite } from "../package/installed.ts"
import { patience } from "../patience.ts"

let folder: string
let server: Server
let browser: Browser
let page: Page
let url: string
/** Requests to other servers, and errors of the pages. */
const faults: Array<string> = []

beforeAll(async () => {
  folder = await packagedSite()
  const site = makeDocsSite([folder])
  server = createServer((request, response) => void site.handle(request, response, () => true))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/docs/`
  browser = await launchChromium()
  page = await browser.newPage({ viewport: { width: 320, height: 640 } })
  page.setDefaultTimeout(patience)
  page.on("pageerror", (error) => faults.push(error.message))
  page.on("console", (message) => void (message.type() === "error" && faults.push(message.text())))
  page.on("request", (request) => void (request.url().startsWith(new URL(url).origin) || faults.push(request.url())))
})

afterAll(async () => {
  await browser?.close()
  server?.close()
})

describe("the site of the documentation in a browser", () => {
  it("pages of the documentation fit 320 pixels, without errors and requests to another server", async () => {
    const pages = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".html.gz"))
      .map((name) => name.slice(0, -".gz".length))
    expect(pages.length).toBeGreaterThan(60)
    const wide: Array<string> = []
    for (const name of pages.filter((each) => each !== "404.html")) {
      await page.goto(url + name, { waitUntil: "domcontentloaded" })
      const width = await page.evaluate<number>("document.documentElement.scrollWidth")
      if (width > 320) wide.push(`${name}: ${width}`)
    }
    expect(wide).toEqual([])
    expect(faults).toEqual([])
  })

  it("the documentation site draws the diagrams of its pages as pictures", async () => {
    for (const [name, text] of [
      ["states.html", "PendingDeletion"],
      ["architecture.html", "console/app"]
    ] as const) {
      await page.goto(url + name)
      expect(await page.locator(".diagram svg:visible").first().innerHTML()).toContain(text)
      expect(await page.locator(".language-mermaid").count()).toBe(0)
    }
  })

  it("the documentation site finds a page by a word of the page", async () => {
    await page.goto(url)
    await page.getByRole("button", { name: "Search" }).click()
    await page.locator("input[type=search]").fill("keystate_audit_waiting")
    await page.locator('.results a[href*="/docs/metrics"]').first().waitFor()
    expect(await page.locator(".results a").count()).toBeLessThan(30)
  })

  it.each(["light", "dark"] as const)("the playground runs a key in a %s page", async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await page.goto(`${url}playground.html`)
    const press = (event: string) => page.locator(`button[data-event="${event}"]`).click()
    const says = (text: string) => page.locator(".playground-outcome", { hasText: text }).waitFor()
    await page.locator('button[data-kind="rotating"]').click()
    await says("rotates every 30 days")
    await press("Encrypt")
    await says("The text is encrypted")
    await press("DisableKey")
    await says("DisableKey was accepted")
    await press("Decrypt")
    await says("Rejected.Disabled")
    await press("EnableKey")
    await says("EnableKey was accepted")
    await press("Decrypt")
    await says("The plaintext is: a record")
    await press("ScheduleKeyDeletion")
    await says("ScheduleKeyDeletion was accepted")
    await press("DeletionDue")
    await says("DeletionDue was accepted")
    expect(await page.locator(".playground-table").innerText()).toMatch(/KeyState\s+Deleted/)
    expect(await page.locator(".playground-journal li").count()).toBe(5)
    expect(await page.locator(".playground-chart svg").innerHTML()).toContain("Deleted")
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(320)
    expect(faults).toEqual([])
  })
})
