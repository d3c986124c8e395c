/** Information about a key beyond the API: its legal operations and its events. */
import { describe, expect, it } from "vitest"
import { createKms, isKmsError } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"

/** A key under an alias, and every way to name it. */
const namedKey = async (kms: PromiseKms) => {
  const { KeyId, Arn } = (await kms.createKey()).KeyMetadata
  await kms.createAlias({ AliasName: "alias/orders", KeyId })
  const aliasArn = `${Arn.slice(0, Arn.indexOf(":key/"))}:alias/orders`
  return { KeyId, names: [KeyId, Arn, "alias/orders", aliasArn] }
}

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  const error: unknown = await call.catch((error: unknown) => error)
  if (!isKmsError(error)) throw new Error("the call was expected to be refused")
  return error.code
}

const typesOf = async (kms: PromiseKms, name: string): Promise<ReadonlyArray<string>> => {
  const types: Array<string> = []
  for await (const { payload } of kms.events(name))
    types.push(payload.type === "Event" ? payload.event.type : payload.type)
  return types
}

const foreign = "acs:kms:cn-beijing:1000000000000001:key/00000000-0000-4000-8000-000000000000"
const unknown: ReadonlyArray<readonly [string, string]> = [
  ["alias/none", "Forbidden.AliasNotFound"],
  ["00000000-0000-4000-8000-000000000000", "Forbidden.KeyNotFound"],
  [foreign, "Forbidden.KeyNotFound"],
  ["", "Forbidden.KeyNotFound"]
]

describe("explain", () => {
  it("explain answers the same for a key by its id, ARN, alias and alias ARN", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const { KeyId, names } = await namedKey(kms)
    const told = await kms.explain(KeyId)
    expect(told).toMatchObject({ keyId: KeyId, lifecycle: "Enabled", rotation: "Disabled", deadlines: [] })
    for (const name of names) expect(await kms.explain(name)).toEqual(told)
  })

  it("explain predicts the result of every operation", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const { KeyId } = await namedKey(kms)
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
    const { deadlines, operations } = await kms.explain("alias/orders")
    expect(deadlines).toEqual([{ kind: "DeletionDue", due: "2026-01-08T00:00:00Z" }])
    const toldOf = (name: string) => operations.find(({ operation }) => operation === name)
    expect(toldOf("CancelKeyDeletion")).toEqual({ operation: "CancelKeyDeletion", allowed: true })
    expect(toldOf("Encrypt")).toMatchObject({ allowed: false, httpStatus: 409, allowedStates: ["Enabled"] })
    expect(await codeOf(kms.encrypt({ KeyId, Plaintext: "aGk=" }))).toBe(toldOf("Encrypt")?.code)
  })

  it.each(unknown)("explain of %j is refused with %s", async (name, code) => {
    await using kms = await createKms({ clock: "virtual" })
    expect(await codeOf(kms.explain(name))).toBe(code)
  })
})

describe("diagram", () => {
  it("diagram highlights the current states of the key, under each of its names", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const { KeyId, names } = await namedKey(kms)
    const litIn = async (name: string) =>
      [...(await kms.diagram(name, { theme: "dark" })).matchAll(/data-state="([^"]*)" data-is="active"/g)].map(
        ([, state]) => state
      )
    for (const name of names) expect(await litIn(name)).toEqual(["lifecycle.Enabled", "rotation.Disabled"])
    await kms.disableKey({ KeyId })
    expect(await litIn("alias/orders")).toEqual(["lifecycle.Disabled", "rotation.Disabled"])
  })

  it.each(unknown)("diagram of %j is refused with %s", async (name, code) => {
    await using kms = await createKms({ clock: "virtual" })
    expect(await codeOf(kms.diagram(name))).toBe(code)
  })
})

describe("events", () => {
  it("events returns a key's whole journal under each of its names, in several pages", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const { KeyId, names } = await namedKey(kms)
    const descriptions = Array.from({ length: 250 }, (_, n) => `the ${n}th`)
    for (const Description of descriptions) await kms.updateKeyDescription({ KeyId, Description })
    const told = ["CreateKey", "CreateAlias", ...descriptions.map(() => "UpdateKeyDescription")]
    for (const name of names) expect(await typesOf(kms, name)).toEqual(told)
  })

  it("events returns the journal of a deleted key by its id", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const { KeyId } = await namedKey(kms)
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
    await kms.clock.advance("8d")
    expect(await typesOf(kms, KeyId)).toEqual(["CreateKey", "CreateAlias", "ScheduleKeyDeletion", "DeletionDue"])
    expect(await codeOf(typesOf(kms, "alias/orders"))).toBe("Forbidden.AliasNotFound")
  })

  it.each(unknown)("events of %j is refused with %s", async (name, code) => {
    await using kms = await createKms({ clock: "virtual" })
    expect(await codeOf(typesOf(kms, name))).toBe(code)
  })
})
