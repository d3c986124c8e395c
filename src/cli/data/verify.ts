/** `keystate verify`: checks a data directory by replaying the journal of every key. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { Driver } from "../../store/driver.ts"
import { storeLayer } from "../../store/makeStore.ts"
import { rowsOfBackup } from "../../transfer/readBackup.ts"
import { openTargetAt } from "../../transfers.ts"
import { note, print } from "../output/print.ts"
import { notedIfInterrupted, withProgress } from "../output/progress.ts"
import { userError } from "../output/userError.ts"
import { lookedEngine } from "../settings/looked.ts"
import { bytesOf } from "./backupFile.ts"
import { expectationFlags, isEmpty, unmetExpectations } from "./expectations.ts"
import { fill, orUserError } from "./filled.ts"
import { openingOptions } from "./places.ts"
import { storedFlags } from "../settings/engineFlags.ts"
import { verified } from "./verified.ts"

const verifyFlags = {
  ...storedFlags,
  ...expectationFlags,
  backup: Flag.String("backup").pipe(
    Flag.withDescription("File of a backup to check instead of a store; - for standard input"),
    Flag.optional
  )
}

type Settings = Omit<Command.Command.Config.Infer<typeof verifyFlags>, "backup">

/** The command has one note for all of its work. */
const inCommand = { ifInterrupted: undefined }

const verifiedStore = Effect.fnUntraced(function* (settings: Settings) {
  const looked = yield* lookedEngine(settings)
  return yield* Effect.gen(function* () {
    const report = { schema: yield* looked.schema, ...(yield* withProgress(verified, inCommand)) }
    yield* print("verify", { value: report, normally: "json" })
    return { report, unmet: yield* unmetExpectations(settings, report) }
  }).pipe(Effect.provide(looked.layer), orUserError)
})

/** The rows of the backup fill a temporary store, which is removed afterwards. */
const verifiedBackup = Effect.fnUntraced(function* (file: string, settings: Settings) {
  const options = yield* openingOptions(settings, process.env)
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "keystate-backup-"))),
    (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
  )
  const target = yield* orUserError(openTargetAt({ kind: "directory", directory }))
  let made = ""
  const rows = rowsOfBackup(bytesOf(file), (found) => {
    made = found
  })
  const report = yield* fill({ rows, target, options, ...inCommand })
  const reads = storeLayer.pipe(Layer.provide(Layer.succeed(Driver, target.driver)))
  yield* print("verify --backup", { value: { made, ...report }, normally: "json" })
  const unmet = yield* orUserError(unmetExpectations(settings, report).pipe(Effect.provide(reads)))
  return { report, unmet }
})

export const verify = Command.make("verify", verifyFlags, ({ backup, ...settings }) =>
  Effect.gen(function* () {
    const { report, unmet } = yield* Option.match(backup, {
      onNone: () => verifiedStore(settings),
      onSome: (file) => verifiedBackup(file, settings)
    })
    if (isEmpty(report)) yield* note("the store is empty. It has no keys and no audit records.")
    if (report.findings.length > 0) return yield* userError(`The data is damaged: ${report.findings.length} findings.`)
    if (unmet.length > 0) return yield* userError(`The store is not the one expected: ${unmet.join("; ")}.`)
  }).pipe(Effect.scoped, notedIfInterrupted("The check is not complete."))
)
