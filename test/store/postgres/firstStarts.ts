/** Simultaneous first starts on an empty database: the shared values that each of them uses. */
import { Effect, Layer, Redacted } from "effect"
import type { Scope } from "effect"
import { AccessKeys } from "../../../src/authorization/accessKeys.ts"
import { storeTag } from "../../../src/crypto/hsm/connection.ts"
import { HeldRootKey, checkOf } from "../../../src/crypto/heldRootKey.ts"
import { optionsOf } from "../../../src/index.ts"
import { engineLayer } from "../../../src/main.ts"
import { postgres } from "../../../src/postgres.ts"
import { Store } from "../../../src/store/store.ts"

/** The values that starts must agree on: the root's access key, the salt, the token's tag, the kind of clock. */
export interface FirstStart {
  readonly root: string
  /** The check value of the root key, which follows from the passphrase and the salt. */
  readonly rootKeyCheck: string
  readonly salt: string | undefined
  readonly tag: string
  readonly clockKind: string | undefined
}

const passphrase = { kind: "passphrase", passphrase: Redacted.make("correct horse battery staple") } as const

/** One start. The engine runs until the scope closes. */
const firstStart = (url: string): Effect.Effect<FirstStart, unknown, Scope.Scope> => {
  const options = optionsOf(postgres(url, { tls: "off", timeoutMillis: 60_000 }), { rootKey: passphrase })
  return Effect.flatMap(Layer.build(Layer.fresh(engineLayer(options))), (context) =>
    Effect.gen(function* () {
      const store = yield* Store
      const { root } = yield* AccessKeys
      const { rootKey } = yield* HeldRootKey
      return {
        root: root.accessKeyId + Redacted.value(root.secret),
        rootKeyCheck: checkOf(rootKey),
        salt: yield* store.meta("rootKey.salt"),
        tag: yield* storeTag,
        clockKind: yield* store.meta("clock.kind")
      }
    }).pipe(Effect.provide(context))
  )
}

/** Several simultaneous starts on one empty database. */
export const firstStartsAtOnce = (url: string, count: number): Promise<ReadonlyArray<FirstStart>> =>
  Effect.all(
    Array.from({ length: count }, () => firstStart(url)),
    { concurrency: "unbounded" }
  ).pipe(Effect.scoped, Effect.runPromise)

/** The names of the values that differ from those of the first start. */
export const disagreements = (starts: ReadonlyArray<FirstStart>): ReadonlyArray<string> => {
  const names = ["root", "rootKeyCheck", "salt", "tag", "clockKind"] as const
  return names.filter((name) => new Set(starts.map((start) => start[name])).size !== 1)
}
