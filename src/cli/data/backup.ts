/** `keystate backup`: every row of a store in one file, while servers use the store. */
import { closeSync, existsSync, openSync, statSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { Clock, Effect, Option, Stream } from "effect"
import { Command } from "effect/cli"
import { beginFile, codeOf, removeLeftovers } from "../../platform/durableFiles.ts"
import { backupOf } from "../../transfer/writeBackup.ts"
import type { RowCounts } from "../../transfer/transferRows.ts"
import { openRowsOf } from "../../transfers.ts"
import { outputFlag } from "../output/deliver.ts"
import { note, print } from "../output/print.ts"
import { withProgress } from "../output/progress.ts"
import type { Show } from "../output/progress.ts"
import { userError } from "../output/userError.ts"
import { version } from "../../domain/version.ts"
import { orUserError, rowsShown } from "./filled.ts"
import { placeFlags, placeInWords, placeOf } from "./places.ts"

const causeOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure))

const attempt = <A>(file: string, work: () => A) =>
  Effect.try({
    try: work,
    catch: (failure) =>
      codeOf(failure) === "ENOENT"
        ? userError(`${file} cannot be written: there is no directory ${dirname(file)}.`)
        : userError(`${file} cannot be written: ${causeOf(failure)}.`)
  })

const taken = (file: string) =>
  userError(`${file} already exists, and a backup never replaces a file. Choose another name.`)

/** Writes a new file. The file gets its name when it is complete and on disk. */
const toFile = <E extends { readonly message: string }>(file: string, bytes: Stream.Stream<Uint8Array, E>) =>
  Effect.gen(function* () {
    if (existsSync(file)) return yield* taken(file)
    const making = yield* Effect.acquireRelease(
      attempt(file, () => beginFile(file)),
      ({ discard }) => Effect.sync(discard)
    )
    const descriptor = yield* Effect.acquireRelease(
      attempt(file, () => openSync(making.aside, "wx", 0o600)),
      (open) => Effect.sync(() => closeSync(open))
    )
    yield* Stream.runForEach(bytes, (part) => attempt(file, () => writeFileSync(descriptor, part)))
    const named = Effect.gen(function* () {
      if (!(yield* attempt(file, making.keep))) return yield* taken(file)
      yield* attempt(file, () => removeLeftovers(file))
      return statSync(file).size
    })
    return yield* Effect.uninterruptible(named)
  }).pipe(Effect.scoped)

const toStdout = <E>(bytes: Stream.Stream<Uint8Array, E>) =>
  Stream.runForEach(bytes, (part) =>
    Effect.callback<void>((resume) => {
      process.stdout.write(part, () => resume(Effect.void))
    })
  )

export const backup = Command.make("backup", { ...placeFlags, output: outputFlag }, ({ output, ...settings }) =>
  Effect.gen(function* () {
    const place = yield* placeOf(settings)
    const file = Option.getOrElse(output, () => "-")
    if (file === "-" && process.stdout.isTTY) return yield* userError("Name the file of the backup with -o FILE.")
    const made = new Date(yield* Clock.currentTimeMillis).toISOString()
    let rows: RowCounts = {}
    const source = yield* orUserError(openRowsOf(place))
    const bytesShown = (show: Show) =>
      backupOf(rowsShown(show, "read", source), { made, keystate: version }, (counts) => {
        rows = counts
      })
    if (file === "-") {
      const ifInterrupted = "What was written is not a whole backup, and restore refuses it."
      return yield* orUserError(withProgress((show) => toStdout(bytesShown(show)), { ifInterrupted }))
    }
    const ifInterrupted = "No backup was written."
    const size = yield* orUserError(withProgress((show) => toFile(file, bytesShown(show)), { ifInterrupted }))
    yield* print("backup", { value: { file, of: placeInWords(place), made, bytes: size, rows }, normally: "json" })
    yield* note("the backup does not hold the root key. Keep a copy of the root key at another place.")
  }).pipe(Effect.scoped)
).pipe(
  Command.withExamples([
    { command: "keystate backup --data .keystate -o keystate.backup", description: "Back up beside a running server" },
    { command: "keystate verify --backup keystate.backup", description: "Check the backup" }
  ])
)
