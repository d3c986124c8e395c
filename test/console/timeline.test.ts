/** The timeline of deadlines: each once, in order, page by page, and only for keys that the caller may view. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Browser } from "playwright-core"
import { violationsIn } from "../accessibility.ts"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { pressEnterOn } from "./keyboard.ts"
import { keepMessages } from "./messages.ts"
import { at, startConsole } from "./startConsole.ts"
import type { Page, RunningConsole } from "./startConsole.ts"

const makeKey = async (page: Page, request: object = {}): Promise<string> =>
  String(at(await page.call("CreateKey", request), "reply", "KeyMetadata", "KeyId"))

const schedule = (page: Page, KeyId: string, days: number) =>
  page.call("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: String(days) })

const rotating = (days: number) => ({ EnableAutomaticRotation: "true", RotationInterval: `${days}d` })

interface Row {
  readonly keyId: string
  readonly kind: string
  readonly dueAt: number
  readonly region: string
}

const [here, there] = ["cn-hangzhou", "eu-central-1"]

const makeKeyThere = async (page: Page, parameters: object): Promise<string> => {
  const answer = await page.post("/call", { operation: "CreateKey", parameters, region: there })
  return String(at(answer, "reply", "KeyMetadata", "KeyId"))
}

/** All pages of the timeline, and how many they are. */
const wholeOf = async (
  page: Page,
  wanted: Readonly<Record<string, string>> = {}
): Promise<{ readonly rows: ReadonlyArray<Row>; readonly pages: number }> => {
  const rows: Array<Row> = []
  let after = ""
  for (let pages = 1; ; pages++) {
    const answer = await page.get(`/timeline?${new URLSearchParams({ ...wanted, after })}`)
    const found = at(answer, "reply", "rows")
    if (!Array.isArray(found)) throw new TypeError(JSON.stringify(answer))
    for (const row of found) {
      rows.push({
        keyId: String(at(row, "keyId")),
        kind: String(at(row, "kind")),
        dueAt: Number(at(row, "dueAt")),
        region: String(at(row, "region"))
      })
    }
    const next = at(answer, "reply", "next")
    if (next === undefined) return { rows, pages }
    after = String(next)
  }
}

describe("the pages of the timeline", () => {
  it("the timeline has each deadline once, in order, without those of other accounts", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const root = await server.page()
    const pair = at(await root.call("CreateAccount"), "reply", "Account", "RootAccessKey")
    const neighbour = await server.page({
      accessKeyId: String(at(pair, "AccessKeyId")),
      accessKeySecret: String(at(pair, "AccessKeySecret"))
    })
    const keys: Array<string> = []
    for (let count = 0; count < 120; count++) {
      // The clock is frozen, so most deadlines are at the same instant.
      keys.push(await makeKey(root, rotating(count % 40 === 0 ? 7 : 30)))
      if (count % 2 === 0) await makeKey(neighbour, rotating(30))
    }
    const { pages, rows } = await wholeOf(root)
    expect(pages).toBe(3)
    expect(rows.map(({ keyId }) => keyId).toSorted()).toEqual(keys.toSorted())
    expect(rows.map(({ dueAt }) => dueAt)).toEqual(rows.map(({ dueAt }) => dueAt).toSorted((a, b) => a - b))
    expect((await wholeOf(neighbour)).rows).toHaveLength(60)
  })

  it("the timeline has only keys that the caller may view, and needs ListKeys", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const root = await server.page()
    const [shown, hidden] = [await makeKey(root, rotating(7)), await makeKey(root, rotating(30))]
    await root.ram("CreateUser", { UserName: "viewer" })
    const made = at(await root.ram("CreateAccessKey", { UserName: "viewer" }), "reply", "AccessKey")
    const user = await server.page({
      accessKeyId: String(at(made, "AccessKeyId")),
      accessKeySecret: String(at(made, "AccessKeySecret"))
    })
    expect(at(await user.get("/timeline"), "refusal", "code")).toBe("Forbidden.NoPermission")
    const PolicyDocument = JSON.stringify({
      Version: "1",
      Statement: [
        { Effect: "Allow", Action: "kms:ListKeys", Resource: "*" },
        { Effect: "Allow", Action: "kms:DescribeKey", Resource: `acs:kms:*:*:key/${shown}` }
      ]
    })
    await root.ram("CreatePolicy", { PolicyName: "one-key", PolicyDocument })
    await root.ram("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: "one-key", UserName: "viewer" })
    expect((await wholeOf(user)).rows.map(({ keyId }) => keyId)).toEqual([shown])
    expect((await wholeOf(root)).rows.map(({ keyId }) => keyId)).toEqual([shown, hidden])
  })
})

describe("the timeline of all regions", () => {
  it("the timeline of all regions has each deadline of the account once, in order, with one record per page", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const root = await server.page()
    const pair = at(await root.call("CreateAccount"), "reply", "Account", "RootAccessKey")
    const neighbour = await server.page({
      accessKeyId: String(at(pair, "AccessKeyId")),
      accessKeySecret: String(at(pair, "AccessKeySecret"))
    })
    const keys: Array<string> = []
    for (let count = 0; count < 40; count++) {
      keys.push(await makeKey(root, rotating(count % 20 === 0 ? 7 : 30)), await makeKeyThere(root, rotating(30)))
      await makeKeyThere(neighbour, rotating(30))
    }
    const { pages, rows } = await wholeOf(root, { regions: "all" })
    expect(pages).toBe(2)
    expect(rows.map(({ keyId }) => keyId).toSorted()).toEqual(keys.toSorted())
    expect(rows.map(({ dueAt }) => dueAt)).toEqual(rows.map(({ dueAt }) => dueAt).toSorted((a, b) => a - b))
    expect(rows.map(({ keyId, region }) => `${keyId} ${region}`).toSorted()).toEqual(
      keys.map((keyId, index) => `${keyId} ${index % 2 === 0 ? here : there}`).toSorted()
    )
    expect((await wholeOf(root)).rows.every(({ region }) => region === here)).toBe(true)
    expect((await wholeOf(root, { region: there })).rows).toHaveLength(40)
    const records = at(await root.call("ListAuditRecords", { Operation: "ListKeys" }), "reply")
    expect(JSON.stringify(records).split("timeline of all regions")).toHaveLength(1 + pages)
  })

  it("the timeline of all regions needs ListKeys in each region, and DescribeKey on each key", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const root = await server.page()
    const near = await makeKey(root, rotating(7))
    const far = await makeKeyThere(root, rotating(30))
    await makeKeyThere(root, rotating(30))
    const viewing = async (name: string, regions: string): Promise<ReadonlyArray<string>> => {
      const PolicyDocument = JSON.stringify({
        Version: "1",
        Statement: [
          { Effect: "Allow", Action: "kms:ListKeys", Resource: `acs:kms:${regions}:*:key` },
          { Effect: "Allow", Action: "kms:DescribeKey", Resource: [near, far].map((id) => `acs:kms:*:*:key/${id}`) }
        ]
      })
      await root.ram("CreateUser", { UserName: name })
      await root.ram("CreatePolicy", { PolicyName: name, PolicyDocument })
      await root.ram("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: name, UserName: name })
      const made = at(await root.ram("CreateAccessKey", { UserName: name }), "reply", "AccessKey")
      const user = await server.page({
        accessKeyId: String(at(made, "AccessKeyId")),
        accessKeySecret: String(at(made, "AccessKeySecret"))
      })
      return (await wholeOf(user, { regions: "all" })).rows.map(({ keyId }) => keyId)
    }
    expect(await viewing("everywhere", "*")).toEqual([near, far])
    expect(await viewing("one-region", here)).toEqual([near])
  })
})

describe("the timeline in Chromium", () => {
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

  it("the timeline moves the virtual clock after a confirmation that names the deleted keys", async () => {
    const root = await server.page()
    const leaving = await makeKey(root, { Description: "leaving <b>" })
    await schedule(root, leaving, 7)
    await makeKey(root, { ...rotating(30), Description: "orders" })
    const context = await browser.newContext({ reducedMotion: "reduce" })
    await keepMessages(context)
    context.setDefaultTimeout(patience)
    const page = await context.newPage()
    await page.goto(`${server.url}/console/#token=${await server.token()}`)
    await page.getByText("Live", { exact: true }).waitFor()
    let refusals = 1
    await page.route("**/console/api/call", async (route) => {
      if (at(route.request().postDataJSON(), "operation") !== "AdvanceClock" || refusals-- <= 0) return route.continue()
      const refusal = { code: "ServiceUnavailableTemporary", message: "Try again later.", httpStatus: 503 }
      return route.fulfill({ json: { ok: false, refusal } })
    })
    await page.goto(`${server.url}/console/timeline`)
    const first = page.getByRole("row").nth(1)
    await first.getByText("leaving <b>").waitFor()
    await page.getByLabel("Move the virtual clock to").focus()
    await page.keyboard.press("ArrowRight")
    await page.getByText(/on this page, 1 × Deletion until then\./).waitFor()
    await pressEnterOn(page.getByRole("button", { name: "Move the clock…" }))
    const dialog = page.getByRole("dialog", { name: "Move the clock" })
    await dialog.getByRole("listitem").getByText("leaving <b>").waitFor()
    await pressEnterOn(dialog.getByRole("button", { name: "Move the clock" }))
    await dialog.getByText("Try again later.").waitFor()
    await pressEnterOn(dialog.getByRole("button", { name: "Move the clock" }))
    await dialog.waitFor({ state: "detached" })
    await page.locator(".message").getByText("The clock is now at").waitFor()
    await first.getByText("orders").waitFor()
    expect(await page.getByText("leaving <b>").count()).toBe(0)
    await context.close()
  })

  it("the timeline moves the clock once when its button is pressed again before the new time is known", async () => {
    const root = await server.page()
    await schedule(root, await makeKey(root, { Description: "passing" }), 7)
    const context = await browser.newContext({ reducedMotion: "reduce" })
    context.setDefaultTimeout(patience)
    const page = await context.newPage()
    await page.goto(`${server.url}/console/#token=${await server.token()}`)
    await page.getByText("Live", { exact: true }).waitFor()
    await page.goto(`${server.url}/console/timeline`)
    await page.getByRole("row").getByText("passing").waitFor()
    const held = Promise.withResolvers<void>()
    const isAsked = Promise.withResolvers<void>()
    let moves = 0
    await page.route("**/console/api/call", async (route) => {
      if (at(route.request().postDataJSON(), "operation") === "AdvanceClock") moves++
      await route.continue()
    })
    await page.getByLabel("Move the virtual clock to").focus()
    await page.keyboard.press("ArrowRight")
    await page.getByRole("button", { name: "Move the clock…" }).click()
    await page.route("**/console/api/clock**", async (route) => {
      isAsked.resolve()
      await held.promise
      await route.continue()
    })
    const move = page.getByRole("dialog").getByRole("button", { name: "Move the clock" })
    await move.click()
    await isAsked.promise
    await move.press("Enter")
    held.resolve()
    await page.getByRole("dialog").waitFor({ state: "detached" })
    expect(moves).toBe(1)
    await context.close()
  })

  it("the timeline of all regions names each region, lists what the clock passes, and opens a key's page", async () => {
    const root = await server.page()
    const far = await makeKeyThere(root, { Description: "far" })
    await root.post("/call", {
      operation: "ScheduleKeyDeletion",
      parameters: { KeyId: far, PendingWindowInDays: "7" },
      region: there
    })
    const context = await browser.newContext({ reducedMotion: "reduce" })
    context.setDefaultTimeout(patience)
    const page = await context.newPage()
    await page.goto(`${server.url}/console/#token=${await server.token()}`)
    await page.getByText("Live", { exact: true }).waitFor()
    await page.goto(`${server.url}/console/timeline`)
    await page.getByRole("row").getByText("orders").waitFor()
    expect(await page.getByText("far", { exact: true }).count()).toBe(0)
    await page.getByLabel("Regions").selectOption("all")
    const first = page.getByRole("row").nth(1)
    await first.getByText("far", { exact: true }).waitFor()
    await expect.poll(() => new URL(page.url()).search).toBe("?regions=all")
    await first.getByRole("cell", { name: there }).waitFor()
    const leaves = await makeKeyThere(root, { Description: "leaves too" })
    await root.post("/call", {
      operation: "ScheduleKeyDeletion",
      parameters: { KeyId: leaves, PendingWindowInDays: "8" },
      region: there
    })
    await page.getByRole("row").getByText("leaves too").waitFor()
    await page.getByLabel("Move the virtual clock to").focus()
    await page.keyboard.press("ArrowRight")
    await pressEnterOn(page.getByRole("button", { name: "Move the clock…" }))
    await page.getByRole("dialog").getByText(`far in ${there}`).waitFor()
    expect(await violationsIn(page)).toEqual([])
    await page.keyboard.press("Escape")
    const other = await context.newPage()
    await other.goto(new URL(String(await first.getByRole("link").getAttribute("href")), page.url()).href)
    await other.getByRole("heading", { name: "far" }).waitFor()
    await expect.poll(() => new URL(other.url()).search).toBe("")
    await other.close()
    await first.getByRole("link").click()
    await page.getByRole("heading", { name: "far" }).waitFor()
    await expect.poll(() => page.locator(".top select").first().inputValue()).toBe(there)
    await context.close()
  })
})
