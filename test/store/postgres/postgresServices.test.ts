/** Several services on one PostgreSQL database: a decision of one binds the others, and an unavailable database means 503. */
import { afterEach, describe, expect, it } from "vitest"
import { postgres } from "../../../src/postgres.ts"
import { createKms, isKmsError } from "../../../src/promise.ts"
import type { PromiseKms } from "../../../src/promise.ts"
import { patientMillis, postgresForTests } from "./server.ts"

const server = postgresForTests()
const services: Array<PromiseKms> = []
afterEach(() => Promise.all(services.splice(0).map((kms) => kms.close())))

const rootKey = { kind: "bytes", bytes: new Uint8Array(32).fill(7) } as const

const start = async (url: string, timeoutMillis = patientMillis): Promise<PromiseKms> => {
  const kms = await createKms({ store: postgres(url, { tls: "off", timeoutMillis }), rootKey })
  services.push(kms)
  return kms
}

const codeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => "Success",
    (error: unknown) => (isKmsError(error) ? error.code : String(error))
  )

describe("two services on one database", () => {
  it("two services refuse a key that either disabled, and use the key after EnableKey", async () => {
    const url = await server.newDatabase()
    const [one, two] = [await start(url), await start(url)]
    const { KeyId } = (await one.createKey({ Description: "shared" })).KeyMetadata
    const encrypt = (kms: PromiseKms) => codeOf(kms.encrypt({ KeyId, Plaintext: "SGVsbG8=" }))
    expect(await encrypt(two)).toBe("Success")
    for (const [decider, user] of [
      [one, two],
      [two, one]
    ] as const) {
      await decider.disableKey({ KeyId })
      expect(await encrypt(user)).toBe("Rejected.Disabled")
      await decider.enableKey({ KeyId })
      expect(await encrypt(user)).toBe("Success")
    }
    await one.createAlias({ KeyId, AliasName: "alias/orders" })
    expect(await codeOf(two.encrypt({ KeyId: "alias/orders", Plaintext: "SGVsbG8=" }))).toBe("Success")
    await two.deleteAlias({ AliasName: "alias/orders" })
    expect(await codeOf(one.encrypt({ KeyId: "alias/orders", Plaintext: "SGVsbG8=" }))).toBe("Forbidden.AliasNotFound")
  })
})

describe("a service without its database", () => {
  it("a service without its database answers 503 to every call, and recovers with the database", async () => {
    const url = await server.newDatabase()
    const kms = await start(url, 2000)
    const { KeyId } = (await kms.createKey({})).KeyMetadata
    await server.get().crash({ isStarted: false })
    const calls: ReadonlyArray<() => Promise<unknown>> = [
      () => kms.encrypt({ KeyId, Plaintext: "SGVsbG8=" }),
      () => kms.disableKey({ KeyId }),
      () => kms.createKey({}),
      () => kms.listKeys({}),
      () => kms.describeKey({ KeyId }),
      () => kms.ram.listUsers({})
    ]
    for (const call of calls) expect(await codeOf(call())).toBe("ServiceUnavailableTemporary")
    await server.get().start()
    expect(await codeOf(kms.encrypt({ KeyId, Plaintext: "SGVsbG8=" }))).toBe("Success")
    expect(await codeOf(kms.disableKey({ KeyId }))).toBe("Success")
    expect(await codeOf(kms.encrypt({ KeyId, Plaintext: "SGVsbG8=" }))).toBe("Rejected.Disabled")
  })
})
