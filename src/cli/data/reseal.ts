/** `keystate reseal`: seals everything of a store under a new root key. */
import { resolve } from "node:path"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { sourceIn, sourceInWords } from "../../crypto/rootKeySource.ts"
import type { RootKeySource } from "../../crypto/rootKeySource.ts"
import { openChangeOf } from "../../transfers.ts"
import { reseal as resealStore } from "../../resealing.ts"
import type { RowChange } from "../../store/transfer.ts"
import { note, print } from "../output/print.ts"
import { withProgress } from "../output/progress.ts"
import type { Show } from "../output/progress.ts"
import { userError } from "../output/userError.ts"
import { passphraseIn, storedOptions } from "../settings/engineOptions.ts"
import { orUserError, pagesShown } from "./filled.ts"
import { placeInWords, placeOf } from "./places.ts"
import { storedFlags } from "../settings/engineFlags.ts"
import { verifiedOn } from "./verified.ts"

const flags = {
  ...storedFlags,
  newRootKeyFile: Flag.String("new-root-key-file").pipe(
    Flag.withDescription("File of the new root key; created if it does not exist"),
    Flag.optional
  ),
  newPassphraseFile: Flag.String("new-passphrase-file").pipe(
    Flag.withDescription("File with the passphrase that the new root key is derived from"),
    Flag.optional
  ),
  newRootKeyInToken: Flag.Boolean("new-root-key-in-token").pipe(
    Flag.withDescription("Seal the new root key under a new key of the token of --hsm"),
    Flag.withDefault(false)
  )
}

type NewKey = Pick<
  Command.Command.Config.Infer<typeof flags>,
  "newRootKeyFile" | "newPassphraseFile" | "newRootKeyInToken"
>

const nextSource = ({ newRootKeyFile, newPassphraseFile, newRootKeyInToken }: NewKey) =>
  Effect.gen(function* () {
    const sources: Array<RootKeySource> = []
    if (Option.isSome(newRootKeyFile)) sources.push({ kind: "file", path: newRootKeyFile.value })
    if (Option.isSome(newPassphraseFile)) {
      sources.push({ kind: "passphrase", passphrase: yield* passphraseIn(newPassphraseFile.value) })
    }
    if (newRootKeyInToken) sources.push({ kind: "hsm" })
    const [source, other] = sources
    if (source !== undefined && other === undefined) return source
    return yield* userError(
      "Name the new root key by one of --new-root-key-file, --new-passphrase-file and --new-root-key-in-token."
    )
  })

const startFlags = {
  file: (source: RootKeySource) => (source.kind === "file" ? `--root-key-file ${source.path}` : ""),
  passphrase: () => "--passphrase-file FILE",
  hsm: () => "--root-key hsm",
  bytes: () => ""
} as const

const toDestroy = (old: RootKeySource): string =>
  old.kind === "file"
    ? `Destroy ${old.path} and every copy of it`
    : `Destroy the old root key (${sourceInWords(old)}) and every copy of it`

const isSameFile = (old: RootKeySource, next: RootKeySource): boolean =>
  old.kind === "file" && next.kind === "file" && resolve(old.path) === resolve(next.path)

/** The same change, with progress: it reports the number of rows read. */
const shown = (show: Show, change: RowChange): RowChange => ({
  ...change,
  rows: (table) => pagesShown(show, "sealed", change.rows(table), (rows) => rows.length)
})

export const reseal = Command.make("reseal", flags, (settings) =>
  Effect.gen(function* () {
    const place = yield* placeOf(settings)
    const next = yield* nextSource(settings)
    const options = yield* storedOptions(settings, process.env)
    const old = sourceIn(settings.data, options.rootKey)
    if (isSameFile(old, next)) return yield* userError("The new root key needs another file than the old one.")
    const change = yield* orUserError(openChangeOf(place))
    const { findings, resealed } = yield* orUserError(
      withProgress(
        (show) =>
          Effect.gen(function* () {
            const done = yield* resealStore({ change: shown(show, change), old, next, hsm: options.hsm })
            const report = yield* verifiedOn(change.driver, { ...options, rootKey: next }, show)
            return { resealed: done, findings: report.findings }
          }),
        { ifInterrupted: "The store is unchanged. The same command starts again." }
      )
    )
    if (findings.length > 0) {
      return yield* userError(
        `Nothing was changed: the data is damaged, ${findings.length} findings. Run keystate verify.`,
        { findings }
      )
    }
    yield* orUserError(change.finish)
    yield* print("reseal", { value: { store: placeInWords(place), resealed: resealed ?? null }, normally: "json" })
    yield* note(
      `from now on start with ${startFlags[next.kind](next)}. ${toDestroy(old)} once you have started. ` +
        "Earlier backups open only under the old root key."
    )
  }).pipe(Effect.scoped)
).pipe(
  Command.withExamples([
    {
      command: "keystate reseal --data .keystate --new-root-key-file new.key",
      description: "Replace the root key of a data directory"
    }
  ])
)
