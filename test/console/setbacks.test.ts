/** The messages of the pages for missing permissions, missing answers and unsuitable files. */
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runConformance } from "../../src/conformance/index.ts"
import { faultyServices } from "../conformance/faultyServices.ts"
import { violationsIn } from "../accessibility.ts"
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
  keyId = (await server.run(server.kms.createKey({ Description: "orders" }))).KeyMetadata.KeyId
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const opened = async (path: string): Promise<Page> => {
  const page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage()
  page.setDefaultTimeout(patience)
  await page.goto(`${server.url}/console${path}`)
  return page
}

const asUser = async (name: string, actions: ReadonlyArray<string>): Promise<Page> => {
  const root = await server.page()
  await root.ram("CreateUser", { UserName: name })
  if (actions.length > 0) {
    const Statement = [{ Effect: "Allow", Action: actions, Resource: "*" }]
    await root.ram("CreatePolicy", { PolicyName: name, PolicyDocument: JSON.stringify({ Version: "1", Statement }) })
    await root.ram("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: name, UserName: name })
  }
  const pair = at(await root.ram("CreateAccessKey", { UserName: name }), "reply", "AccessKey")
  const page = await opened("/")
  await page.getByLabel("AccessKey ID").fill(String(at(pair, "AccessKeyId")))
  await page.getByLabel("AccessKey secret").fill(String(at(pair, "AccessKeySecret")))
  await page.keyboard.press("Enter")
  await page.getByRole("heading", { name: "Overview" }).waitFor()
  return page
}

describe("the Overview", () => {
  it("the Overview counts nothing for a user who may not list keys", async () => {
    const page = await asUser("nobody", [])
    await page.getByText("do not grant kms:ListKeys").waitFor()
    expect(await page.getByRole("list", { name: "Keys by state" }).count()).toBe(0)
    expect(await page.getByText("No deadlines").count()).toBe(0)
    await page.context().close()
  })

  it("the Overview says that keys are omitted that a user may not view", async () => {
    const page = await asUser("lister", ["kms:ListKeys"])
    await page.getByText("You can list but not view one of these keys").waitFor()
    await page.getByRole("link", { name: "Keys", exact: true }).click()
    await page.getByText("do not grant kms:DescribeKey").waitFor()
    await page.context().close()
  })
})

it("a page without an answer asks again until one arrives", async () => {
  const page = await opened(`/keys/${keyId}#token=${await server.token()}`)
  await page.getByText("Live", { exact: true }).waitFor()
  await page.route("**/console/api/**", (route) => route.abort())
  await page.getByRole("tab", { name: "History" }).click()
  await page.getByText("The server did not answer.").first().waitFor()
  await page.unroute("**/console/api/**")
  await page.getByRole("rowheader", { name: "CreateKey" }).waitFor()
  await page.context().close()
})

it("a page whose session is not answered asks again, and shows no sign-in", async () => {
  const page = await opened(`/#token=${await server.token()}`)
  await page.getByText("Live", { exact: true }).waitFor()
  let unanswered = 2
  await page.route("**/console/api/session", (route) => (unanswered-- > 0 ? route.abort() : route.continue()))
  await page.reload()
  await page.getByText("Checking your session…").waitFor()
  await page.getByRole("heading", { name: "Overview" }).waitFor()
  await page.context().close()
})

describe("the Conformance page", () => {
  const reading = async (name: string, text: string): Promise<Page> => {
    const page = await opened(`/conformance#token=${await server.token()}`)
    const file = { name, mimeType: "application/json", buffer: Buffer.from(text) }
    await page.getByLabel("Report").setInputFiles(file)
    return page
  }

  it("the Conformance page shows a broken law step by step, collapses passed laws, and fits 320 pixels", async () => {
    const report = await runConformance(faultyServices.decryptsWhenDisabled(), { profiles: ["core"], runs: 5 })
    const page = await reading("report.json", JSON.stringify(report))
    await page.getByText("A required law is broken.").waitFor()
    await page.getByRole("heading", { name: "KMS-LC-003" }).waitFor()
    expect(await page.locator("tr.broken").first().textContent()).toContain("Decrypt c1")
    expect(await page.getByText("An Enabled symmetric key encrypts.").isVisible()).toBe(false)
    await page.locator("summary", { hasText: "passed" }).click()
    await page.getByText("An Enabled symmetric key encrypts.").waitFor()
    expect(await violationsIn(page)).toEqual([])
    await page.setViewportSize({ width: 320, height: 640 })
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(320)
    await page.context().close()
  })

  it.each([
    ["README.md", "# Keystate", "it is not JSON."],
    ["package.json", "{}", "it is not a report of the schema keystate-conformance/1."],
    ["cut.json", '{"schema":"keystate-conformance/1","verdict":"pass","laws":[]}', "part of the report is missing."]
  ])("the Conformance page gives the reason for not showing %s, and stays usable", async (name, text, why) => {
    const page = await reading(name, text)
    await page.getByText(`This file cannot be shown: ${why}`).waitFor()
    await page.getByRole("heading", { name: "Conformance" }).waitFor()
    await page.context().close()
  })
})
