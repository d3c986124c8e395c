/** What a second account sees in the console, in a real Chromium: no data of the first account. */
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { at, startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

/** Part of every name in the first account. */
const mark = "zqx-first"
const firstAccount = "1000000000000001"

let browser: Browser
let server: RunningConsole
let page: Page
/** Everything the server sent to the second account's page. */
const received: Array<string> = []
const first = { keyId: "", arn: "", gone: "" }

const made = async (server: RunningConsole, description: string): Promise<string> =>
  (await server.run(server.kms.createKey({ Description: description }))).KeyMetadata.KeyId

beforeAll(async () => {
  browser = await launchChromium()
  server = await startConsole({ clock: "virtual" })
  const { kms, run } = server
  const root = await server.page()
  first.keyId = await made(server, `${mark} key`)
  first.arn = (await run(kms.describeKey({ KeyId: first.keyId }))).KeyMetadata.Arn
  first.gone = await made(server, `${mark} gone`)
  await run(kms.createAlias({ KeyId: first.keyId, AliasName: `alias/${mark}` }))
  await run(kms.tagResource({ KeyId: first.keyId, Tags: JSON.stringify([{ TagKey: mark, TagValue: mark }]) }))
  await run(kms.scheduleKeyDeletion({ KeyId: first.gone, PendingWindowInDays: 7 }))
  await run(kms.advanceClock({ By: "8d" }))
  await root.ram("CreateUser", { UserName: mark })
  await root.call("CreateRole", { RoleName: mark })
  const pair = at(await root.call("CreateAccount"), "reply", "Account", "RootAccessKey")
  page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage()
  page.setDefaultTimeout(patience)
  page.on("response", async (response) => {
    if (!response.url().includes("/console/api/") || response.url().includes("/events")) return
    received.push(await response.text().catch(() => ""))
  })
  await page.goto(`${server.url}/console/`)
  await page.getByLabel("AccessKey ID").fill(String(at(pair, "AccessKeyId")))
  await page.getByLabel("AccessKey secret").fill(String(at(pair, "AccessKeySecret")))
  await page.keyboard.press("Enter")
  await page.getByText("Live", { exact: true }).waitFor()
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const goTo = async (path: string): Promise<string> => {
  await page.goto(`${server.url}/console${path}`)
  await page.getByRole("heading", { level: 1 }).waitFor()
  await page
    .getByText(/^Loading/)
    .first()
    .waitFor({ state: "detached" })
  await page.getByText("Live", { exact: true }).waitFor()
  return String(await page.evaluate("document.body.innerText"))
}

/** Names of the first account in a text, except in the address itself. */
const namesIn = (text: string, address: string): ReadonlyArray<string> =>
  [mark, first.keyId, first.gone, firstAccount].filter((name) => text.includes(name) && !address.includes(name))

const pages = (): ReadonlyArray<string> => [
  "/",
  "/keys",
  "/keys?q=zqx",
  "/audit",
  "/audit?accounts=all",
  "/audit?order=oldest",
  `/audit?key=${first.keyId}`,
  `/audit?principal=acs:ram::${firstAccount}:root`,
  `/keys/${first.keyId}`,
  `/keys/${first.keyId}?tab=history`,
  `/keys/${first.keyId}?at=1`,
  `/keys/${encodeURIComponent(first.arn)}`,
  `/keys/${encodeURIComponent(`alias/${mark}`)}`,
  `/keys/${first.gone}`
]

describe("a second account in the console", () => {
  it("a second account finds no name of the first on any page or in any answer", async () => {
    for (const path of pages()) {
      received.length = 0
      const text = await goTo(path)
      expect(namesIn(text, decodeURIComponent(path)), path).toEqual([])
      expect(namesIn(received.join("\n"), decodeURIComponent(path)), path).toEqual([])
    }
  })

  it("a second account sees the first account's keys as keys that never existed", async () => {
    const nowhere = "00000000-0000-4000-8000-000000000000"
    const plain = (text: string): string =>
      text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>")
    // The page lists earlier refused calls on the same id, which are the second account's own.
    const told = async (keyId: string): Promise<string> =>
      plain(await goTo(`/keys/${keyId}`)).split("Refused calls")[0] ?? ""
    const missing = await told(nowhere)
    expect(missing).toContain("This key never existed in this region.")
    for (const keyId of [first.keyId, first.gone]) expect(await told(keyId)).toBe(missing)
  })

  it("a second account has no switch for all accounts and no buttons for the clock", async () => {
    await goTo("/audit")
    await page.getByRole("checkbox", { name: "Refused only" }).waitFor()
    expect(await page.getByRole("checkbox", { name: "All accounts" }).count()).toBe(0)
    expect(await page.getByRole("button", { name: "+7 d" }).count()).toBe(0)
    await page.getByText("Only the root of the server's own account can change the clock.").waitFor()
  })

  it("a second account sees its own changes on an open page, and no others", async () => {
    await goTo("/keys")
    const rows = page.getByRole("rowheader")
    expect(await rows.count()).toBe(0)
    await server.run(server.kms.disableKey({ KeyId: first.keyId }))
    await made(server, `${mark} later`)
    await page.getByRole("button", { name: "Create key" }).click()
    await page.getByRole("dialog").getByLabel("Description").fill("of the second account")
    await page.getByRole("dialog").getByRole("button", { name: "Create key" }).click()
    await page.getByRole("heading", { level: 1, name: "of the second account" }).waitFor()
    await page.getByRole("link", { name: "Keys", exact: true }).first().click()
    await expect.poll(() => rows.count()).toBe(1)
    expect(namesIn(String(await page.evaluate("document.body.innerText")), "")).toEqual([])
  })
})
