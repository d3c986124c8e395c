/** ListKeyEvents: a key's journal over the API, page by page, for whoever may see it. */
import { describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { refusal } from "./doors.ts"

const told = async (kms: PromiseKms, KeyId: string, page: { readonly AfterSeq?: number; readonly Limit?: number }) => {
  const reply = await kms.listKeyEvents({ KeyId, ...page })
  return { last: reply.LastSeq, events: reply.Events.Event }
}

describe("ListKeyEvents", () => {
  it("tells each event once, oldest first, page by page, with what caused it", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const { KeyId } = (await kms.createKey()).KeyMetadata
    await kms.createAlias({ AliasName: "alias/orders", KeyId })
    await kms.disableKey({ KeyId })
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
    const all = await told(kms, "alias/orders", {})
    expect(all.last).toBe(4)
    expect(all.events.map(({ Seq, Type }) => [Seq, Type])).toEqual([
      [1, "CreateKey"],
      [2, "CreateAlias"],
      [3, "DisableKey"],
      [4, "ScheduleKeyDeletion"]
    ])
    expect(all.events[0]).toMatchObject({ Time: "2026-01-01T00:00:00Z", Principal: "acs:ram::1000000000000001:root" })
    const [first, second, third] = [
      await told(kms, KeyId, { Limit: 3 }),
      await told(kms, KeyId, { Limit: 3, AfterSeq: 3 }),
      await told(kms, KeyId, { AfterSeq: 4 })
    ]
    expect([...first.events, ...second.events]).toEqual(all.events)
    expect(third).toEqual({ last: 4, events: [] })
  })

  it("tells what the library's events tell", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const { KeyId } = (await kms.createKey()).KeyMetadata
    await kms.updateKeyDescription({ KeyId, Description: '<b>"\u001b[31m' })
    const entries = []
    for await (const { seq, at, hash, payload } of kms.events(KeyId)) {
      entries.push({ Seq: seq, At: at, Hash: hash, Payload: JSON.stringify(payload) })
    }
    expect((await told(kms, KeyId, {})).events).toMatchObject(entries)
    expect(entries).toHaveLength(2)
  })

  it("refuses a page that cannot be, and a key that is gone", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const { KeyId } = (await kms.createKey()).KeyMetadata
    expect(await refusal(kms.listKeyEvents({ KeyId, Limit: 1001 }))).toMatchObject({ code: "InvalidParameter" })
    expect(await refusal(kms.listKeyEvents({ KeyId, AfterSeq: -1 }))).toMatchObject({ code: "InvalidParameter" })
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
    await kms.clock.advance("8d")
    expect(await refusal(kms.listKeyEvents({ KeyId }))).toMatchObject({ code: "Forbidden.KeyNotFound" })
  })
})
