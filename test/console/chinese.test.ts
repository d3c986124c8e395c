/** The console in Chinese, in a real Chromium: every page without English sentences, and the switch of the language. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { violationsIn } from "../accessibility.ts"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

let browser: Browser
let server: RunningConsole
let keyId = ""
let pendingId = ""

beforeAll(async () => {
  browser = await launchChromium()
  server = await startConsole({ clock: "virtual" })
  const { kms, run } = server
  keyId = (await run(kms.createKey({ Description: "orders" }))).KeyMetadata.KeyId
  pendingId = (await run(kms.createKey({ Origin: "EXTERNAL" }))).KeyMetadata.KeyId
  await run(kms.scheduleKeyDeletion({ KeyId: pendingId, PendingWindowInDays: 7 }))
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const open = async (options: BrowserContextOptions): Promise<Page> => {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  await page.goto(`${server.url}/console/#token=${await server.token()}`)
  // The sign-in page has a heading too, but not the frame of the pages.
  await page.locator(".frame").waitFor()
  await page.locator("main h1").waitFor()
  return page
}

/** Opens a page of the console without loading it again, and waits until it has read its data. */
const goTo = async (page: Page, path: string): Promise<void> => {
  await page.evaluate(`history.pushState(null, "", ${JSON.stringify(`/console${path}`)})`)
  await page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
  await page.locator("main h1").waitFor()
  await page
    .locator("main")
    .filter({ hasText: /正在(加载|检查|搜索)/ })
    .waitFor({ state: "detached" })
}

/** Two English words in a row, outside codes, drawings, and what is marked as English. */
const englishTexts = `(() => {
  const isOurs = (element) => element.closest("[lang=en], code, pre, textarea, svg, script, noscript") === null
  const isEnglish = (text) => /[A-Za-z]{2,} [a-z]{2,}/.test(text ?? "")
  const found = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (isEnglish(node.data) && isOurs(node.parentElement)) found.push(node.data)
  }
  for (const name of ["aria-label", "title", "placeholder", "alt"]) {
    for (const element of document.querySelectorAll("[" + name + "]")) {
      if (isEnglish(element.getAttribute(name)) && isOurs(element)) found.push(element.getAttribute(name))
    }
  }
  return found
})()`

const width = "document.documentElement.scrollWidth"

const tabs = ["allowed", "versions", "names", "access", "history", "try"] as const

const paths = (): ReadonlyArray<string> => [
  "/",
  "/keys",
  "/timeline",
  "/access",
  "/access?tab=policies",
  "/access?tab=check",
  "/machines",
  "/sandbox",
  "/audit",
  "/conformance",
  `/keys/${keyId}`,
  ...tabs.map((tab) => `/keys/${keyId}?tab=${tab}`),
  `/keys/${pendingId}?tab=material`,
  `/keys/${pendingId}?at=1`
]

/** Pages with different parts. Other tests analyse every page in English. */
const analysed = ["/", "/keys", "/audit"] as const

describe("a page in Chinese", () => {
  it("every page in Chinese has no English sentence and fits 320 pixels", async () => {
    const page = await open({ locale: "zh-CN", viewport: { width: 320, height: 640 } })
    for (const path of paths()) {
      await goTo(page, path)
      expect(await page.evaluate(englishTexts), path).toEqual([])
      expect(await page.evaluate(width), path).toBeLessThanOrEqual(320)
    }
  })

  it("pages in Chinese have no fault of accessibility", async () => {
    const page = await open({ locale: "zh-CN" })
    for (const path of analysed) {
      await goTo(page, path)
      expect(await violationsIn(page), path).toEqual([])
    }
  })

  it("dialogs and their reasons are in Chinese", async () => {
    const page = await open({ locale: "zh-CN", viewport: { width: 320, height: 640 } })
    await goTo(page, "/keys")
    await page.getByRole("button", { name: "创建密钥", exact: true }).click()
    await page.getByRole("dialog", { name: "创建密钥" }).getByLabel("别名", { exact: true }).fill("a b")
    expect(await page.evaluate(englishTexts)).toEqual([])
    await page.keyboard.press("Escape")
    await goTo(page, `/keys/${keyId}`)
    await page.getByRole("button", { name: "计划删除…", exact: true }).click()
    await page.getByRole("button", { name: "仍要删除…", exact: true }).click()
    expect(await page.evaluate(englishTexts)).toEqual([])
    expect(await page.evaluate(width)).toBeLessThanOrEqual(320)
  })
})

describe("the language", () => {
  it("the language is that of the browser until a person switches, and the browser keeps the choice", async () => {
    const page = await open({ locale: "zh-CN" })
    const heading = page.locator("main h1")
    await expect.poll(() => heading.textContent()).toBe("概览")
    await expect.poll(() => page.title()).toBe("概览 · Keystate")
    await expect.poll(() => page.locator("html").getAttribute("lang")).toBe("zh-CN")
    await page.getByLabel("语言", { exact: true }).selectOption("English")
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor()
    await expect.poll(() => page.locator("html").getAttribute("lang")).toBe("en")
    await expect.poll(() => page.title()).toBe("Overview · Keystate")
    await page.reload()
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor()
    await page.getByRole("button", { name: "Sign out" }).click()
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor()
    await page.getByLabel("Language", { exact: true }).selectOption("简体中文")
    await page.getByRole("heading", { level: 1, name: "登录" }).waitFor()
  })

  it("no page appears in another language first", async () => {
    const page = await open({ locale: "zh-CN" })
    await page.addInitScript(`
      globalThis.seen = []
      new MutationObserver(() => seen.push(document.getElementById("root")?.innerText ?? ""))
        .observe(document, { childList: true, subtree: true })
    `)
    await page.reload()
    await page.locator("main h1").waitFor()
    const seen = await page.evaluate("seen.filter((text) => /Overview|Checking|Language/.test(text))")
    expect(seen).toEqual([])
    expect(await page.evaluate("seen.some((text) => text.includes('概览'))")).toBe(true)
  })
})
