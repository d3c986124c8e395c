/** `keystate restore`: makes a new store from a backup. */
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { rowsOfBackup } from "../../transfer/readBackup.ts"
import { openTargetAt } from "../../transfers.ts"
import { note, print } from "../output/print.ts"
import { bytesOf } from "./backupFile.ts"
import { fillAndFinish, nothingWritten, orUserError } from "./filled.ts"
import { openingOptions, placeInWords, placeOf } from "./places.ts"
import { storedFlags } from "../settings/engineFlags.ts"

const flags = {
  file: Argument.String("file").pipe(Argument.withDescription("File of the backup; - for standard input")),
  ...storedFlags,
  allowFindings: Flag.Boolean("allow-findings").pipe(
    Flag.withDescription("Restore a backup of a damaged store as it is"),
    Flag.withDefault(false)
  )
}

export const restore = Command.make("restore", flags, ({ file, allowFindings, ...settings }) =>
  Effect.gen(function* () {
    const place = yield* placeOf(settings)
    const options = yield* openingOptions(settings, process.env)
    const target = yield* orUserError(openTargetAt(place))
    let made = ""
    const rows = rowsOfBackup(bytesOf(file), (found) => {
      made = found
    })
    const report = yield* fillAndFinish({
      rows,
      target,
      options,
      allowsFindings: allowFindings,
      ifInterrupted: nothingWritten
    })
    yield* print("restore", { value: { restored: placeInWords(place), made, ...report }, normally: "json" })
    if (options !== undefined) return
    yield* note(
      "the root key is missing, so no secret was opened. " +
        `Put its file at ${settings.data}/root.key, or name it with --root-key-file, and run keystate verify.`
    )
  }).pipe(Effect.scoped)
).pipe(
  Command.withExamples([
    { command: "keystate restore keystate.backup --data restored", description: "Restore into a new directory" },
    {
      command: "keystate restore keystate.backup --store postgres://keystate@db/keystate --root-key-file root.key",
      description: "Restore into an empty database"
    }
  ])
)
