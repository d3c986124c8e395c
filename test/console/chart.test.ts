/** The diagram of a key as a control in a real Chromium: by pointer, by keyboard, and with a failure. */
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { violationsIn } from "../accessibility.ts"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { pressEnter, pressEnterOn } from "./keyboard.ts"
import { at, startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

let browser: Browser
let server: RunningConsole
beforeAll(async () => {
  browser = await launchChromium()
  server = await startConsole({ clock: "virtual" })
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const makeKey = async (): Promise<string> => {
  const { kms, run } = server
  const { KeyMetadata } = await run(kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "30d" }))
  return KeyMetadata.KeyId
}

const stateOf = async (KeyId: string): Promise<string> =>
  (await server.run(server.kms.describeKey({ KeyId }))).KeyMetadata.KeyState

/** The page of a key at 1440 by 900, signed in by a token of the root or as a user. */
const open = async (keyId: string, as?: { readonly id: string; readonly secret: string }): Promise<Page> => {
  const context = await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1440, height: 900 } })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  if (as === undefined) await page.goto(`${server.url}/console/#token=${await server.token()}`)
  else {
    await page.goto(`${server.url}/console/`)
    await page.getByLabel("AccessKey ID").fill(as.id)
    await page.getByLabel("AccessKey secret").fill(as.secret)
    await pressEnter(page)
  }
  await page.getByText("Live", { exact: true }).waitFor()
  await page.goto(`${server.url}/console/keys/${keyId}`)
  await page.locator("svg [data-arrow]").first().waitFor()
  // The diagram is drawn whole first, and then opens at the current state.
  const shownHeight = async () => Number((await viewBox(page)).split(" ")[3])
  await expect.poll(shownHeight).toBeLessThan(await sheetHeight(page))
  return page
}

const sheetHeight = async (page: Page): Promise<number> =>
  Number(await page.evaluate("document.querySelector('.liveHost > svg > rect').getAttribute('height')"))

const viewBox = async (page: Page): Promise<string> =>
  String(await page.evaluate("document.querySelector('.liveHost > svg').getAttribute('viewBox')"))

const arrow = (page: Page, name: string) => page.locator(`svg [data-arrow][aria-label="${name}"]`)
/** A point on the words of an arrow, where a person would click. */
const words = (page: Page, name: string) => arrow(page, name).locator("text").first()
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true })
const tip = (page: Page) => page.getByRole("tooltip")

const focused = (page: Page): Promise<unknown> => page.evaluate("document.activeElement.getAttribute('aria-label')")

describe("legal arrows", () => {
  it("a legal arrow opens the dialog of its button, and returns the focus", async () => {
    const keyId = await makeKey()
    const page = await open(keyId)
    await words(page, "DisableKey: Enabled to Disabled").click()
    await page.getByRole("dialog", { name: "Disable key" }).waitFor()
    await page.keyboard.press("Escape")
    await page.getByRole("dialog").waitFor({ state: "detached" })
    expect(await stateOf(keyId)).toBe("Enabled")
    await expect.poll(() => focused(page)).toBe("DisableKey: Enabled to Disabled")
    await words(page, "DisableKey: Enabled to Disabled").click()
    await button(page, "Disable key").click()
    await page.locator("svg [data-state='lifecycle.Disabled'][data-is=active]").waitFor()
    expect(await stateOf(keyId)).toBe("Disabled")
    await expect.poll(() => focused(page), { timeout: patience }).toContain("DisableKey")
    await page.context().close()
  })

  it("a legal arrow without loss acts at once, like its button", async () => {
    const keyId = await makeKey()
    await server.run(server.kms.scheduleKeyDeletion({ KeyId: keyId, PendingWindowInDays: 7 }))
    const page = await open(keyId)
    await words(page, "CancelKeyDeletion [material present]: Pending deletion to Enabled").click()
    await page.locator("svg [data-state='lifecycle.Enabled'][data-is=active]").waitFor()
    expect(await stateOf(keyId)).toBe("Enabled")
    await page.context().close()
  })

  it("the keyboard reaches an arrow, whose dialog shows a refusal and retries", async () => {
    const keyId = await makeKey()
    const page = await open(keyId)
    let refusals = 1
    await page.route("**/console/api/call", async (route) => {
      if (at(route.request().postDataJSON(), "operation") !== "UpdateRotationPolicy" || refusals-- <= 0) {
        return route.continue()
      }
      const refusal = { code: "Rejected.Throttling", message: "The request was denied for now.", httpStatus: 503 }
      return route.fulfill({ json: { ok: false, refusal } })
    })
    expect(await violationsIn(page)).toEqual([])
    await button(page, "Current state").focus()
    await page.keyboard.press("Tab")
    expect(String(await focused(page))).toMatch(/: (Enabled|rotation Enabled) to /)
    for (let press = 0; press < 20 && !/rotation Enabled to/.test(String(await focused(page))); press++) {
      await page.keyboard.press("ArrowRight")
    }
    const name = "UpdateRotationPolicy [else]: rotation Enabled to rotation Disabled"
    expect(await focused(page)).toBe(name)
    await pressEnter(page)
    await page.getByRole("dialog", { name: "Automatic rotation" }).waitFor()
    expect(await violationsIn(page)).toEqual([])
    await pressEnterOn(button(page, "Apply").last())
    await page.getByRole("dialog").getByText("The request was denied for now.").waitFor()
    expect(await page.getByRole("dialog").isVisible()).toBe(true)
    await pressEnterOn(button(page, "Apply").last())
    await page.getByRole("dialog").waitFor({ state: "detached" })
    await page.locator("svg [data-state='rotation.Disabled'][data-is=active]").waitFor()
    await expect.poll(() => focused(page), { timeout: patience }).toContain("UpdateRotationPolicy")
    await page.context().close()
  })
})

describe("illegal arrows", () => {
  it("an illegal arrow shows its reason on hover and focus, and does nothing", async () => {
    const keyId = await makeKey()
    const page = await open(keyId)
    await server.run(server.kms.scheduleKeyDeletion({ KeyId: keyId, PendingWindowInDays: 7 }))
    await page.locator("svg [data-state='lifecycle.PendingDeletion'][data-is=active]").waitFor()
    await words(page, "DisableKey: Enabled to Disabled").hover()
    await tip(page).getByText("This arrow begins at Enabled. The key is in Pending deletion.").waitFor()
    await tip(page).getByText("The key refuses DisableKey").waitFor()
    await words(page, "DisableKey: Enabled to Disabled").click({ force: true })
    expect(await page.getByRole("dialog").count()).toBe(0)
    await page.keyboard.press("Escape")
    await tip(page).waitFor({ state: "hidden" })
    await arrow(page, "CancelKeyDeletion [else]: Pending deletion to Pending import").focus()
    await tip(page).getByText("Here CancelKeyDeletion leads to Enabled.").waitFor()
    await arrow(page, "DeletionDue: Pending deletion to Deleted").focus()
    await tip(page).getByText("DeletionDue happens on schedule.").waitFor()
    expect(await stateOf(keyId)).toBe("PendingDeletion")
    await page.context().close()
  })

  it("an illegal arrow names the policy statement that denies the call", async () => {
    const keyId = await makeKey()
    const root = await server.page()
    await root.ram("CreateUser", { UserName: "reader" })
    const pair = at(await root.ram("CreateAccessKey", { UserName: "reader" }), "reply", "AccessKey")
    const PolicyDocument = JSON.stringify({
      Version: "1",
      Statement: [
        { Effect: "Allow", Action: "kms:*", Resource: "*" },
        { Effect: "Deny", Action: "kms:DisableKey", Resource: "*" }
      ]
    })
    await root.ram("CreatePolicy", { PolicyName: "no-disable", PolicyDocument })
    await root.ram("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: "no-disable", UserName: "reader" })
    const as = { id: String(at(pair, "AccessKeyId")), secret: String(at(pair, "AccessKeySecret")) }
    const page = await open(keyId, as)
    await words(page, "DisableKey: Enabled to Disabled").hover()
    await tip(page).getByText("Statement 1 of no-disable denies DisableKey: Forbidden.NoPermission.").waitFor()
    await tip(page).getByText('"Action": "kms:DisableKey"').waitFor()
    const described = await arrow(page, "DisableKey: Enabled to Disabled").getAttribute("aria-describedby")
    expect(described).toBe(await tip(page).getAttribute("id"))
    expect(await violationsIn(page)).toEqual([])
    await page.context().close()
  })
})

describe("the view of the diagram", () => {
  it("the state, the deadline and the current box fit the first screen of 1440 by 900 pixels", async () => {
    const keyId = await makeKey()
    await server.run(server.kms.scheduleKeyDeletion({ KeyId: keyId, PendingWindowInDays: 7 }))
    const page = await open(keyId)
    for (const found of [
      page.locator("main .row [data-state=PendingDeletion]").first(),
      page.locator("main .row time").first(),
      page.locator("svg [data-state='lifecycle.PendingDeletion'] rect").first()
    ]) {
      const end = async (): Promise<number> => {
        const box = await found.boundingBox()
        return (box?.y ?? Number.NaN) + (box?.height ?? 0)
      }
      await expect.poll(end).toBeLessThan(900)
    }
    await page.context().close()
  })

  it("the diagram can be zoomed, moved, fitted and reset", async () => {
    const page = await open(await makeKey())
    const first = await viewBox(page)
    await button(page, "Zoom in").click()
    await expect.poll(() => viewBox(page), { timeout: patience }).not.toBe(first)
    await button(page, "Fit").click()
    await expect.poll(() => viewBox(page), { timeout: patience }).toMatch(/^\S+ 0 /)
    const [, , , height] = (await viewBox(page)).split(" ").map(Number)
    expect(height).toBeCloseTo(await sheetHeight(page))
    await button(page, "Current state").click()
    await expect.poll(() => viewBox(page), { timeout: patience }).toBe(first)
    const box = await page.locator(".liveFrame").boundingBox()
    const [x, top] = [(box?.x ?? 0) + 20, (box?.y ?? 0) + 200]
    await page.mouse.move(x, top)
    await page.mouse.down()
    await page.mouse.move(x, top - 120, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => viewBox(page), { timeout: patience }).not.toBe(first)
    await page.context().close()
  })
})
