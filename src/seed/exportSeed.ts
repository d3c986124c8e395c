/** Exports a store as a seed. The seed has plaintext material, but only material that came from outside. */
import { Effect, Schema } from "effect"
import { keyPolicyWritten } from "../authorization/keyPolicy.ts"
import { isExporting } from "../crypto/provider.ts"
import { Providers } from "../crypto/providers.ts"
import { encodeBase64 } from "../encoding/base64.ts"
import type { KeyId } from "../domain/ids.ts"
import { capabilityOf } from "../domain/keySpec.ts"
import { dayMillis, sessionSeconds } from "../domain/limits.ts"
import { formatInstant } from "../domain/time.ts"
import { decodeRecord, documentOf } from "../ram/records.ts"
import type { Attachment, Entity, Group, HeldPolicy, Role, User } from "../ram/records.ts"
import { trustOf } from "../ram/trust.ts"
import { Store } from "../store/store.ts"
import type { KeyRow, VersionRow } from "../records/rows.ts"
import { specOf } from "../actor/handles.ts"
import type { Seed, SeedAccount, SeedKey } from "./format.ts"

const pageSize = 256

/** Whether a seed or an import supplied the material. Generated material is never exported. */
const cameFromOutside = ({ metadata, snapshot }: KeyRow): boolean =>
  metadata.seeded === true || snapshot.context.origin === "EXTERNAL"

const exported = Effect.fnUntraced(function* ({ snapshot }: KeyRow, { keyId, keyVersionId, stored }: VersionRow) {
  const { context } = snapshot
  const spec = specOf(context)
  const provider = (yield* Providers).find(context.protection, spec)
  if (stored === undefined || provider === undefined || !isExporting(provider)) return undefined
  const bytes = yield* provider.exportUnsafe({ row: { keyId, keyVersionId }, spec, stored })
  const material = encodeBase64(bytes)
  bytes.fill(0)
  return { id: keyVersionId, material }
})

/** Oldest first; all of them or none. */
const exportedVersions = Effect.fnUntraced(function* (row: KeyRow) {
  const rows = cameFromOutside(row) ? yield* (yield* Store).versions(row.keyId) : []
  const versions: Array<{ readonly id: string; readonly material: string }> = []
  for (const version of rows.toReversed()) {
    const read = yield* exported(row, version)
    if (read !== undefined) versions.push(read)
  }
  const [first, ...later] = versions
  return first === undefined || versions.length < rows.length ? {} : { versions: [first, ...later] as const }
})

/** The waiting period of the request, so that a seed does not depend on the day of the export. */
const windowInDays = Effect.fnUntraced(function* (keyId: KeyId, epoch: number) {
  const [entry] = yield* (yield* Store).journal({ keyId, afterSeq: epoch - 1, limit: 1 })
  if (entry?.payload.type !== "Event" || entry.payload.event.type !== "ScheduleKeyDeletion") {
    return yield* Effect.die(new Error(`the deletion of key ${keyId} was not scheduled by the event that armed it`))
  }
  const { dueAt, at } = entry.payload.event
  return { pendingWindowInDays: (dueAt - at) / dayMillis }
})

const intervalOf = (millis: number): string =>
  millis % dayMillis === 0 ? `${millis / dayMillis}d` : `${millis / 1000}s`

const inOrder = (left: string, right: string): number => (left < right ? -1 : Number(left > right))

const sorted = (tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(tags).sort(([left], [right]) => inOrder(left, right)))

/** Members that a service key derives from its service. */
const ofUser = Effect.fnUntraced(function* ({ keyId, snapshot }: KeyRow) {
  const { spec, usage, origin, protection, serviceKey } = snapshot.context
  if (serviceKey) return {}
  const aliases = (yield* (yield* Store).aliasesOf(keyId)).toSorted(inOrder)
  const isDefault = usage === capabilityOf(specOf(snapshot.context)).defaultUsage
  return {
    spec: specOf({ spec }),
    ...(isDefault ? {} : { usage }),
    origin,
    level: protection,
    ...(aliases.length === 0 ? {} : { aliases })
  }
})

const seedKeyOf = Effect.fnUntraced(function* (row: KeyRow) {
  const { keyId, realm, metadata, snapshot } = row
  const { lifecycle } = snapshot.value
  const { serviceKey, rotationIntervalMillis, materialExpiry, deletionProtection, deletion } = snapshot.context
  if (lifecycle === "Deleted") return undefined
  const { deletionProtectionDescription: reason, tags, description, creator, policy } = metadata
  const key: SeedKey = {
    id: keyId,
    account: realm.account,
    region: realm.region,
    ...(serviceKey ? { service: creator } : {}),
    ...(yield* ofUser(row)),
    ...(description === "" ? {} : { description }),
    ...(tags === undefined ? {} : { tags: sorted(tags) }),
    ...(policy === undefined ? {} : { policy: readDocument(keyPolicyWritten(policy)) }),
    state: lifecycle,
    ...(deletion === null ? {} : yield* windowInDays(keyId, deletion.epoch)),
    ...(rotationIntervalMillis === null ? {} : { rotationInterval: intervalOf(rotationIntervalMillis) }),
    ...(deletionProtection ? { deletionProtection } : {}),
    ...(deletionProtection && reason !== undefined ? { deletionProtectionDescription: reason } : {}),
    ...(yield* exportedVersions(row)),
    ...(materialExpiry === null ? {} : { materialExpires: formatInstant(materialExpiry.dueAt) })
  }
  return key
})

const attached = (policies: ReadonlyArray<Attachment>) => {
  const named = (wanted: Attachment["type"]): ReadonlyArray<string> =>
    policies.flatMap(({ name, type }) => (type === wanted ? name : []))
  const [custom, system] = [named("Custom"), named("System")]
  return {
    ...(custom.length === 0 ? {} : { policies: custom }),
    ...(system.length === 0 ? {} : { systemPolicies: system })
  }
}

const tagged = (tags: Readonly<Record<string, string>>) =>
  Object.keys(tags).length === 0 ? {} : { tags: sorted(tags) }

const seedUser = ({ name, is }: User) => ({
  name,
  ...(is.displayName === "" ? {} : { displayName: is.displayName }),
  ...(is.email === "" ? {} : { email: is.email }),
  ...(is.mobilePhone === "" ? {} : { mobilePhone: is.mobilePhone }),
  ...(is.comments === "" ? {} : { comments: is.comments }),
  ...(is.groups.length === 0 ? {} : { groups: is.groups.map((group) => group.name) }),
  ...attached(is.policies)
})

const seedGroup = ({ name, is }: Group) => ({
  name,
  ...(is.comments === "" ? {} : { comments: is.comments }),
  ...attached(is.policies)
})

const seedRole = ({ account, name, is }: Role) => ({
  name,
  ...(is.description === "" ? {} : { description: is.description }),
  ...(is.trust === trustOf(account) ? {} : { trust: readDocument(is.trust) }),
  ...(is.maxSessionSeconds === sessionSeconds.maximum ? {} : { maxSessionDuration: is.maxSessionSeconds }),
  ...tagged(is.tags),
  ...attached(is.policies)
})

const seedPolicy = ({ name, is }: HeldPolicy) => ({
  name,
  ...(is.description === "" ? {} : { description: is.description }),
  document: readDocument(documentOf(is)),
  ...tagged(is.tags)
})

/** Access control without its secrets, because the store does not record which of them a seed supplied. */
const seedAccountsOf = (entities: ReadonlyArray<Entity>): ReadonlyArray<SeedAccount> =>
  [...Map.groupBy(entities, ({ account }) => account)]
    .sort(([left], [right]) => inOrder(left, right))
    .map(([id, own]) => {
      const byName = own.toSorted((left, right) => inOrder(left.name, right.name))
      const policies = byName.flatMap((entity) => (entity.kind === "policy" ? seedPolicy(entity) : []))
      const groups = byName.flatMap((entity) => (entity.kind === "group" ? seedGroup(entity) : []))
      const users = byName.flatMap((entity) => (entity.kind === "user" ? seedUser(entity) : []))
      const roles = byName.flatMap((entity) => (entity.kind === "role" ? seedRole(entity) : []))
      return {
        id,
        ...(policies.length === 0 ? {} : { policies }),
        ...(groups.length === 0 ? {} : { groups }),
        ...(users.length === 0 ? {} : { users }),
        ...(roles.length === 0 ? {} : { roles })
      }
    })

const readDocument = Schema.decodeSync(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

const placeOf = ({ account = "", region = "", id }: SeedKey): string => `${account} ${region} ${id}`

/** All keys except deleted ones, in a fixed order: an unchanged store exports the same text again. */
export const exportSeed = Effect.gen(function* () {
  const store = yield* Store
  const keys: Array<SeedKey> = []
  let after: KeyId | undefined
  for (;;) {
    const keyIds = yield* store.allKeyIds({ after, limit: pageSize })
    for (const keyId of keyIds) {
      const row = yield* store.key(keyId)
      const key = row === undefined ? undefined : yield* seedKeyOf(row)
      if (key !== undefined) keys.push(key)
    }
    if (keyIds.length < pageSize) break
    after = keyIds.at(-1)
  }
  const accounts = seedAccountsOf((yield* store.ramRecords).flatMap((record) => decodeRecord(record) ?? []))
  return {
    version: 1,
    ...(accounts.length === 0 ? {} : { accounts }),
    keys: keys.sort((left, right) => inOrder(placeOf(left), placeOf(right)))
  } satisfies Seed
})
