/** The Access page in a real Chromium: users, access keys, policies and roles, with refusals. */
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { violationsIn } from "../accessibility.ts"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { pressEnterOn } from "./keyboard.ts"
import { at, startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

let browser: Browser
let server: RunningConsole
let keyId = ""
beforeAll(async () => {
  browser = await launchChromium()
  server = await startConsole({ clock: "virtual" })
  keyId = (await server.run(server.kms.createKey({ Description: "orders" }))).KeyMetadata.KeyId
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const open = async (path: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> => {
  const page = await (await browser.newContext({ reducedMotion: "reduce", ...options })).newPage()
  page.setDefaultTimeout(patience)
  await page.goto(`${server.url}/console${path}#token=${await server.token()}`)
  await page.getByRole("heading", { level: 1, name: "Access" }).waitFor()
  return page
}

const press = async (page: Page, name: string): Promise<void> => {
  await pressEnterOn(page.getByRole("button", { name, exact: true }).last())
}

describe("the Access page", () => {
  it("the Access page creates a user after a refusal, and shows the new secret once", async () => {
    await (await server.page()).ram("CreateUser", { UserName: "taken" })
    const page = await open("/access")
    await press(page, "Create user…")
    const dialog = page.getByRole("dialog")
    await dialog.getByLabel("User name").fill("taken")
    await press(page, "Create user")
    await dialog.getByText("EntityAlreadyExists.User").waitFor()
    await dialog.getByLabel("User name").fill("alice")
    await press(page, "Create user")
    await page.getByRole("heading", { level: 2, name: "alice" }).waitFor()
    await page.getByText("The user has no access keys and cannot sign in.").waitFor()
    await press(page, "Create access key")
    await dialog.locator("code").first().waitFor()
    const [accessKeyId = "", accessKeySecret = ""] = await dialog.locator("code").allTextContents()
    expect(await violationsIn(page)).toEqual([])
    await press(page, "I have copied the secret")
    await dialog.waitFor({ state: "detached" })
    expect(await page.getByText(accessKeySecret).count()).toBe(0)
    expect(accessKeySecret.length).toBeGreaterThan(20)
    const kept = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href])")
    const audited = await (await server.page()).call("ListAuditRecords", {})
    expect(JSON.stringify(audited)).toContain("CreateAccessKey")
    expect(JSON.stringify([kept, audited])).not.toContain(accessKeySecret)
    expect(await page.content()).not.toContain(accessKeySecret)
    expect((await server.signIn({ accessKeyId, accessKeySecret })).status).toBe(200)
    await press(page, "Deactivate")
    await page.getByText("Inactive", { exact: true }).waitFor()
    expect((await server.signIn({ accessKeyId, accessKeySecret })).status).toBe(401)
    // The call is performed, but its answer is lost, and with it the secret.
    await page.route("**/console/api/call", async (route) => {
      if (at(route.request().postDataJSON(), "operation") !== "CreateAccessKey") return route.continue()
      await route.fetch()
      return route.abort()
    })
    await press(page, "Create access key")
    await page.getByText("Its secret cannot be shown again: delete that key, then create another.").waitFor()
    await page.getByText("Active", { exact: true }).waitFor()
    await page.context().close()
  })

  it("the Access page checks a policy document during typing, and saves, attaches and detaches the policy", async () => {
    await (await server.page()).ram("CreateUser", { UserName: "bob" })
    const page = await open("/access?tab=policies")
    await press(page, "Create policy…")
    const dialog = page.getByRole("dialog")
    const field = dialog.getByLabel("Policy document")
    await field.fill('{"Version": "1",\n "Statement": [}')
    await dialog.getByText("It is on line 2.").waitFor()
    await field.fill(
      JSON.stringify({ Version: "1", Statement: [{ Effect: "Allow", Action: "kms:Decrypt", Resource: "*", Extra: 1 }] })
    )
    await dialog.getByText("Statement[0].Extra is unknown").waitFor()
    await field.fill(
      JSON.stringify({
        Version: "1",
        Statement: [
          { Effect: "Allow", Action: ["kms:Decrypt", "kms:DescribeKey"], Resource: "*" },
          { Effect: "Deny", Action: "kms:DescribeKey", Resource: "*" }
        ]
      })
    )
    await dialog.getByText("Decrypt (statement 0)").waitFor()
    await dialog.getByText("DescribeKey (statement 1)").waitFor()
    await dialog.getByLabel("Verdict for the key").fill("alias/nowhere")
    await dialog.getByText("Forbidden.AliasNotFound").waitFor()
    await dialog.getByLabel("Verdict for the key").fill(keyId)
    await dialog.getByText("Decrypt (statement 0)").waitFor()
    await dialog.getByLabel("Policy name").fill("decrypts")
    expect(await violationsIn(page)).toEqual([])
    await press(page, "Create policy")
    await page.getByRole("heading", { level: 2, name: "decrypts" }).waitFor()
    await page.goto(`${server.url}/console/access?tab=users&user=bob`)
    await page.getByLabel("Policy to attach").selectOption("Custom decrypts")
    await press(page, "Attach")
    await page.getByRole("button", { name: "Detach decrypts" }).waitFor()
    await press(page, "Delete user…")
    await press(page, "Delete user")
    await page.getByText("DeleteConflict.User.Policy").waitFor()
    await page.keyboard.press("Escape")
    await page.getByRole("dialog").waitFor({ state: "detached" })
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Delete user…")
    await page.getByRole("tab", { name: "Check a permission" }).click()
    await page.getByLabel("Who").selectOption("user/bob")
    await page.getByLabel("Key", { exact: true }).fill(keyId)
    await press(page, "Check")
    await page.getByText("has the permission now.").waitFor()
    await page.getByText("allowed by statement 0 of decrypts").waitFor()
    await page.context().close()
  })

  it("the Access page creates a role with a trust policy and deletes the role", async () => {
    const page = await open("/access?tab=roles")
    await press(page, "Create role…")
    await page.getByRole("dialog").getByLabel("Role name").fill("auditor")
    await press(page, "Create role")
    await page.getByRole("heading", { level: 2, name: "auditor" }).waitFor()
    await page.getByLabel("Trust policy").fill("{}")
    await press(page, "Save trust policy")
    await page.getByRole("alert").waitFor()
    await press(page, "Delete role…")
    await press(page, "Delete role")
    await page.getByText("The account has no roles yet.").waitFor()
    await page.context().close()
  })

  it.each(["light", "dark"] as const)(
    "the Access page has no accessibility violation, and fits 320 pixels, in %s",
    async (colorScheme) => {
      const page = await open("/access", { colorScheme, viewport: { width: 320, height: 640 } })
      const longName = `${"a".repeat(60)}.b-_`
      await (await server.page()).ram("CreateUser", { UserName: longName, Comments: `<b>${"x".repeat(100)}` })
      for (const path of [
        "users",
        `users&user=${longName}`,
        "roles",
        "policies",
        "check",
        "policies&type=System&policy=AliyunKMSFullAccess"
      ]) {
        await page.goto(`${server.url}/console/access?tab=${path}`)
        await page.getByRole("tab").first().waitFor()
        await page
          .getByText(/^Loading/)
          .first()
          .waitFor({ state: "detached" })
        expect(await page.evaluate("document.documentElement.scrollWidth"), path).toBeLessThanOrEqual(320)
        expect(await violationsIn(page), path).toEqual([])
      }
      await page.context().close()
    }
  )

  it("the Access page says that a user may not read a list, not that the list is empty", async () => {
    const root = await server.page()
    await root.ram("CreateUser", { UserName: "few" })
    const pair = at(await root.ram("CreateAccessKey", { UserName: "few" }), "reply", "AccessKey")
    const page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage()
    page.setDefaultTimeout(patience)
    await page.goto(`${server.url}/console/access`)
    await page.getByLabel("AccessKey ID").fill(String(at(pair, "AccessKeyId")))
    await page.getByLabel("AccessKey secret").fill(String(at(pair, "AccessKeySecret")))
    await page.keyboard.press("Enter")
    await page.getByText("You may not read this list, so it may have entries.").waitFor()
    expect(await page.getByText("The account has no users yet.").count()).toBe(0)
    await page.getByRole("tab", { name: "Check a permission" }).click()
    await page.getByText("Only the root of the account can check the permissions of others.").waitFor()
    await page.context().close()
  })
})

describe("the verdicts for another principal", () => {
  it("the verdicts for a typed name are asked for once, and never those of another name are shown", async () => {
    await (await server.page()).ram("CreateUser", { UserName: "carol" })
    const page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage()
    page.setDefaultTimeout(patience)
    const asked: Array<string> = []
    const held = Promise.withResolvers<void>()
    await page.route("**/console/api/allowed?**", async (route) => {
      const as = new URL(route.request().url()).searchParams.get("as") ?? ""
      asked.push(as)
      if (as !== "") await held.promise
      await route.continue().catch(() => undefined)
    })
    await page.goto(`${server.url}/console/keys/${keyId}?tab=allowed#token=${await server.token()}`)
    const list = page.getByRole("region", { name: "Allowed now" })
    await list.waitFor()
    // As fast as a person cannot type: all letters at once.
    await page.getByLabel("As principal").evaluate((field) => {
      const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set
      for (const text of ["c", "ca", "car", "caro", "carol"]) {
        set?.call(field, text)
        field.dispatchEvent(new Event("input", { bubbles: true }))
      }
    })
    await page.getByText("Loading what is allowed…").waitFor()
    expect(await list.count()).toBe(0)
    await expect.poll(() => asked.at(-1)).toBe("carol")
    expect(asked.filter((as) => as !== "")).toEqual(["carol"])
    await page.getByLabel("As principal").fill("")
    await list.waitFor()
    held.resolve()
    await page.getByText(/What .*:root may do with this key now/).waitFor()
    await page.getByLabel("As principal").fill("carol")
    await page.getByText(/What .*carol may do with this key now/).waitFor()
    await page.context().close()
  })
})
