/** Keys as the console's pages show them, each read with its caller's permissions. */
import { Effect } from "effect"
import { rotationOf } from "../../../machines/cmk.ts"
import { deadlines } from "../../../machines/deadlines.ts"
import type { KeyDirectory } from "../../actor/keyDirectory.ts"
import type { KeyActor } from "../../actor/keyActor.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import { isKeyId } from "../../domain/ids.ts"
import type { OperationName } from "../../operation/catalogue.ts"
import type { KeyRow, Refusal } from "../protocol.ts"
import { dataOf, listOf, refusalOf, textOf } from "./asker.ts"
import type { Asker, Data } from "./asker.ts"

/** The longest page that the API's lists take. */
const pageSize = 100
/** At most this many keys are listed at once. */
const keysMax = 2000

/** All items of an API list, read page by page. */
const all = Effect.fnUntraced(function* (
  { read }: Asker,
  operation: OperationName,
  [outer, inner]: readonly [string, string]
) {
  const found: Array<Data> = []
  for (let PageNumber = 1; ; PageNumber++) {
    const page = yield* read(operation, { PageNumber, PageSize: pageSize })
    const items = listOf(dataOf(page[outer])[inner]).map(dataOf)
    found.push(...items)
    if (items.length < pageSize || found.length >= keysMax) return found
  }
})

const allTags = Effect.fnUntraced(function* ({ read, realm }: Asker) {
  const found: Array<Data> = []
  let next = ""
  do {
    const page = yield* read("ListTagResources", {
      RegionId: realm.region,
      ResourceType: "key",
      ...(next === "" ? {} : { NextToken: next })
    })
    found.push(...listOf(dataOf(page["TagResources"])["TagResource"]).map(dataOf))
    next = textOf(page["NextToken"])
  } while (next !== "")
  return found
})

/** Undefined if the caller may not list it, which the page says. A failure of the service stays a failure. */
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

/** What DescribeKey answered, and more of the same configuration. */
const rowOf = (described: Data, key: KeyActor, names: Names): KeyRow => {
  const snapshot = key.snapshot()
  const { context } = snapshot
  const said = (name: string): string => textOf(described[name])
  return {
    keyId: key.keyId,
    arn: said("Arn"),
    state: said("KeyState"),
    rotation: rotationOf(snapshot),
    spec: said("KeySpec"),
    usage: said("KeyUsage"),
    origin: said("Origin"),
    protection: said("ProtectionLevel"),
    creator: said("Creator"),
    description: said("Description"),
    createdAt: said("CreationDate"),
    deleteDate: said("DeleteDate"),
    materialExpireTime: said("MaterialExpireTime"),
    lastRotationDate: said("LastRotationDate"),
    primaryVersion: said("PrimaryKeyVersion"),
    rotationInterval: said("RotationInterval"),
    nextRotationDate: said("NextRotationDate"),
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

const row = (asker: Asker, directory: KeyDirectory["Service"], keyId: string, names: Names): Effect.Effect<KeyRow> =>
  Effect.gen(function* () {
    const described = dataOf((yield* asker.read("DescribeKey", { KeyId: keyId }))["KeyMetadata"])
    const found = textOf(described["KeyId"])
    if (!isKeyId(found)) return yield* Effect.die(new Error("DescribeKey answers with a key id"))
    return rowOf(described, yield* directory.find(asker.realm, found), names)
  }).pipe(Effect.catch((error: AnyKmsError) => Effect.succeed(hidden(keyId, refusalOf(error)))))

/** Every key of the realm that the caller may list, oldest first. */
export const everyRow = Effect.fnUntraced(function* (asker: Asker, directory: KeyDirectory["Service"]) {
  const keyIds = (yield* all(asker, "ListKeys", ["Keys", "Key"])).map(({ KeyId }) => textOf(KeyId))
  const aliases = yield* permitted(all(asker, "ListAliases", ["Aliases", "Alias"]))
  const tags = yield* permitted(allTags(asker))
  return yield* Effect.forEach(keyIds, (keyId) =>
    row(asker, directory, keyId, {
      aliases: aliases?.filter(({ KeyId }) => KeyId === keyId).map(({ AliasName }) => textOf(AliasName)),
      tags: tags === undefined ? undefined : tagsIn(tags.filter(({ ResourceId }) => ResourceId === keyId))
    })
  )
})

/** One key, as it is now. */
export const rowNow = Effect.fnUntraced(function* (asker: Asker, directory: KeyDirectory["Service"], keyId: string) {
  const first = yield* row(asker, directory, keyId, { aliases: undefined, tags: undefined })
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
