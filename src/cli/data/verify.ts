/** `keystate verify`: checks a data directory by replaying the journal of every key. */
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { Admission } from "../../admission.ts"
import { specOf } from "../../actor/handles.ts"
import { verifyStore } from "../../verification/verify.ts"
import { Providers } from "../../crypto/providers.ts"
import { copiedEngineLayer, storedEngineLayer } from "../../main.ts"
import { postgresSchema, postgresSnapshot } from "../../postgres.ts"
import { Store } from "../../store/store.ts"
import type { VersionRow } from "../../records/rows.ts"
import { userError } from "../output/userError.ts"
import { storedFlags, storeFlags } from "../settings/engineFlags.ts"
import { engineOptions, storedOptions } from "../settings/engineOptions.ts"
import { databaseOptions, storeKind } from "../settings/storeOptions.ts"

/** Whether a version's sealed material opens under the root key in use. */
const opens = Effect.fnUntraced(function* (row: VersionRow) {
  const store = yield* Store
  const providers = yield* Providers
  const key = yield* Effect.orElseSucceed(store.key(row.keyId), () => undefined)
  if (key === undefined || row.stored === undefined) return false
  const spec = specOf(key.snapshot.context)
  const provider = providers.find(key.snapshot.context.protection, spec)
  if (provider === undefined) return false
  const { keyId, keyVersionId, stored } = row
  return yield* provider.open({ row: { keyId, keyVersionId }, spec, stored }).pipe(
    Effect.map((handle) => {
      handle.close()
      return true
    }),
    Effect.catch(() => Effect.succeed(false))
  )
})

/** A directory is copied first, and a database is read at one instant, so that a server may use either meanwhile. */
const lookedAt = Effect.fnUntraced(function* (settings: Command.Command.Config.Infer<typeof verifyFlags>) {
  if (storeKind(settings.store) !== "postgres") {
    const options = yield* storedOptions(settings, process.env)
    return { layer: copiedEngineLayer(options, settings.data), schema: undefined }
  }
  const options = yield* engineOptions({ ...settings, clock: "real", stsClock: "real" }, process.env)
  const store = postgresSnapshot(yield* databaseOptions(settings))
  return { layer: storedEngineLayer({ ...options, store }), schema: postgresSchema }
})

const verifyFlags = { ...storedFlags, ...storeFlags }

export const verify = Command.make("verify", verifyFlags, (settings) =>
  Effect.gen(function* () {
    const looked = yield* lookedAt(settings)
    const report = yield* Effect.gen(function* () {
      const store = yield* Store
      const providers = yield* Providers
      const { schema } = looked.schema === undefined ? yield* Admission : looked
      const found = yield* verifyStore({
        openMaterial: (row) =>
          opens(row).pipe(Effect.provideService(Store, store), Effect.provideService(Providers, providers))
      })
      return { schema, ...found }
    }).pipe(
      Effect.provide(looked.layer),
      Effect.catchTag("StoreUnusable", (error) => Effect.fail(userError(error.message)))
    )
    yield* Console.log(JSON.stringify(report, null, 2))
    if (report.findings.length > 0) return yield* userError(`The data is damaged: ${report.findings.length} findings.`)
  })
).pipe(
  Command.withDescription(
    "Check a data directory or a database: replay every journal, check every hash, deadline and sealed secret"
  )
)
