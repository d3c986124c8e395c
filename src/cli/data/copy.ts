/** `keystate copy`: copies a store from a directory to a database, or back. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { CliError } from "effect/cli"
import { sourceIn, sourceInWords } from "../../crypto/rootKeySource.ts"
import { nodeLostMillis } from "../../domain/limits.ts"
import type { EngineOptions } from "../../main.ts"
import { isPostgresUrl, postgresNodes } from "../../postgres.ts"
import { identified, identityIn, isSame } from "../../transfer/identity.ts"
import type { Identity } from "../../transfer/identity.ts"
import { openRowsOf, openTargetAt } from "../../transfers.ts"
import type { StorePlace } from "../../transfers.ts"
import { note, print } from "../output/print.ts"
import { userError } from "../output/userError.ts"
import { fill, nothingWritten, orUserError } from "./filled.ts"
import { openingOptions, placeInWords, placeOf } from "./places.ts"
import { storedFlags } from "../settings/engineFlags.ts"

const { data: _data, store: _store, ...openingFlags } = storedFlags

const flags = {
  from: Flag.String("from").pipe(
    Flag.withDescription("The store to copy: its data directory, or postgres://user@host/database")
  ),
  to: Flag.String("to").pipe(Flag.withDescription("Place of the copy: a directory or a database without a store")),
  ...openingFlags
}

type Settings = Command.Command.Config.Infer<typeof flags>

const schemeForm = /^[a-z][a-z0-9+.-]*:\/\//i

const placeAt = (settings: Settings, name: "from" | "to"): Effect.Effect<StorePlace, CliError.UserError> => {
  const place = settings[name]
  if (isPostgresUrl(place)) return placeOf({ ...settings, data: "", store: place })
  return place === "" || schemeForm.test(place)
    ? Effect.fail(userError(`--${name} takes a directory or postgres://user@host/database, not "${place}".`))
    : Effect.succeed({ kind: "directory", directory: place })
}

/** The root key of the source is in its directory unless a flag gives another path. */
const openingOf = (settings: Settings, from: StorePlace): Effect.Effect<EngineOptions, CliError.UserError> =>
  Effect.gen(function* () {
    if (from.kind === "database" && !isRootKeyNamed(settings)) return yield* needsRootKey
    const place =
      from.kind === "directory" ? { data: from.directory, store: "sqlite" } : { data: "", store: from.options.url }
    const options = yield* openingOptions({ ...settings, ...place }, process.env)
    return options ?? (yield* needsRootKey)
  })

const isRootKeyNamed = ({ passphraseFile, rootKey, rootKeyFile }: Settings): boolean =>
  rootKey === "hsm" || Option.isSome(passphraseFile) || Option.isSome(rootKeyFile)

const needsRootKey = userError(
  "The copy is checked with the root key of the source. Name it by --root-key-file, --passphrase-file or --root-key hsm."
)

/** Servers that use the source. A data directory has no list of servers. */
const serversOn = (from: StorePlace): Effect.Effect<ReadonlyArray<string>> =>
  from.kind === "directory"
    ? Effect.succeed([])
    : Effect.orElseSucceed(
        Effect.map(postgresNodes(from.options), ({ nodes, now }) =>
          nodes.filter(({ seen }) => now - seen < nodeLostMillis).map(({ name }) => name)
        ),
        () => []
      )

const advice = (servers: ReadonlyArray<string>): string =>
  servers.length === 0
    ? "Stop every server of the source before you start one on the copy: later changes are not in the copy."
    : `The copy has the rows of one instant, and these servers still change the source: ${servers.join(", ")}. ` +
      "Stop them and copy again if you want to move the store."

const startFlagsOf = (to: StorePlace, { rootKey }: EngineOptions): string => {
  const place = to.kind === "directory" ? `--data ${to.directory}` : `--store ${placeInWords(to)}`
  const source = sourceIn("", rootKey)
  if (source.kind === "hsm") return `${place} --root-key hsm`
  return source.kind === "file" ? `${place} --root-key-file ${source.path}` : `${place} --passphrase-file FILE`
}

export const copy = Command.make("copy", flags, (settings) =>
  Effect.gen(function* () {
    const from = yield* placeAt(settings, "from")
    const to = yield* placeAt(settings, "to")
    // The source is opened first: without it, the advice about its root key would mislead.
    const source = yield* orUserError(openRowsOf(from))
    const options = yield* openingOf(settings, from)
    const target = yield* orUserError(openTargetAt(to))
    let read: Identity | undefined
    const rows = identified(source, (identity) => {
      read = identity
    })
    const { findings, ...report } = yield* fill({ rows, target, options, ifInterrupted: nothingWritten })
    if (findings.length > 0) {
      return yield* userError(
        `Nothing was written: the data is damaged, ${findings.length} findings. Run keystate verify on the source.`,
        { findings }
      )
    }
    const written = yield* orUserError(identityIn(target.driver))
    if (read === undefined || !isSame(read, written)) {
      return yield* userError("Nothing was written: the copy does not hold what was read from the source.")
    }
    yield* orUserError(target.finish)
    const value = { from: placeInWords(from), copied: placeInWords(to), ...report, findings }
    yield* print("copy", { value, normally: "json" })
    yield* note(advice(yield* serversOn(from)))
    yield* note(
      `the root key was not copied (${sourceInWords(sourceIn("", options.rootKey))}). ` +
        `Start with: keystate serve ${startFlagsOf(to, options)}`
    )
  }).pipe(Effect.scoped)
).pipe(
  Command.withExamples([
    {
      command: "keystate copy --from .keystate --to postgres://keystate@db/keystate --store-password-file password",
      description: "Move a directory to a database that any number of servers share"
    },
    {
      command: "keystate copy --from postgres://keystate@db/keystate --to moved --root-key-file root.key",
      description: "Copy a database into a new directory"
    }
  ])
)
