/** The tables of the console on narrow screens, in a real Chromium. */
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

let browser: Browser
let server: RunningConsole
beforeAll(async () => {
  server = await startConsole({ clock: "virtual" })
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const overflowing = `[...document.querySelectorAll(".tableBox")]
  .filter((box) => box.scrollWidth > box.clientWidth + 1)
  .map((box) => box.getAttribute("aria-label"))`

it.each([768, 320])("no table of a page scrolls sideways at %i pixels", async (width) => {
  const { kms, run } = server
  const { KeyMetadata } = await run(kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "90d" }))
  const { KeyId } = KeyMetadata
  await run(kms.createAlias({ KeyId, AliasName: `alias/invoices-of-the-north-${width}` }))
  await run(kms.disableKey({ KeyId }))
  const root = await server.page()
  await root.ram("CreateUser", { UserName: `orders-app-${width}`, Comments: "The service that encrypts orders" })
  await root.ram("CreateRole", {
    RoleName: `auditor-${width}`,
    AssumeRolePolicyDocument: JSON.stringify({
      Version: "1",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: ["acs:ram::1000000000000001:root"] } }]
    })
  })
  const page = await browser.newPage({ viewport: { width, height: 900 }, reducedMotion: "reduce" })
  page.setDefaultTimeout(patience)
  await page.goto(`${server.url}/console/#token=${await server.token()}`)
  await page.getByText("Live", { exact: true }).waitFor()
  const tables: ReadonlyArray<readonly [path: string, table: string]> = [
    ["/", "Requests"],
    ["/keys", "Keys"],
    ["/timeline", "What is due"],
    ["/access", "Users"],
    ["/access?tab=roles", "Roles"],
    ["/access?tab=policies", "Policies"],
    ["/audit", "Records"],
    [`/keys/${KeyId}?tab=allowed`, "Allowed now"],
    [`/keys/${KeyId}?tab=versions`, "Versions"],
    [`/keys/${KeyId}?tab=access`, "Permissions of each principal"],
    [`/keys/${KeyId}?tab=history`, "Events"]
  ]
  await run(kms.enableKey({ KeyId }))
  for (const [path, table] of tables) {
    await page.goto(`${server.url}/console${path}`)
    await page.getByRole("region", { name: table, exact: true }).getByRole("rowheader").first().waitFor()
    expect(await page.evaluate(overflowing), path).toEqual([])
    expect(await page.evaluate("document.documentElement.scrollWidth"), path).toBeLessThanOrEqual(width)
  }
  await page.goto(`${server.url}/console/keys/${KeyId}?tab=allowed`)
  await page.getByLabel(/^Show every state/).check()
  await page.getByRole("region", { name: "Every state" }).getByRole("rowheader").first().waitFor()
  expect(await page.evaluate(overflowing)).toEqual([])
  await page.context().close()
})
