/** ListKeyEvents: a key's journal over the API, page by page, for callers with permission. */
import { describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { allow, arn, root, startService } from "../authorization/people.ts"
import { refusal } from "./doors.ts"

const told = async (kms: PromiseKms, KeyId: string, page: { readonly AfterSeq?: number; readonly Limit?: number }) => {
  const reply = await kms.listKeyEvents({ KeyId, ...page })
  return { last: reply.LastSeq, events: reply.Events.Event }
}

describe("ListKeyEvents", () => {
  it("ListKeyEvents returns each event once, oldest first, page by page, with its principal", async () => {
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

  it("ListKeyEvents returns the same events as the library", async () => {
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

  it("ListKeyEvents refuses an invalid page, and a key that never existed", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const { KeyId } = (await kms.createKey()).KeyMetadata
    expect(await refusal(kms.listKeyEvents({ KeyId, Limit: 1001 }))).toMatchObject({ code: "InvalidParameter" })
    expect(await refusal(kms.listKeyEvents({ KeyId, AfterSeq: -1 }))).toMatchObject({ code: "InvalidParameter" })
    const never = "00000000-0000-4000-8000-000000000000"
    expect(await refusal(kms.listKeyEvents({ KeyId: never }))).toMatchObject({ code: "Forbidden.KeyNotFound" })
  })
})

describe("the history of a deleted key", () => {
  const deletedIn = async (kms: PromiseKms) => {
    const { Arn, KeyId } = (await kms.createKey()).KeyMetadata
    await kms.createAlias({ AliasName: "alias/orders", KeyId })
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
    await kms.clock.advance("8d")
    return { Arn, KeyId }
  }

  it("ListKeyEvents returns the full history of a deleted key by its id and ARN", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const { Arn, KeyId } = await deletedIn(kms)
    const { events, last } = await told(kms, KeyId, {})
    expect(events.map(({ Type }) => Type)).toEqual(["CreateKey", "CreateAlias", "ScheduleKeyDeletion", "DeletionDue"])
    expect([last, events.at(-1)?.Principal]).toEqual([4, "clock"])
    expect((await told(kms, Arn, {})).events).toEqual(events)
    expect(await refusal(kms.listKeyEvents({ KeyId: "alias/orders" }))).toMatchObject({
      code: "Forbidden.AliasNotFound"
    })
  })

  it("only ListKeyEvents gives information about a deleted key", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const { KeyId } = await deletedIn(kms)
    const others = [kms.describeKey, kms.listKeyVersions, kms.listAliasesByKeyId, kms.listResourceTags, kms.enableKey]
    for (const other of others) {
      expect(await refusal(other({ KeyId }))).toMatchObject({ code: "Forbidden.KeyNotFound" })
    }
  })

  it("users see the history of a deleted key if their policies grant access", async () => {
    await using service = await startService({ clock: "virtual" })
    const [KeyId, another] = [await service.newKey(), await service.newKey()]
    const auditor = await service.user("auditor", allow("kms:ListKeyEvents", arn(`key/${KeyId}`)))
    const other = await service.user("other", allow("kms:ListKeyEvents", arn(`key/${another}`)))
    const reader = await service.user("reader", allow("kms:DescribeKey", arn(`key/${KeyId}`)))
    await service.ask(root, "ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "7" })
    await service.ask(root, "AdvanceClock", { By: "8d" })
    const codes: Array<string> = []
    for (const who of [auditor, other, reader]) codes.push((await service.ask(who, "ListKeyEvents", { KeyId })).code)
    expect(codes).toEqual(["ok", "Forbidden.NoPermission", "Forbidden.NoPermission"])
    expect((await service.ask(reader, "DescribeKey", { KeyId })).code).toBe("Forbidden.KeyNotFound")
    expect((await service.auditLines()).findLast(({ operation }) => operation === "ListKeyEvents")).toMatchObject({
      keyId: KeyId,
      outcome: "Forbidden.NoPermission"
    })
  })
})
