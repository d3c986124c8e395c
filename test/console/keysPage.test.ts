/** The Keys page in a real Chromium, by keyboard: pages, filters, columns, and operations on several keys that fail halfway. */
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { violationsIn } from "../accessibility.ts"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { pressEnter } from "./keyboard.ts"
import { at, startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

let browser: Browser
let server: RunningConsole
const ids: Array<string> = []
const count = 55
const hostileTag = `<b onmouseover="broken()">`

beforeAll(async () => {
  browser = await launchChromium()
  server = await startConsole({ clock: "virtual" })
  const { kms, run } = server
  for (let n = 0; n < count; n++) {
    ids.push((await run(kms.createKey({ Description: `key ${String(n).padStart(2, "0")}` }))).KeyMetadata.KeyId)
  }
  const Tags = JSON.stringify([{ TagKey: "note", TagValue: hostileTag }])
  await run(kms.tagResource({ KeyId: ids[0] ?? "", Tags }))
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const open = async (path: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> => {
  const page = await (await browser.newContext({ reducedMotion: "reduce", ...options })).newPage()
  page.setDefaultTimeout(patience)
  await page.goto(`${server.url}/console${path}#token=${await server.token()}`)
  await page.getByText("Live", { exact: true }).waitFor()
  await page.getByRole("rowheader").first().waitFor()
  return page
}

const rows = (page: Page) => page.getByRole("rowheader")

const pressed = async (page: Page, name: string): Promise<void> => {
  await page.getByRole("button", { name, exact: true }).focus()
  await pressEnter(page)
}

const stateOf = async (keyId = ""): Promise<string> =>
  (await server.run(server.kms.describeKey({ KeyId: keyId }))).KeyMetadata.KeyState

/** Selects keys by their descriptions. */
const select = async (page: Page, names: ReadonlyArray<string>): Promise<void> => {
  for (const name of names) {
    await page.getByRole("checkbox", { name: `Select ${name}` }).focus()
    await page.keyboard.press("Space")
  }
  await page.getByText(`${names.length} selected`).waitFor()
}

describe("the Keys page", () => {
  it("the Keys page sorts and searches on the server, and keeps its settings in the address", async () => {
    const page = await open("/keys")
    const asked: Array<string> = []
    page.on("request", (request) => {
      if (request.url().includes("/console/api/keys")) asked.push(request.url())
    })
    await expect.poll(() => rows(page).count()).toBe(50)
    await page.getByText("Keys 1 to 50 of 55").waitFor()
    await pressed(page, "Next")
    await page.getByText("Keys 51 to 55 of 55").waitFor()
    await expect.poll(() => rows(page).count()).toBe(5)
    await pressed(page, "Key")
    await page
      .getByRole("columnheader", { name: "Key", exact: true })
      .and(page.locator("[aria-sort=ascending]"))
      .waitFor()
    await pressed(page, "Key")
    await page.getByRole("rowheader", { name: "key 54" }).first().waitFor()
    const typed = "key 03"
    const before = asked.length
    await page.getByRole("searchbox").fill("")
    await page.getByRole("searchbox").pressSequentially(typed)
    await page.getByText("one key").or(page.getByText("1 of 55 keys")).waitFor()
    // Only some keystrokes send a request.
    expect(asked.length - before).toBeLessThanOrEqual(typed.length)
    await page.reload()
    await page.getByRole("rowheader", { name: "key 03" }).waitFor()
    await expect.poll(() => page.getByRole("searchbox").inputValue()).toBe(typed)
    await pressed(page, "Clear filters")
    await page.getByRole("rowheader").nth(49).waitFor()
    await expect.poll(() => page.evaluate("document.activeElement.type")).toBe("search")
    await page.context().close()
  })

  it("the Keys page remembers the chosen columns, and returns the focus", async () => {
    const page = await open("/keys")
    expect(await page.getByRole("columnheader", { name: "Last used" }).count()).toBe(0)
    await pressed(page, "Columns…")
    await page.getByRole("checkbox", { name: "Last used" }).focus()
    await page.keyboard.press("Space")
    expect(await violationsIn(page)).toEqual([])
    await page.keyboard.press("Escape")
    await page.getByRole("dialog").waitFor({ state: "detached" })
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Columns…")
    await page.getByRole("columnheader", { name: "Last used" }).waitFor()
    await page.getByText("Never").first().waitFor()
    await page.reload()
    await page.getByRole("columnheader", { name: "Last used" }).waitFor()
    await page.context().close()
  })

  it("the Keys page shows hostile tags as text, and fits 320 pixels", async () => {
    const page = await open("/keys?q=note", { viewport: { width: 320, height: 640 } })
    await page.getByText(`note=${hostileTag}`).waitFor()
    await page.getByText("More filters").click()
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(320)
    expect(await violationsIn(page)).toEqual([])
    await page.context().close()
  })
})

describe("an operation on several keys", () => {
  it("an operation on several keys shows the expected refusals first, and then each outcome", async () => {
    const page = await open("/keys")
    const [first, second, leaving] = ids
    await server.run(server.kms.scheduleKeyDeletion({ KeyId: leaving ?? "", PendingWindowInDays: 7 }))
    await page.getByText("Pending deletion", { exact: true }).last().waitFor()
    await select(page, ["key 00", "key 01", "key 02"])
    await pressed(page, "Disable…")
    const dialog = page.getByRole("dialog", { name: "Disable keys" })
    await dialog.getByText("2 keys will be changed, one key would be refused.").waitFor()
    await dialog.getByText(/Would be refused: .*\(Rejected\.StateModifiedFailed\)/).waitFor()
    expect(await violationsIn(page)).toEqual([])
    await pressed(page, "Disable: 2 keys")
    await dialog.getByText("2 done, 0 refused.").waitFor()
    expect(await Promise.all([first, second, leaving].map(stateOf))).toEqual([
      "Disabled",
      "Disabled",
      "PendingDeletion"
    ])
    await pressed(page, "Close")
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Disable…")
    await page.context().close()
  })

  it("an operation on several keys stops without an answer, and continues with the untried keys", async () => {
    const page = await open("/keys?q=key+1")
    await select(page, ["key 10", "key 11", "key 12", "key 13"])
    let calls = 0
    const refusal = { code: "ServiceUnavailableTemporary", message: "The store does not answer.", httpStatus: 503 }
    await page.route("**/console/api/call", (route) => {
      calls++
      if (calls === 2) return route.abort()
      return calls === 4 ? route.fulfill({ json: { ok: false, refusal } }) : route.continue()
    })
    await page.route("**/console/api/preview", (route) => route.abort(), { times: 1 })
    await pressed(page, "Disable…")
    const dialog = page.getByRole("dialog")
    await dialog.getByText("The keys could not be checked.").waitFor()
    await dialog.getByText("4 keys will be changed, 0 keys would be refused.").waitFor()
    await pressed(page, "Disable: 4 keys")
    await dialog.getByText("1 done, 1 refused, 2 not tried.").waitFor()
    await dialog.getByText("The server did not answer.").waitFor()
    expect(await stateOf(ids[12])).toBe("Enabled")
    await pressed(page, "Continue with 3 keys")
    await dialog.getByText("2 done, 1 refused, 1 not tried.").waitFor()
    await dialog.getByText("The store does not answer.").waitFor()
    await pressed(page, "Continue with 2 keys")
    await dialog.getByText("4 done, 0 refused.").waitFor()
    for (const n of [10, 11, 12, 13]) expect(await stateOf(ids[n])).toBe("Disabled")
    await page.context().close()
  })

  it("an operation on several keys continues after a refusal, and shows the refusal", async () => {
    const page = await open("/keys?q=key+2")
    await select(page, ["key 20", "key 21", "key 22"])
    await pressed(page, "Add tag…")
    const dialog = page.getByRole("dialog")
    await dialog.getByText("Enter the key of the tag.").waitFor()
    await dialog.getByLabel("Tag key").fill("team")
    await dialog.getByLabel("Tag value").fill("payments")
    await page.route("**/console/api/call", (route) =>
      at(route.request().postDataJSON(), "parameters", "KeyId") === ids[21]
        ? route.fulfill({
            json: { ok: false, refusal: { code: "Rejected.Throttling", message: "Too many calls.", httpStatus: 429 } }
          })
        : route.continue()
    )
    await pressed(page, "Add tag: 3 keys")
    await dialog.getByText("2 done, 1 refused.").waitFor()
    await dialog.getByText("Too many calls. (Rejected.Throttling)").waitFor()
    const tagged = async (n: number) =>
      (await server.run(server.kms.listResourceTags({ KeyId: ids[n] ?? "" }))).Tags.Tag.length
    expect([await tagged(20), await tagged(21), await tagged(22)]).toEqual([1, 0, 1])
    await page.context().close()
  })

  it("the menu of a row shows the reason for each refused action", async () => {
    const page = await open("/keys?q=key+30")
    await pressed(page, "Actions for key 30")
    const dialog = page.getByRole("dialog", { name: "Actions for key 30" })
    await dialog.getByText("Checking…").first().waitFor({ state: "detached" })
    await expect.poll(() => dialog.getByRole("button", { name: "Enable…" }).getAttribute("aria-disabled")).toBeNull()
    await pressed(page, "Disable…")
    await pressed(page, "Disable: one key")
    await page.getByText("1 done, 0 refused.").waitFor()
    expect(await stateOf(ids[30])).toBe("Disabled")
    await pressed(page, "Close")
    await expect
      .poll(() => page.evaluate("document.activeElement.getAttribute('aria-label')"))
      .toBe("Actions for key 30")
    await page.context().close()
  })

  it("the Keys page selects every key of a list over several pages", async () => {
    const page = await open("/keys")
    await select(page, ["key 40"])
    await pressed(page, "Select all 55 keys of the list")
    await page.getByText("55 selected").waitFor()
    await pressed(page, "Clear selection")
    await page.getByText("55 selected").waitFor({ state: "detached" })
    await page.context().close()
  })
})

describe("a user with few rights", () => {
  it("a user without ListKeys sees that keys may not be listed, and can open a key by id", async () => {
    const root = await server.page()
    await root.ram("CreateUser", { UserName: "few" })
    const pair = at(await root.ram("CreateAccessKey", { UserName: "few" }), "reply", "AccessKey")
    const page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage()
    page.setDefaultTimeout(patience)
    await page.goto(`${server.url}/console/keys`)
    await page.getByLabel("AccessKey ID").fill(String(at(pair, "AccessKeyId")))
    await page.getByLabel("AccessKey secret").fill(String(at(pair, "AccessKeySecret")))
    await pressEnter(page)
    await page.getByText("The keys could not be listed.").waitFor()
    await page.getByText("do not grant kms:ListKeys").waitFor()
    expect(await page.getByText("0 keys").count()).toBe(0)
    await page.getByRole("searchbox").fill(ids[5] ?? "")
    await page.getByRole("link", { name: `Open the page of ${ids[5]}.` }).waitFor()
    await page.context().close()
  })
})
