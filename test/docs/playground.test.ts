/** The model behind the playground: a key that obeys its machine, with material that time and events erase. */
import { describe, expect, it } from "vitest"
import { lifecycleOf } from "../../machines/cmk.ts"
import { makePlayground } from "../../src/playground/playground.ts"
import type { Kind } from "../../src/playground/playground.ts"

const randomness = {
  bytes: (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length)),
  uuid: (): string => crypto.randomUUID()
}

const start = Date.UTC(2026, 0, 1)
const made = (kind: Kind) => makePlayground(kind, start, randomness)

describe("the playground", () => {
  it("the playground refuses Decrypt with a disabled key, and decrypts again after EnableKey", async () => {
    const playground = await made("Aliyun_AES_256")
    const encrypted = await playground.encrypt("a record")
    const blob = encrypted._tag === "Encrypted" ? encrypted.blob : ""
    await playground.send("DisableKey")
    expect(await playground.decrypt(blob)).toMatchObject({ _tag: "Refused", refusal: { code: "Rejected.Disabled" } })
    await playground.send("EnableKey")
    expect(await playground.decrypt(blob)).toEqual({ _tag: "Decrypted", text: "a record" })
    expect(await playground.decrypt("AAAA")).toEqual({ _tag: "NotOpened" })
  })

  it("the playground offers a deadline that is set, and erases the material on DeletionDue", async () => {
    const playground = await made("Aliyun_AES_256")
    const offered = () => playground.offers().flatMap(({ isDeadline, name }) => (isDeadline ? [name] : []))
    expect(offered()).toEqual([])
    await playground.send("ScheduleKeyDeletion")
    expect(offered()).toEqual(["DeletionDue"])
    await playground.send("DeletionDue")
    expect(lifecycleOf(playground.snapshot())).toBe("Deleted")
    expect(playground.snapshot().context.materialPresent).toBe(false)
    expect(playground.journal().map(({ event }) => event)).toEqual(["CreateKey", "ScheduleKeyDeletion", "DeletionDue"])
  })

  it("the playground imports material, and returns to PendingImport when the material expires", async () => {
    const playground = await made("EXTERNAL")
    expect(await playground.encrypt("a")).toMatchObject({ refusal: { code: "Rejected.PendingImport" } })
    await playground.send("ImportKeyMaterial")
    expect(await playground.encrypt("a")).toMatchObject({ _tag: "Encrypted" })
    await playground.send("MaterialExpired")
    expect(lifecycleOf(playground.snapshot())).toBe("PendingImport")
  })

  it("the playground opens the ciphertext of every version after a rotation", async () => {
    const playground = await made("rotating")
    const encrypted = await playground.encrypt("old")
    await playground.send("RotationDue")
    expect(playground.snapshot().context.versionCount).toBe(2)
    const blob = encrypted._tag === "Encrypted" ? encrypted.blob : ""
    expect(await playground.decrypt(blob)).toEqual({ _tag: "Decrypted", text: "old" })
  })

  it("the playground shows for each event the refusal that a click would get", async () => {
    const playground = await made("Aliyun_AES_256")
    for (const { name, refusal } of playground.offers().filter((offer) => offer.refusal !== undefined)) {
      expect(await playground.send(name)).toEqual({ _tag: "Refused", operation: name, refusal })
    }
    expect(playground.journal()).toHaveLength(1)
  })
})
