/** Keys as the console's pages show them, each read with the caller's permissions. */
import { Effect } from "effect"
import { rotationOf } from "../../../machines/cmk.ts"
import { deadlines } from "../../../machines/deadlines.ts"
import type { KeyDirectory } from "../../actor/keyDirectory.ts"
import type { KeyActor } from "../../actor/keyActor.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import { isKeyId } from "../../domain/ids.ts"
import type { KeyId } from "../../domain/ids.ts"
import { keyMetadata } from "../../operation/keys/keyMetadata.ts"
import type { Store } from "../../store/store.ts"
import { orRefused } from "../../store/unavailable.ts"
import type { KeyRow, Refusal } from "../protocol.ts"
import { dataOf, listOf, refusalOf, textOf } from "./asker.ts"
import type { Asker, Data } from "./asker.ts"
import type { SeenKey, Sight } from "./sight.ts"

/** The longest page that the API's lists take. */
const pageSize = 100

/**
 * Undefined if the caller may not list the aliases, which the page says. A failure of the service remains a failure.
 */
const permitted = <A>(asked: Effect.Effect<A, AnyKmsError>): Effect.Effect<A | undefined, AnyKmsError> =>
  Effect.catch(asked, (error) => (error.httpStatus < 500 ? Effect.succeed(undefined) : Effect.fail(error)))

const tagsIn = (tags: ReadonlyArray<Data>): Readonly<Record<string, string>> =>
  Object.fromEntries(tags.map(({ TagKey, TagValue }) => [textOf(TagKey), textOf(TagValue)]))

const unknown = {
  arn: "",
  state: "",
  rotation: "",
  spec: "",
  usage: "",
  origin: "",
  protection: "",
  creator: "",
  description: "",
  createdAt: "",
  deleteDate: "",
  materialExpireTime: "",
  lastRotationDate: "",
  primaryVersion: "",
  rotationInterval: "",
  nextRotationDate: "",
  deletionProtection: false,
  deletionProtectionDescription: "",
  serviceKey: false,
  materialPresent: false,
  versions: 0,
  epoch: 0,
  deadlines: [],
  aliases: undefined,
  tags: undefined
} as const satisfies Omit<KeyRow, "keyId">

const hidden = (keyId: string, refused: Refusal): KeyRow => ({ ...unknown, keyId, refused })

type Names = Pick<KeyRow, "aliases" | "tags">

/** DescribeKey's answer, with more of the same configuration. */
const rowOf = (key: KeyActor, names: Names): KeyRow => {
  const snapshot = key.snapshot()
  const { context } = snapshot
  const described = keyMetadata(key)
  return {
    keyId: key.keyId,
    arn: described.Arn,
    state: described.KeyState,
    rotation: rotationOf(snapshot),
    spec: described.KeySpec,
    usage: described.KeyUsage,
    origin: described.Origin,
    protection: described.ProtectionLevel,
    creator: described.Creator,
    description: described.Description,
    createdAt: described.CreationDate,
    deleteDate: described.DeleteDate,
    materialExpireTime: described.MaterialExpireTime,
    lastRotationDate: described.LastRotationDate,
    primaryVersion: described.PrimaryKeyVersion ?? "",
    rotationInterval: described.RotationInterval ?? "",
    nextRotationDate: described.NextRotationDate ?? "",
    deletionProtection: context.deletionProtection,
    deletionProtectionDescription: key.metadata().deletionProtectionDescription ?? "",
    serviceKey: context.serviceKey,
    materialPresent: context.materialPresent,
    versions: context.versionCount,
    epoch: context.epoch,
    deadlines: deadlines(snapshot).map(({ kind, dueAt }) => ({ kind, dueAt })),
    ...names
  }
}

interface Holders {
  readonly directory: KeyDirectory["Service"]
  readonly store: Store["Service"]
}

/** The number of rows that are read at the same time. */
const concurrency = 16

/** Undefined if the key was deleted since the list was made. Permission is decided on the key as it is now. */
const listedRow = Effect.fnUntraced(function* (
  { directory, store }: Holders,
  asker: Asker,
  sight: Sight,
  keyId: KeyId
) {
  const key = yield* Effect.catchTag(directory.find(asker.realm, keyId), "Forbidden.KeyNotFound", () =>
    Effect.succeed(undefined)
  )
  if (key === undefined) return undefined
  const seen = { keyId, metadata: key.metadata() }
  if (!sight.mayView(seen)) return hidden(keyId, sight.refusalFor(seen))
  return rowOf(key, {
    aliases: sight.seesAliases ? yield* orRefused(store.aliasesOf(keyId)) : undefined,
    tags: sight.seesTags ? (seen.metadata.tags ?? {}) : undefined
  })
})

/** The keys of a list that the caller may view. Writes no audit record: the list has one. */
export const rowsOf = (holders: Holders, asker: Asker, sight: Sight, keys: ReadonlyArray<SeenKey>) =>
  Effect.map(
    Effect.forEach(keys, ({ keyId }) => listedRow(holders, asker, sight, keyId), { concurrency }),
    (rows) => rows.filter((row) => row !== undefined)
  )

const describedRow = (asker: Asker, directory: KeyDirectory["Service"], keyId: string): Effect.Effect<KeyRow> =>
  Effect.gen(function* () {
    const described = dataOf((yield* asker.read("DescribeKey", { KeyId: keyId }))["KeyMetadata"])
    const found = textOf(described["KeyId"])
    if (!isKeyId(found)) return yield* Effect.die(new Error("DescribeKey answers with a key id"))
    return rowOf(yield* directory.find(asker.realm, found), { aliases: undefined, tags: undefined })
  }).pipe(Effect.catch((error: AnyKmsError) => Effect.succeed(hidden(keyId, refusalOf(error)))))

/** One key, as it is now. */
export const rowNow = Effect.fnUntraced(function* (asker: Asker, directory: KeyDirectory["Service"], keyId: string) {
  const first = yield* describedRow(asker, directory, keyId)
  if (first.refused !== undefined) return first
  const aliases = yield* permitted(asker.read("ListAliasesByKeyId", { KeyId: first.keyId, PageSize: pageSize }))
  const tags = yield* permitted(asker.read("ListResourceTags", { KeyId: first.keyId }))
  const named: KeyRow = {
    ...first,
    aliases:
      aliases === undefined
        ? undefined
        : listOf(dataOf(aliases["Aliases"])["Alias"]).map((alias) => textOf(dataOf(alias)["AliasName"])),
    tags: tags === undefined ? undefined : tagsIn(listOf(dataOf(tags["Tags"])["Tag"]).map(dataOf))
  }
  return named
})
