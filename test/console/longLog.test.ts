/** An audit log that one call does not read completely: the newest part is shown, older parts on demand. */
import { Effect } from "effect"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { lineOf } from "../../src/records/auditLine.ts"
import { auditLinesPerPageMax } from "../../src/domain/limits.ts"
import type { AuditRecord } from "../../src/records/rows.ts"
import { violationsIn } from "../accessibility.ts"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { pressEnterOn } from "./keyboard.ts"
import { startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

let browser: Browser
let server: RunningConsole
let page: Page
const ids = { leaving: "", used: "", busy: "" }
const start = Date.parse("2026-01-01T00:00:00Z")

const record = (more: Partial<AuditRecord>): AuditRecord => ({
  at: start,
  requestId: "request",
  principal: "acs:ram::1000000000000001:user/app",
  operation: "Encrypt",
  keyId: null,
  outcome: "Success",
  before: null,
  after: null,
  ...more
})

const append = (records: ReadonlyArray<AuditRecord>): Promise<void> =>
  server.run(server.store.appendAudit(records.map(lineOf)))

beforeAll(async () => {
  browser = await launchChromium()
  server = await startConsole({ clock: "virtual" })
  const { kms, run } = server
  const make = Effect.map(kms.createKey({}), ({ KeyMetadata }) => KeyMetadata.KeyId)
  ids.leaving = await run(make)
  ids.used = await run(make)
  ids.busy = await run(make)
  await run(kms.scheduleKeyDeletion({ KeyId: ids.leaving, PendingWindowInDays: 7 }))
  const alarm = { keyId: ids.leaving, outcome: "Rejected.PendingDeletion", alarm: "PendingDeletionUse" } as const
  const refusal = { keyId: ids.used, outcome: "Rejected.Disabled" } as const
  await append([record({ ...alarm, requestId: "oldest alarm" }), record({ ...refusal, requestId: "oldest refusal" })])
  const noise = Array.from({ length: 1000 }, () => record({ at: start + 1000, keyId: ids.busy }))
  for (let lines = 0; lines < auditLinesPerPageMax + 2000; lines += noise.length) await append(noise)
  await append(Array.from({ length: 250 }, () => record({ ...alarm, at: start + 2000 })))
  await append([record({ ...refusal, at: start + 3000, requestId: "newest refusal" })])
  page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage()
  page.setDefaultTimeout(patience)
  await page.goto(`${server.url}/console/#token=${await server.token()}`)
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const showOlder = () => page.getByRole("button", { name: "Show older" })
const lookedBackTo = (second: number) =>
  page.getByText(`searched back to 2026-01-01 00:00:0${second} UTC`).first().waitFor()

describe("a long audit log", () => {
  it("the Overview counts the newest attempts in a long log, and continues on request", async () => {
    await page.getByText(/still in use: 200 attempts/).waitFor()
    await lookedBackTo(2)
    expect(await violationsIn(page)).toEqual([])
    await showOlder().click()
    await page.getByText(/still in use: 250 attempts/).waitFor()
    await lookedBackTo(1)
    // New records are counted too, and records that were read on demand stay.
    await server.run(Effect.flip(server.kms.encrypt({ KeyId: ids.leaving, Plaintext: "aGk=" })))
    await server.run(server.kms.disableKey({ KeyId: ids.busy }))
    await page.getByText(/still in use: 251 attempts/).waitFor()
    await showOlder().click()
    await page.getByText(/still in use: 252 attempts/).waitFor()
    await showOlder().waitFor({ state: "detached" })
  })

  it("a key's page shows its newest refused calls, and finds older ones on request", async () => {
    await page.goto(`${server.url}/console/keys/${ids.used}?tab=history`)
    await page.getByText("newest refusal").waitFor()
    await lookedBackTo(1)
    expect(await page.getByText("oldest refusal").count()).toBe(0)
    await showOlder().click()
    await page.getByText("oldest refusal").waitFor()
    await showOlder().waitFor({ state: "detached" })
    await expect.poll(() => page.getByText("searched back to").count()).toBe(0)
  })

  it("a key's page claims no refused calls only after reading the whole log", async () => {
    await page.goto(`${server.url}/console/keys/${ids.busy}?tab=history`)
    await page.getByText("No refused call was found so far.").waitFor()
    await showOlder().click()
    await page.getByText("No call on this key was refused.").waitFor()
  })

  it("the Audit page of a long log begins with the newest record, or with the oldest on request", async () => {
    await page.goto(`${server.url}/console/audit`)
    await page.getByText("200 records, newest first; searched back to").waitFor()
    const first = page.getByRole("row").nth(1)
    expect(await first.textContent()).not.toContain("CreateKey")
    await page.getByRole("checkbox", { name: "Refused only" }).check()
    await page.getByText("newest refusal").waitFor()
    await showOlder().click()
    await page.getByText(/^252 records, newest first; searched back to/).waitFor()
    await page.getByRole("combobox", { name: "Order" }).selectOption("oldest")
    await page.getByText("oldest alarm").waitFor()
    await page.getByText(/^2 records, oldest first; searched up to/).waitFor()
    expect(await first.textContent()).toContain("oldest alarm")
    await page.getByRole("button", { name: "Show newer" }).click()
    await page.getByText(/^202 records, oldest first/).waitFor()
  })

  it("the Audit page filters by time, reads and a counted value, and the address has the filter", async () => {
    await page.goto(`${server.url}/console/audit`)
    await page.getByLabel("From, UTC").fill("2026-01-01T00:00:02")
    await page.getByLabel("To (before), UTC").fill("2026-01-01T00:00:03")
    await page.getByText("250 records in all").waitFor()
    const alarms = page.getByRole("region", { name: "Records by Outcome" })
    const value = alarms.getByRole("button", { name: "Rejected.PendingDeletion 250" })
    await pressEnterOn(value)
    await page.getByText(/^200 records, newest first; searched back to/).waitFor()
    await showOlder().click()
    // The rest of the log is outside the range, so it is not searched.
    await page.getByText("250 records, newest first", { exact: true }).waitFor()
    await page.getByRole("checkbox", { name: "Without reads" }).check()
    // The browser reports a new address after the key that caused it.
    await expect
      .poll(() => [...new URL(page.url()).searchParams])
      .toEqual([
        ["since", "2026-01-01T00:00:02.000Z"],
        ["until", "2026-01-01T00:00:03.000Z"],
        ["outcome", "Rejected.PendingDeletion"],
        ["reads", "off"]
      ])
    const { search } = new URL(page.url())
    await page.goto(`${server.url}/console/audit${search}`)
    await page.getByText("250 records in all").waitFor()
    expect(await value.getAttribute("aria-pressed")).toBe("true")
    expect(await page.getByLabel("From, UTC").inputValue()).toBe("2026-01-01T00:00:02")
    expect(await violationsIn(page)).toEqual([])
    await pressEnterOn(value)
    await page.getByRole("checkbox", { name: "Refused only" }).check()
    await pressEnterOn(page.getByRole("button", { name: "Last hour" }))
    await pressEnterOn(page.getByRole("button", { name: "Clear filters" }))
    await expect.poll(() => new URL(page.url()).search).toBe("")
  })
})
