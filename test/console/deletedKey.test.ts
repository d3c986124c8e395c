/** The console shows the history of a deleted key to permitted users. They find it by its id and from the audit log. */
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { at, startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

let server: RunningConsole
let browser: Browser
let keyId = ""
beforeAll(async () => {
  server = await startConsole({ clock: "virtual" })
  browser = await launchChromium()
  const { kms, run } = server
  keyId = (await run(kms.createKey({ Description: "legacy" }))).KeyMetadata.KeyId
  await run(kms.disableKey({ KeyId: keyId }))
  await run(kms.scheduleKeyDeletion({ KeyId: keyId, PendingWindowInDays: 7 }))
  await run(kms.advanceClock({ By: "8d" }))
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const lit = (page: Page) => () =>
  page.locator('svg [data-is="active"]').evaluateAll((found) => found.map((state) => state.getAttribute("data-state")))

it("the search and the audit log find a deleted key by its id, with its events", async () => {
  const page = await browser.newPage()
  page.setDefaultTimeout(patience)
  await page.goto(`${server.url}/console/keys#token=${await server.token()}`)
  await page.getByLabel("Search").fill(keyId)
  await page.getByRole("link", { name: "Open its page" }).click()
  await page.getByText("Its history is kept.").waitFor()
  await expect.poll(() => page.locator("h1").textContent()).toBe(keyId)
  await expect
    .poll(() => page.locator("tbody th").allTextContents())
    .toEqual(["DeletionDue", "ScheduleKeyDeletion", "DisableKey", "CreateKey"])
  await page.getByRole("button", { name: "as it was after event 2" }).click()
  await expect.poll(lit(page)).toEqual(["lifecycle.Disabled", "rotation.Disabled"])

  await page.goto(`${server.url}/console/audit?operation=DeletionDue`)
  await page.getByRole("link", { name: keyId }).click()
  await page.getByText("Its history is kept.").waitFor()
  await page.context().close()
})

it("a deleted key is hidden from a user without permission, with a hint", async () => {
  const root = await server.page()
  await root.ram("CreateUser", { UserName: "eve" })
  const statement = { Effect: "Allow", Action: ["kms:DescribeKey", "kms:ListKeys"], Resource: "*" }
  const PolicyDocument = JSON.stringify({ Version: "1", Statement: [statement] })
  await root.ram("CreatePolicy", { PolicyName: "look", PolicyDocument })
  await root.ram("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: "look", UserName: "eve" })
  const pair = at(await root.ram("CreateAccessKey", { UserName: "eve" }), "reply", "AccessKey")
  const page = await browser.newPage()
  page.setDefaultTimeout(patience)
  await page.goto(`${server.url}/console/keys/${keyId}`)
  await page.getByLabel("AccessKey ID").fill(String(at(pair, "AccessKeyId")))
  await page.getByLabel("AccessKey secret").fill(String(at(pair, "AccessKeySecret")))
  await page.keyboard.press("Enter")
  await page.getByText("you need kms:ListKeyEvents on it").waitFor()
  expect(await page.getByRole("rowheader").count()).toBe(0)
  await page.goto(`${server.url}/console/keys/00000000-0000-4000-8000-000000000000`)
  await page.getByText("The key was deleted or never existed.").waitFor()
  await page.context().close()
})
