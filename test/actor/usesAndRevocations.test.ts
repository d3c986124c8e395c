/** A use that overlaps a revocation is answered with the code of the key's new state. */
import { Effect, Layer } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { KeyDirectory } from "../../src/actor/keyDirectory.ts"
import { useFailpoints } from "../../src/actor/actorServices.ts"
import { CryptoFailed } from "../../src/crypto/provider.ts"
import { isKeyId } from "../../src/domain/ids.ts"
import { Failpoints } from "../../src/platform/services.ts"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { Kms } from "../../src/kms.ts"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { inProcess } from "../operation/doors.ts"
import { importRequest } from "../operation/wrapping.ts"
import { calls, makeSubject } from "./subjects.ts"
import type { Kind, Subject } from "./subjects.ts"

/** A change that happens once when a use opens material. */
let meanwhile: { readonly at: string; readonly happens: () => Promise<void> } | undefined

const failpoints = Layer.succeed(Failpoints, {
  reach: (name) =>
    Effect.suspend(() => {
      if (meanwhile?.at !== name) return Effect.void
      const { happens } = meanwhile
      meanwhile = undefined
      return Effect.promise(happens)
    }),
  reachSync: () => undefined
})

let kms: PromiseKms
beforeEach(async () => {
  kms = await createKms({ store: "memory", clock: "virtual", hsm: "simulator", failpoints })
})
afterEach(() => kms.close())

const must = async (operation: string, request: Readonly<Record<string, string>>): Promise<void> => {
  const { code } = await inProcess(kms)(operation, request)
  if (code !== "Success") throw new Error(`${operation} was refused with ${code}`)
}

const disable = ({ KeyId }: Subject) => must("DisableKey", { KeyId })
const enable = ({ KeyId }: Subject) => must("EnableKey", { KeyId })
const schedule = ({ KeyId }: Subject) => must("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "7" })
const advance = () => must("AdvanceClock", { By: "8d" })
const deleteMaterial = ({ KeyId }: Subject) => must("DeleteKeyMaterial", { KeyId })
const importAgain = async ({ ask, KeyId, material }: Subject, more: Readonly<Record<string, string>> = {}) =>
  must("ImportKeyMaterial", { ...(await importRequest(ask, KeyId, material)), ...more })
const inDays = async (days: number): Promise<string> =>
  String(Math.floor(Date.parse((await kms.clock.show()).Now) / 1000) + days * 86_400)

type Change = (subject: Subject) => Promise<void>

const changes: Readonly<Record<string, Change>> = {
  DisableKey: disable,
  ScheduleKeyDeletion: schedule,
  "a deletion that is performed": async (subject) => {
    await schedule(subject)
    await advance()
  },
  "DisableKey and EnableKey": async (subject) => {
    await disable(subject)
    await enable(subject)
  }
}

const externalChanges: Readonly<Record<string, Change>> = {
  DeleteKeyMaterial: deleteMaterial,
  "the expiry of the material": async (subject) => {
    await importAgain(subject, { KeyMaterialExpireUnix: await inDays(1) })
    await advance()
  },
  "DeleteKeyMaterial and ImportKeyMaterial": async (subject) => {
    await deleteMaterial(subject)
    await importAgain(subject)
  }
}

const symmetricUses = [
  "Encrypt",
  "Decrypt",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "ExportDataKey",
  "GenerateAndExportDataKey",
  "ReEncrypt(source)",
  "ReEncrypt(destination)"
] as const

const uses: Readonly<Record<Kind, ReadonlyArray<string>>> = {
  symmetric: symmetricUses,
  external: symmetricUses,
  "encrypting pair": ["AsymmetricEncrypt", "AsymmetricDecrypt", "ReEncrypt(source)"],
  "signing pair": ["AsymmetricSign", "AsymmetricVerify"]
}

const call = async (subject: Subject, use: string): Promise<string> => {
  const made = await calls[use]?.(subject)
  if (made === undefined) throw new Error(`nobody knows how to call ${use}`)
  return (await subject.ask(...made)).code
}

/** The code of a use during which the key changes, and of the same use afterwards. */
const raced = async (subject: Subject, use: string, at: string, change: Change): Promise<ReadonlyArray<string>> => {
  // Closes the handles of earlier uses.
  await disable(subject)
  await enable(subject)
  meanwhile = { at, happens: () => change(subject) }
  const during = await call(subject, use)
  if (meanwhile !== undefined) throw new Error(`${use} did not reach ${at}`)
  return [during, await call(subject, use)]
}

const kinds: ReadonlyArray<Kind> = ["symmetric", "external", "encrypting pair", "signing pair"]

describe.each(["SOFTWARE", "HSM"])("a key of level %s", (ProtectionLevel) => {
  describe.each(kinds)("a %s key", (kind) => {
    const all = { ...changes, ...(kind === "external" ? externalChanges : {}) }
    it.each(Object.keys(all))("a use that overlaps %s gets the same answer as the next use", async (name) => {
      for (const [index, use] of uses[kind].entries()) {
        // The simulated HSM takes the same path: one of the two steps for each use is enough there.
        const steps = useFailpoints.filter((_step, step) => ProtectionLevel === "SOFTWARE" || step === index % 2)
        for (const at of steps) {
          const subject = await makeSubject(inProcess(kms), kind, { ProtectionLevel })
          const [during, after] = await raced(subject, use, at, all[name] ?? disable)
          expect([use, at, during]).toEqual([use, at, after])
          expect(during).not.toBe("ServiceUnavailableTemporary")
        }
      }
    })
  })
})

const failures = {
  "the provider does not answer": () => Effect.fail(new CryptoFailed({ reason: "Unavailable" })),
  "the provider rejects what it was given": () => Effect.fail(new CryptoFailed({ reason: "Rejected" })),
  "the version has sealed all it may": () => Effect.fail(new CryptoFailed({ reason: "Exhausted" })),
  "the handle is closed": () => Effect.die(new Error("a closed handle"))
} as const

describe("a use in progress when the key is disabled", () => {
  it.each(Object.keys(failures))(
    "a use during which the key is disabled is refused with Rejected.Disabled where %s",
    (name) =>
      Effect.gen(function* () {
        const service = yield* Kms
        const { KeyId } = (yield* service.createKey()).KeyMetadata
        if (!isKeyId(KeyId)) throw new Error("CreateKey answers with a key id")
        const key = yield* (yield* KeyDirectory).find(service.realm, KeyId)
        const fails = Object.entries(failures).find(([known]) => known === name)?.[1] ?? Effect.void
        const work = () =>
          Effect.andThen(Effect.orDie(service.disableKey({ KeyId })), Effect.isEffect(fails) ? fails : fails())
        const refused = yield* Effect.flip(key.use("Encrypt", "primary", work))
        expect(refused._tag).toBe("Rejected.Disabled")
      }).pipe(Effect.provide(engineLayer(optionsOf("memory", {}))), Effect.runPromise)
  )

  it("a use fails with its own error if the key did not change", () =>
    Effect.gen(function* () {
      const service = yield* Kms
      const { KeyId } = (yield* service.createKey()).KeyMetadata
      if (!isKeyId(KeyId)) throw new Error("CreateKey answers with a key id")
      const key = yield* (yield* KeyDirectory).find(service.realm, KeyId)
      const work = () => Effect.andThen(Effect.yieldNow, Effect.fail(new CryptoFailed({ reason: "Unavailable" })))
      expect((yield* Effect.flip(key.use("Encrypt", "primary", work)))._tag).toBe("CryptoFailed")
    }).pipe(Effect.provide(engineLayer(optionsOf("memory", {}))), Effect.runPromise))
})
