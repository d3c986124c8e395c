/** Flows of the console with a failure in the middle, by keyboard alone, in a real Chromium. */
import { constants, createPublicKey, publicEncrypt, randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import type { Browser, Locator, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { pressEnter } from "./keyboard.ts"
import { at, startConsole } from "./startConsole.ts"
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

const open = async (path: string): Promise<Page> => {
  const page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage()
  page.setDefaultTimeout(patience)
  await page.goto(`${server.url}/console${path}#token=${await server.token()}`)
  await page.getByText("Live", { exact: true }).waitFor()
  await page.locator("main h1").waitFor()
  return page
}

const isFocused = async (page: Page, element: Locator): Promise<boolean> =>
  (await element.and(page.locator(":focus")).count()) === 1

/** Gives the focus to an element that Tab reaches. */
const reach = async (page: Page, element: Locator): Promise<void> => {
  await element.focus()
  await page.keyboard.press("Shift+Tab")
  expect(await isFocused(page, element)).toBe(false)
  await page.keyboard.press("Tab")
  expect(await isFocused(page, element), `Tab reaches ${String(element)}`).toBe(true)
}

const button = (page: Page, name: string): Locator => page.getByRole("button", { name, exact: true })

const press = async (page: Page, name: string): Promise<void> => {
  await reach(page, button(page, name))
  await pressEnter(page)
}

/** Refuses or loses the first calls of an operation, until the returned function is called. */
const fail = async (page: Page, operation: string, way: "refused" | "lost", times: number): Promise<() => void> => {
  let failures = times
  await page.route("**/console/api/call", async (route) => {
    if (at(route.request().postDataJSON(), "operation") !== operation || failures-- <= 0) return route.fallback()
    if (way === "refused") {
      const refusal = { code: "Rejected.LimitExceeded", message: "Refused in the test.", httpStatus: 400 }
      return route.fulfill({ json: { ok: false, refusal } })
    }
    await route.fetch()
    return route.abort()
  })
  return () => {
    failures = 0
  }
}

const failOnce = async (page: Page, operation: string, way: "refused" | "lost"): Promise<void> => {
  await fail(page, operation, way, 1)
}

const rotationOf = async (KeyId: string): Promise<string | undefined> =>
  (await server.run(server.kms.describeKey({ KeyId }))).KeyMetadata.RotationInterval

describe("the rotation of a key by keyboard", () => {
  it("the choice of the rotation begins with the key's policy, and keeps what was chosen when it is refused", async () => {
    const { kms, run } = server
    const { KeyMetadata } = await run(kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "90d" }))
    const page = await open(`/keys/${KeyMetadata.KeyId}?tab=versions`)
    const rotate = page.getByLabel("Rotate", { exact: true })
    await rotate.waitFor()
    expect(await rotate.inputValue()).toBe("90d")
    await failOnce(page, "UpdateRotationPolicy", "refused")
    await reach(page, rotate)
    await page.keyboard.press("ArrowDown")
    await press(page, "Apply")
    await page.getByText("Refused in the test.").waitFor()
    expect(await rotate.inputValue()).toBe("180d")
    expect(await rotationOf(KeyMetadata.KeyId)).toBe("7776000s")
    await press(page, "Apply")
    await page.getByText("Refused in the test.").waitFor({ state: "detached" })
    await expect.poll(() => rotationOf(KeyMetadata.KeyId)).toBe("15552000s")
    await expect.poll(() => rotate.inputValue()).toBe("180d")
    await run(kms.updateRotationPolicy({ KeyId: KeyMetadata.KeyId, EnableAutomaticRotation: false }))
    await expect.poll(() => rotate.inputValue()).toBe("off")
    await page.context().close()
  })

  it("the choice of the rotation has the key's interval if the console does not offer it", async () => {
    const { kms, run } = server
    const { KeyMetadata } = await run(kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "300h" }))
    const page = await open(`/keys/${KeyMetadata.KeyId}?tab=versions`)
    const rotate = page.getByLabel("Rotate", { exact: true })
    await rotate.waitFor()
    expect(await rotate.locator("option:checked").textContent()).toBe("Every 12 d 12 h")
    await press(page, "Apply")
    await page.getByText("Automatic rotation is on.").waitFor({ state: "attached" })
    expect(await rotationOf(KeyMetadata.KeyId)).toBe("1080000s")
    await page.context().close()
  })
})

const downloaded = async (page: Page, name: string): Promise<string> => {
  const [download] = await Promise.all([page.waitForEvent("download"), press(page, name)])
  return readFileSync(await download.path(), "utf8")
}

const wrapped = (publicKey: string, material: Uint8Array): string =>
  publicEncrypt(
    {
      key: createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" }),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: "sha256"
    },
    material
  ).toString("base64")

describe("the import of key material by keyboard", () => {
  it("the import wizard recovers from wrong material and an expired token, and keeps the entered expiry", async () => {
    const { kms, run } = server
    const { KeyMetadata } = await run(kms.createKey({ Origin: "EXTERNAL" }))
    const page = await open(`/keys/${KeyMetadata.KeyId}?tab=material`)
    const material = page.getByRole("textbox", { name: "Encrypted key material", exact: true })
    const token = page.getByRole("textbox", { name: "Import token", exact: true })
    const until = page.getByLabel("Valid until (UTC)")
    await press(page, "Import key material…")
    await press(page, "Next")
    const firstKey = await downloaded(page, "Download public key")
    await press(page, "Next")
    await reach(page, material)
    await page.keyboard.insertText(randomBytes(256).toString("base64"))
    await reach(page, page.getByLabel("The material expires"))
    await page.keyboard.press("Space")
    await reach(page, until)
    await page.keyboard.type("03152030")
    await page.keyboard.press("Tab")
    await page.keyboard.type("1230PM")
    expect(await until.inputValue()).toBe("2030-03-15T12:30")
    await press(page, "Import")
    await page.getByText("InvalidKeyMaterial", { exact: true }).waitFor()

    await press(page, "Back")
    await press(page, "Next")
    expect((await material.inputValue()).length).toBeGreaterThan(300)
    expect(await until.inputValue()).toBe("2030-03-15T12:30")
    await reach(page, material)
    await page.keyboard.press("Control+A")
    const right = randomBytes(32)
    await page.keyboard.insertText(wrapped(firstKey, right))
    const firstToken = await token.inputValue()
    await run(kms.advanceClock({ By: "25h" }))
    await press(page, "Import")
    await page.getByText("ExpiredImportToken", { exact: true }).waitFor()
    await page.getByText("Go back to step 1 for a new public key and token").waitFor()

    await press(page, "Back")
    await press(page, "Back")
    await press(page, "Next")
    const secondKey = await downloaded(page, "Download public key")
    await press(page, "Next")
    expect(await material.inputValue()).toBe("")
    expect(await token.inputValue()).not.toBe(firstToken)
    expect(await until.inputValue()).toBe("2030-03-15T12:30")
    await reach(page, material)
    await page.keyboard.insertText(wrapped(secondKey, right))
    await press(page, "Import")
    await page.getByRole("dialog").waitFor({ state: "detached" })
    const described = (await run(kms.describeKey({ KeyId: KeyMetadata.KeyId }))).KeyMetadata
    expect([described.KeyState, described.MaterialExpireTime]).toEqual(["Enabled", "2030-03-15T12:30:00Z"])
    await expect.poll(() => page.evaluate("document.activeElement !== document.body")).toBe(true)
    await page.context().close()
  })
})

describe("the filter of the audit log by keyboard", () => {
  it("the filter of the audit log takes times and names typed key by key, and recovers from a failure", async () => {
    const page = await open("/audit")
    const since = page.getByLabel("From, UTC")
    await reach(page, since)
    await page.keyboard.type("01022026")
    await page.keyboard.press("Tab")
    await page.keyboard.type("030000AM")
    expect(await since.inputValue()).toMatch(/^2026-01-02T03:00(:00)?$/)
    expect(new URL(page.url()).searchParams.get("since")).toBe("2026-01-02T03:00:00.000Z")
    const operation = page.getByLabel("Operation", { exact: true })
    // On a busy machine the page asks before the last letter, and a later answer replaces the refusal of that question.
    const repair = await fail(page, "ListAuditRecords", "refused", Infinity)
    await reach(page, operation)
    await page.keyboard.type("CreateKey")
    await page.getByText("Refused in the test.").waitFor()
    repair()
    expect(await isFocused(page, operation)).toBe(true)
    await page.keyboard.press("End")
    await page.keyboard.press("Backspace")
    await page.getByText("No record matches.").waitFor()
    await press(page, "Clear filters")
    await page.getByRole("rowheader", { name: "CreateKey" }).first().waitFor()
    expect(await page.evaluate("document.activeElement !== document.body")).toBe(true)
    expect(await since.inputValue()).toBe("")
    await page.context().close()
  })
})

describe("users and their rights by keyboard", () => {
  it("a user is created, gets a policy and an access key, and is deleted, each after a failure", async () => {
    const page = await open("/access")
    const dialog = page.getByRole("dialog")
    await press(page, "Create user…")
    await reach(page, dialog.getByLabel("User name"))
    await page.keyboard.type("bad name")
    await page.keyboard.press("Enter")
    await dialog.getByRole("alert").waitFor()
    await page.keyboard.press("Shift+Home")
    await page.keyboard.type("reader")
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { level: 2, name: "reader" }).waitFor()

    await failOnce(page, "CreateAccessKey", "lost")
    await press(page, "Create access key")
    await page.getByText("An access key may have been created anyway.").waitFor()
    const keys = page.getByRole("list", { name: "Access keys" })
    await expect.poll(() => keys.getByRole("listitem").count()).toBe(1)
    await press(page, "Delete…")
    await press(page, "Delete access key")
    await dialog.waitFor({ state: "detached" })
    await page.getByText("The user has no access keys and cannot sign in.").waitFor()
    expect(await page.evaluate("document.activeElement !== document.body")).toBe(true)

    const policy = page.getByLabel("Policy to attach")
    await reach(page, policy)
    await page.keyboard.type("AliyunKMSRead")
    await failOnce(page, "AttachPolicyToUser", "lost")
    await press(page, "Attach")
    await page.getByText("The server did not answer.").first().waitFor()
    const attached = page.getByRole("list", { name: "Attached policies" })
    await attached.getByRole("link").waitFor()

    await press(page, "Delete user…")
    await press(page, "Delete user")
    await dialog.getByText("DeleteConflict").first().waitFor()
    await page.keyboard.press("Escape")
    await dialog.waitFor({ state: "detached" })
    expect(await isFocused(page, button(page, "Delete user…"))).toBe(true)
    const root = await server.page()
    const name = (await attached.getByRole("link").textContent()) ?? ""
    await root.ram("DetachPolicyFromUser", { PolicyType: "System", PolicyName: name, UserName: "reader" })
    await press(page, `Detach ${name}`)
    await attached.waitFor({ state: "detached" })
    await press(page, "Delete user…")
    await failOnce(page, "DeleteUser", "lost")
    await press(page, "Delete user")
    await dialog.getByText("The server did not answer.").waitFor()
    await page.keyboard.press("Escape")
    await page.getByText("EntityNotExist.User", { exact: true }).first().waitFor()
    await page.context().close()
  })

  it("a role keeps its edited trust policy when the change is refused", async () => {
    const page = await open("/access?tab=roles")
    await press(page, "Create role…")
    const dialog = page.getByRole("dialog")
    await reach(page, dialog.getByLabel("Role name"))
    await page.keyboard.type("auditor")
    await reach(page, dialog.getByLabel("Trust policy"))
    await page.keyboard.press("Control+End")
    await page.keyboard.type("x")
    await press(page, "Create role")
    await dialog.getByRole("alert").waitFor()
    await reach(page, dialog.getByLabel("Trust policy"))
    await page.keyboard.press("Control+End")
    await page.keyboard.press("Backspace")
    await press(page, "Create role")
    await page.getByRole("heading", { level: 2, name: "auditor" }).waitFor()
    const trust = page.getByLabel("Trust policy")
    await reach(page, trust)
    await page.keyboard.press("Control+End")
    await page.keyboard.type("{")
    await press(page, "Save trust policy")
    await page.locator("main").getByRole("alert").waitFor()
    expect(await trust.inputValue()).toMatch(/\{$/)
    await page.context().close()
  })
})

describe("actions on several keys by keyboard", () => {
  it("an action on several keys continues after a lost answer, and the focus stays in the dialog", async () => {
    const { kms, run } = server
    for (const name of ["one", "two"]) {
      const { KeyMetadata } = await run(kms.createKey({ Description: `bulk ${name}` }))
      await run(kms.createAlias({ KeyId: KeyMetadata.KeyId, AliasName: `alias/bulk-${name}` }))
    }
    const page = await open("/keys?q=bulk-")
    const stateOf = async (name: string): Promise<string | undefined> =>
      (await run(kms.describeKey({ KeyId: `alias/bulk-${name}` }))).KeyMetadata.KeyState
    await reach(page, page.getByLabel("Select all keys shown"))
    await page.keyboard.press("Space")
    await press(page, "Disable…")
    await failOnce(page, "DisableKey", "lost")
    await press(page, "Disable: 2 keys")
    await page.getByRole("dialog").getByText("The server did not answer.").first().waitFor()
    const inDialog = () => page.evaluate("document.activeElement.closest('dialog') !== null")
    await expect.poll(inDialog).toBe(true)
    await press(page, "Continue with 2 keys")
    await expect.poll(() => stateOf("two")).toBe("Disabled")
    expect(await stateOf("one")).toBe("Disabled")
    await press(page, "Close")
    await page.getByRole("dialog").waitFor({ state: "detached" })
    expect(await page.evaluate("document.activeElement !== document.body")).toBe(true)
    await page.context().close()
  })
})
