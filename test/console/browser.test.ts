/** The console in a real Chromium: every page, by keyboard alone, in both colour schemes, at two widths, with hostile texts. */
import { readFileSync } from "node:fs"
import { Effect } from "effect"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { made } from "../../src/cli/diagram/made.ts"
import { momentsOf } from "../../src/visualizer/keys/history.ts"
import { violationsIn } from "../accessibility.ts"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { pressEnter, pressEnterOn } from "./keyboard.ts"
import { startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

// A browser on a busy machine is slow, and these tests do not measure speed.

let browser: Browser
let server: RunningConsole
const hostile = `<img src=x onerror="globalThis.broken=1"><script>globalThis.broken=1</script>{{7*7}}`
const ids: Record<"enabled" | "external" | "signing" | "leaving" | "hostile" | "gone", string> = {
  enabled: "",
  external: "",
  signing: "",
  leaving: "",
  hostile: "",
  gone: ""
}

beforeAll(async () => {
  browser = await launchChromium()
  server = await startConsole({ clock: "virtual", hsm: "simulator" })
  const { kms, run } = server
  const make = async (request: Parameters<typeof kms.createKey>[0]) =>
    (await run(kms.createKey(request))).KeyMetadata.KeyId
  ids.gone = await make({ Description: "gone" })
  await run(kms.scheduleKeyDeletion({ KeyId: ids.gone, PendingWindowInDays: 7 }))
  await run(kms.advanceClock({ By: "8d" }))
  ids.enabled = await make({ Description: "orders", EnableAutomaticRotation: true, RotationInterval: "30d" })
  ids.external = await make({ Description: "partner", Origin: "EXTERNAL" })
  ids.signing = await make({ Description: "invoices", KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" })
  ids.leaving = await make({ Description: "legacy" })
  ids.hostile = await make({ Description: hostile })
  await run(kms.createAlias({ AliasName: "alias/orders", KeyId: ids.enabled }))
  await run(kms.tagResource({ KeyId: ids.hostile, Tags: JSON.stringify([{ TagKey: "k", TagValue: "<b>v</b>" }]) }))
  await run(kms.scheduleKeyDeletion({ KeyId: ids.leaving, PendingWindowInDays: 7 }))
})

afterAll(async () => {
  await browser.close()
  await server.stop()
})

interface Opened extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /** The faults so far, in the page's log or in its requests. */
  readonly faults: ReadonlyArray<string>
}

/** A page that is signed in by a separate token. */
const open = async (options: Parameters<Browser["newContext"]>[0] = {}): Promise<Opened> => {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  const faults: Array<string> = []
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(message.text())
  })
  page.on("pageerror", (error) => faults.push(error.message))
  page.on("request", (request) => {
    const url = request.url()
    if (!url.startsWith(server.url) && !url.startsWith("data:") && !url.startsWith("blob:")) faults.push(url)
  })
  await page.goto(`${server.url}/console/#token=${await server.token()}`)
  try {
    await page.getByText("Live", { exact: true }).waitFor()
  } catch (failed) {
    throw new Error(`no one was signed in: ${String(await page.evaluate("document.body.innerText"))}`, {
      cause: failed
    })
  }
  return { page, context, faults, [Symbol.asyncDispose]: () => context.close() }
}

const goTo = async (page: Page, path: string): Promise<void> => {
  await page.goto(`${server.url}/console${path}`)
  await page.getByRole("heading", { level: 1 }).waitFor()
  await page
    .getByText(/^Loading/)
    .first()
    .waitFor({ state: "detached" })
}

const paths = (): ReadonlyArray<string> => [
  "/",
  "/keys",
  "/keys?state=PendingDeletion",
  "/timeline",
  "/access",
  "/machines",
  "/sandbox",
  "/audit",
  "/conformance",
  `/keys/${ids.enabled}`,
  `/keys/${ids.leaving}?tab=allowed`,
  `/keys/${ids.enabled}?tab=versions`,
  `/keys/${ids.external}?tab=material`,
  `/keys/${ids.hostile}?tab=names`,
  `/keys/${ids.enabled}?tab=access`,
  `/keys/${ids.leaving}?tab=history&at=1`,
  `/keys/${ids.enabled}?tab=try`,
  `/keys/${ids.signing}?tab=try`,
  `/keys/${ids.gone}`,
  `/keys/${ids.gone}?at=2`,
  "/keys/00000000-0000-4000-8000-000000000000"
]

describe("every page", () => {
  it("every page has no accessibility violation, no error and no request to others, in light, and fits 320 to 1440 pixels", async () => {
    await using opened = await open({ colorScheme: "light" })
    const { page } = opened
    for (const path of paths()) {
      await goTo(page, path)
      expect(await violationsIn(page), path).toEqual([])
      for (const width of [320, 768, 1440, 1240]) {
        await page.setViewportSize({ width, height: 900 })
        const needed = await page.evaluate("document.documentElement.scrollWidth")
        expect(needed, `${path} at ${width} pixels`).toBeLessThanOrEqual(width)
      }
    }
    expect(opened.faults).toEqual([])
  })

  it("every page has no accessibility violation, no error and no request to others, in dark", async () => {
    await using opened = await open({ colorScheme: "dark" })
    for (const path of paths()) {
      await goTo(opened.page, path)
      expect(await violationsIn(opened.page), path).toEqual([])
    }
    expect(opened.faults).toEqual([])
  })

  it("the Access tab of a key fits 320 pixels with an explained refusal", async () => {
    await (await server.page()).ram("CreateUser", { UserName: "powerless" })
    await using opened = await open({ viewport: { width: 320, height: 640 } })
    const { page } = opened
    await goTo(page, "/keys")
    const heading = await page.getByRole("heading", { level: 1 }).boundingBox()
    expect(heading?.y, "the head leaves room for the page").toBeLessThan(320)
    await pressEnterOn(page.getByRole("button", { name: "Menu" }))
    await pressEnterOn(page.getByRole("link", { name: "Audit" }))
    await page.getByRole("heading", { level: 1, name: "Audit" }).waitFor()
    await page.getByRole("link", { name: "Audit" }).waitFor({ state: "hidden" })
    await goTo(page, `/keys/${ids.enabled}?tab=access`)
    await page.getByRole("button", { name: "user/powerless" }).click()
    const reason = page.getByText("GenerateDataKeyWithoutPlaintext is not allowed by any policy.")
    await reason.click()
    await page.getByText('"Action":"kms:GenerateDataKeyWithoutPlaintext"').waitFor()
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(320)
    expect(await violationsIn(page)).toEqual([])
  })

  it("every page shows hostile text as text", async () => {
    await using opened = await open()
    for (const path of ["/", "/keys", `/keys/${ids.hostile}`, `/keys/${ids.hostile}?tab=names`, "/audit"]) {
      await goTo(opened.page, path)
      expect(await opened.page.evaluate(() => Reflect.has(globalThis, "broken")), path).toBe(false)
    }
    await goTo(opened.page, "/keys")
    await expect.poll(() => opened.page.getByText(hostile).count()).toBe(1)
    await expect.poll(() => opened.page.getByText("k=<b>v</b>").count()).toBe(1)
    expect(opened.faults).toEqual([])
  })
})

describe("the policy of a key", () => {
  it("the console shows and replaces a key policy, and refuses an invalid one with the place", async () => {
    await using opened = await open()
    const { page } = opened
    await goTo(page, `/keys/${ids.leaving}?tab=access`)
    const field = page.getByLabel("Policy document")
    await expect.poll(() => field.inputValue()).toContain('"Sid": "kms default key policy"')
    await expect.poll(() => page.getByRole("button", { name: "Save" }).getAttribute("aria-disabled")).toBe("true")
    await goTo(page, `/keys/${ids.enabled}?tab=access`)
    const whole = await field.inputValue()
    await field.fill(whole.replace("kms:*", "oss:*"))
    await page.getByRole("button", { name: "Save" }).click()
    await page.getByText("but must be kms:<operation>").waitFor()
    await field.fill(whole.replace("kms:*", "kms:Describe*"))
    await page.getByRole("button", { name: "Save" }).click()
    const stored = async () => (await server.run(server.kms.getKeyPolicy({ KeyId: ids.enabled }))).Policy
    await expect.poll(stored, { timeout: patience }).toContain("kms:Describe*")
    await page.getByText("but must be kms:<operation>").waitFor({ state: "detached" })
  })
})

describe("sign-in", () => {
  it("the sign-in page accepts an access key pair, and says why a wrong one is refused", async () => {
    const context = await browser.newContext()
    context.setDefaultTimeout(patience)
    const page = await context.newPage()
    await page.goto(`${server.url}/console/`)
    await page.getByRole("heading", { name: "Sign in" }).waitFor()
    expect(await violationsIn(page)).toEqual([])
    await page.getByLabel("AccessKey ID").fill("testid")
    await page.getByLabel("AccessKey secret").fill("wrong")
    await page.getByRole("button", { name: "Sign in" }).click()
    await page.getByText("The AccessKey ID does not exist or the secret is wrong.").waitFor()
    await page.getByLabel("AccessKey secret").fill("testsecret")
    await pressEnter(page)
    await page.getByRole("heading", { name: "Overview" }).waitFor()
    expect(await page.evaluate("document.cookie")).toBe("")
    expect(await page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")).not.toContain("test")
    await page.getByRole("button", { name: "Sign out" }).click()
    await page.getByRole("heading", { name: "Sign in" }).waitFor()
    await context.close()
  })

  it("the sign-in removes the token from the address", async () => {
    await using opened = await open()
    await expect.poll(() => opened.page.url()).not.toContain("token")
  })
})

/** The name of the focused element, in the page. */
const nameOfFocus = `(() => {
  const element = document.activeElement
  return element?.labels?.[0]?.textContent ?? element?.getAttribute("aria-label") ?? element?.textContent ?? ""
})()`

/** Presses Tab until the named element has the focus: it may be drawn after a late answer. */
const tabTo = async (page: Page, name: string): Promise<void> => {
  const next = async (): Promise<string> => {
    const focused = String(await page.evaluate(nameOfFocus)).trim()
    if (focused !== name) await page.keyboard.press("Tab")
    return focused
  }
  await expect.poll(next, { interval: 1, message: "the keyboard does not reach it" }).toBe(name)
}

/** Presses a button that the keyboard reached. */
const activate = async (page: Page, name: string): Promise<void> => {
  await tabTo(page, name)
  await pressEnter(page)
}

describe("the keyboard alone", () => {
  it("the keyboard alone creates, disables and enables a key, and schedules and cancels its deletion", async () => {
    await using opened = await open()
    const { page } = opened
    const stateIs = (state: string) => page.locator(`main .row [data-state=${state}]`).first().waitFor()
    // The state comes with the event stream, perhaps before the answer that closes the dialog.
    const closed = () => page.getByRole("dialog").waitFor({ state: "detached" })
    const isThere = async (): Promise<number> => {
      // The second key counts only soon after the first.
      await page.keyboard.press("g")
      await page.keyboard.press("k")
      return page.getByRole("heading", { level: 1, name: "Keys" }).count()
    }
    await expect.poll(isThere).toBe(1)
    await activate(page, "Create key")
    await page.getByRole("dialog").waitFor()
    expect(await violationsIn(page)).toEqual([])
    await tabTo(page, "Alias name")
    await page.keyboard.type("by-keyboard")
    await pressEnter(page)
    await page.getByRole("heading", { level: 1, name: "alias/by-keyboard" }).waitFor()
    await stateIs("Enabled")
    await closed()
    await activate(page, "Disable…")
    await activate(page, "Disable key")
    await stateIs("Disabled")
    await closed()
    await activate(page, "Enable")
    await stateIs("Enabled")
    await activate(page, "Schedule deletion…")
    await page.getByRole("dialog").waitFor()
    expect(await violationsIn(page)).toEqual([])
    await activate(page, "Delete anyway…")
    await tabTo(page, "Type the key's name to continue")
    await page.keyboard.type("alias/by-keyboard")
    await activate(page, "Schedule deletion")
    await stateIs("PendingDeletion")
    await closed()
    await activate(page, "Cancel deletion")
    await stateIs("Enabled")
    expect(opened.faults).toEqual([])
  })

  it("keyboard shortcuts are listed, and can be disabled", async () => {
    await using opened = await open()
    const { page } = opened
    await page.keyboard.press("?")
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor()
    await page.getByLabel("Single-key shortcuts are on").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("a")
    // A later key that the page answers: the keys before it have been handled.
    await page.keyboard.press("Control+k")
    await page.getByRole("dialog", { name: "Commands" }).waitFor()
    expect(new URL(page.url()).pathname).toBe("/console/")
  })
})

describe("downloaded pictures", () => {
  it("the downloaded picture equals the output of the command line, byte for byte", async () => {
    await using opened = await open()
    const { page } = opened
    await goTo(page, `/keys/${ids.leaving}`)
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "SVG", exact: true }).click()
    ])
    const { Events } = await server.run(server.kms.listKeyEvents({ KeyId: ids.leaving }))
    const entries = Events.Event.map((event) => ({
      seq: event.Seq,
      at: event.At,
      principal: event.Principal,
      requestId: event.RequestId,
      payload: JSON.parse(event.Payload)
    }))
    const written = await Effect.runPromise(
      made({
        machine: "cmk",
        format: "svg",
        title: `${ids.leaving} after event 2`,
        name: ids.leaving,
        moments: momentsOf(entries).moments
      })
    )
    expect(readFileSync(await download.path(), "utf8")).toBe(written.content)
  })
})

describe("an open page", () => {
  it("an open page shows changes of others at once, and events of the clock", async () => {
    await using opened = await open()
    const { page } = opened
    const { KeyMetadata } = await server.run(server.kms.createKey({ Description: "watched" }))
    await goTo(page, `/keys/${KeyMetadata.KeyId}`)
    await page.locator("svg [data-state='lifecycle.Enabled'][data-is=active]").waitFor()
    await server.run(server.kms.disableKey({ KeyId: KeyMetadata.KeyId }))
    await page.locator("svg [data-state='lifecycle.Disabled'][data-is=active]").waitFor()
    await server.run(server.kms.scheduleKeyDeletion({ KeyId: KeyMetadata.KeyId, PendingWindowInDays: 7 }))
    await page.locator("main .row [data-state=PendingDeletion]").first().waitFor()
    await page.getByText("in 6 d 23 h").or(page.getByText("in 7 d")).first().waitFor()
    await page.getByRole("button", { name: "+7 d" }).click()
    await page.getByText("Its history is kept.").waitFor()
    await page.getByRole("rowheader", { name: "DeletionDue" }).waitFor()
    expect(opened.faults).toEqual([])
  })
})
