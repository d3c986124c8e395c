/** Creates the keys of a seed: checks the whole seed first, then creates each missing key by ordinary events. */
import { Effect, Result } from "effect"
import { specOf } from "../actor/handles.ts"
import type { ExtraChanges } from "../actor/change.ts"
import { KeyDirectory } from "../actor/keyDirectory.ts"
import { Ram } from "../authorization/ram.ts"
import type { Realm } from "../domain/ids.ts"
import { aliasesPerRealmMax, keysPerRealmMax } from "../domain/limits.ts"
import { Settings } from "../domain/settings.ts"
import { Randomness } from "../platform/services.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import { orUnusable } from "../store/unavailable.ts"
import type { KeyRow, VersionRow } from "../records/rows.ts"
import { LifecycleClock } from "../timers/clock.ts"
import { planAccounts } from "./accounts.ts"
import { adoptMaterial } from "./adopt.ts"
import type { Adopted } from "./adopt.ts"
import { askedOf, faultsOfKey } from "./requestedKey.ts"
import type { RequestedKey, RequestedVersion } from "./requestedKey.ts"
import { birthOf, courseOf, faultOfCourse } from "./course.ts"
import type { Course, Step } from "./course.ts"
import { refused } from "./fault.ts"
import type { SeedFault } from "./fault.ts"
import { checkForm } from "./format.ts"
import type { SeedAccount } from "./format.ts"
import { seedTurn } from "./turn.ts"
import type { SeedTurn } from "./turn.ts"
import { identityFaults, materialFaults } from "./same.ts"

/** A key to create, or to complete after a crash. */
interface Planting {
  readonly requested: RequestedKey
  readonly course: Course
  readonly adopted: Adopted
  readonly found: KeyRow | undefined
}

/** The principal in the journal and the audit log. */
const seedPrincipal = "seed"

export interface Planted {
  /** The number of created keys. */
  readonly made: number
  /** The number of keys that existed already and were left unchanged. */
  readonly kept: number
}

const place = ({ realm }: RequestedKey, name = ""): string => `${realm.account} ${realm.region} ${name}`

/** Names that occur twice in the seed. */
const duplicateFaults = (keys: ReadonlyArray<RequestedKey>): ReadonlyArray<SeedFault> => {
  const taken = new Map<string, string>()
  return keys.flatMap((key) =>
    [
      { name: key.keyId, path: `${key.path}.id` },
      ...key.aliases.map((alias) => ({ name: place(key, alias), path: `${key.path}.aliases` }))
    ].flatMap(({ name, path }) => {
      const before = taken.get(name)
      taken.set(name, before ?? path)
      return before === undefined ? [] : [{ path, complaint: `repeats the name at ${before}` }]
    })
  )
}

interface RequestedSeed {
  readonly accounts: ReadonlyArray<SeedAccount>
  readonly keys: ReadonlyArray<RequestedKey>
}

/** The parsed seed, or all faults of the seed itself. */
const readSeed = (given: unknown, home: Realm): Result.Result<RequestedSeed, ReadonlyArray<SeedFault>> =>
  Result.flatMap(checkForm(given), ({ accounts = [], keys = [] }) => {
    const requested = keys.map((key, at) => ({ key, requested: askedOf(key, `keys[${at}]`, home) }))
    const all = requested.map(({ requested }) => requested)
    const faults = [...requested.flatMap(({ key, requested }) => faultsOfKey(key, requested)), ...duplicateFaults(all)]
    return faults.length === 0 ? Result.succeed({ accounts, keys: all }) : Result.fail(faults)
  })

/** Conflicts between a new key and the store. */
const newcomerFaults = Effect.fnUntraced(function* (requested: RequestedKey, course: Course, now: number) {
  const store = yield* Store
  if (requested.materialExpiresAt !== null && requested.materialExpiresAt <= now) {
    return [{ path: `${requested.path}.materialExpires`, complaint: "must be a time in the future" }]
  }
  const faults: Array<SeedFault> = []
  for (const alias of requested.aliases) {
    if ((yield* store.alias(requested.realm, alias)) === undefined) continue
    faults.push({ path: `${requested.path}.aliases`, complaint: "are already bound to another key" })
  }
  const fault = faultOfCourse(requested, course)
  return fault === undefined ? faults : [...faults, fault]
})

/** Quotas count the keys of users, without those of services. */
const quotaFaults = Effect.fnUntraced(function* (plantings: ReadonlyArray<Planting>) {
  const store = yield* Store
  const { keys: keysMax = keysPerRealmMax, aliases: aliasesMax = aliasesPerRealmMax } = (yield* Settings).quotas
  const newcomers = plantings.filter(({ found, requested }) => found === undefined && !requested.identity.serviceKey)
  const faults: Array<SeedFault> = []
  for (const group of Map.groupBy(newcomers, ({ requested }) => place(requested)).values()) {
    const realm = group[0]?.requested.realm
    if (realm === undefined) continue
    const keys = (yield* store.userKeyCount(realm)) + group.length
    const more = group.reduce((sum, { requested }) => sum + requested.aliases.length, 0)
    const aliases = (yield* store.aliases({ realm, offset: 0, limit: 0 })).total + more
    const where = `${realm.account} in ${realm.region}`
    if (keys > keysMax)
      faults.push({
        path: "keys",
        complaint: `exceed the quota of ${where}: with this seed it has ${keys} keys, and the limit is ${keysMax}`
      })
    if (aliases > aliasesMax)
      faults.push({
        path: "keys",
        complaint: `exceed the quota of ${where}: with this seed it has ${aliases} aliases, and the limit is ${aliasesMax}`
      })
  }
  return faults
})

/** Whether a key that a crash left unfinished is unchanged since: only the seed has sent it events. */
const isUntouched = Effect.fnUntraced(function* ({ keyId, snapshot }: KeyRow, { steps }: Course) {
  const store = yield* Store
  const { epoch } = snapshot.context
  if (epoch > steps.length + 1) return false
  const entries = yield* store.journal({ keyId, afterSeq: 0, limit: epoch })
  return entries.every(({ principal }) => principal === seedPrincipal)
})

/** Checks one key, and plans it if it must be created. Undefined if it exists and is left unchanged. */
const survey = Effect.fnUntraced(function* (requested: RequestedKey, now: number, underWay: ReadonlySet<string>) {
  const store = yield* Store
  const found = yield* store.key(requested.keyId)
  const fail = (faults: ReadonlyArray<SeedFault>) => (faults.length === 0 ? Effect.void : Effect.fail(faults))
  if (found !== undefined) yield* fail(identityFaults(requested, found))
  const adopted = yield* Effect.mapError(adoptMaterial(requested, specOf(requested.identity)), (fault) => [fault])
  const course = courseOf(requested, found?.metadata.createdAt ?? birthOf(requested, now), adopted.fingerprint)
  if (found === undefined) yield* fail(yield* newcomerFaults(requested, course, now))
  else {
    const isUnderWay = underWay.has(requested.keyId) && (yield* isUntouched(found, course))
    yield* fail(yield* materialFaults(requested, found, adopted, isUnderWay))
    if (!isUnderWay) return undefined
  }
  return { requested, course, adopted, found } satisfies Planting
})

const rowOf = ({ requested, adopted }: Planting, version: RequestedVersion, at: number): ReadonlyArray<VersionRow> =>
  adopted.versions
    .filter((given) => given.version.keyVersionId === version.keyVersionId)
    .map(({ stored }) => ({ keyId: requested.keyId, keyVersionId: version.keyVersionId, createdAt: at, stored }))

const extraChangesOf = (planting: Planting, { version, reason }: Step, at: number): ExtraChanges => ({
  ...(version === undefined ? {} : { versions: rowOf(planting, version, at) }),
  ...(reason === undefined ? {} : { edit: { type: "SetProtectionReason", reason } })
})

const plant = Effect.fn("seed.plant")(function* (planting: Planting) {
  const directory = yield* KeyDirectory
  const randomness = yield* Randomness
  const { requested, course, found } = planting
  const { keyId, realm } = requested
  const cause = (operation: string) => ({ principal: seedPrincipal, requestId: randomness.uuid(), operation })
  const [first] = requested.identity.origin === "EXTERNAL" ? [] : rowOf(planting, requested.versions[0], course.bornAt)
  const birth = {
    keyId,
    realm,
    input: course.input,
    metadata: { ...requested.metadata, createdAt: course.bornAt },
    aliases: requested.aliases,
    ...(first?.stored === undefined ? {} : { stored: first.stored })
  }
  const key = yield* found === undefined ? directory.create(birth, cause("CreateKey")) : directory.find(realm, keyId)
  for (const step of course.steps.slice(key.snapshot().context.epoch - 1)) {
    const event = step.eventOf(key.snapshot())
    // An external key has only one version, created with the key. Other versions are as old as the event that creates
    // them.
    const at = requested.identity.origin === "EXTERNAL" ? course.bornAt : event.at
    yield* key.tell(event, cause(event.type), extraChangesOf(planting, step, at))
  }
})

/** Keys whose creation takes more than one transaction. The next start completes them after a crash. */
const underWayName = "seed.underWay"
const decodeIds = (text: string | undefined): ReadonlySet<string> => new Set((text ?? "").split(" ").filter(Boolean))

/** Creates missing keys. A repeated seed changes nothing, even if two engines apply it at once. */
export const plantSeed = Effect.fn("seed.plantSeed")((given: unknown, home: Realm) =>
  Effect.scoped(Effect.flatMap(seedTurn, (turn) => plantInTurn(given, home, turn)))
)

const plantInTurn = Effect.fnUntraced(function* (given: unknown, home: Realm, { renew }: SeedTurn) {
  const store = yield* Store
  const now = (yield* LifecycleClock).now()
  const { accounts, keys: requested } = yield* Effect.mapError(Effect.fromResult(readSeed(given, home)), refused)
  const underWay = decodeIds(yield* orUnusable(store.meta(underWayName)))
  const plantings: Array<Planting> = []
  const { uuid } = yield* Randomness
  const by = { account: home.account, principal: seedPrincipal, requestId: uuid(), operation: "PlantSeed", at: now }
  const { entities, faults } = yield* orUnusable(planAccounts(accounts, by))
  for (const key of requested) {
    const surveyed = yield* Effect.result(orUnusable(survey(key, now, underWay)))
    if (Result.isFailure(surveyed)) {
      if (surveyed.failure instanceof StoreUnusable) return yield* surveyed.failure
      faults.push(...surveyed.failure)
    } else if (surveyed.success !== undefined) plantings.push(surveyed.success)
  }
  faults.push(...(yield* orUnusable(quotaFaults(plantings))))
  if (faults.length > 0) return yield* refused(faults)
  if (entities.length > 0) yield* Effect.orDie((yield* Ram).plant(by, entities))
  const long = plantings.filter(({ course }) => course.steps.length > 0).map(({ requested }) => requested.keyId)
  const elsewhere = [...underWay].filter((keyId) => requested.every((key) => key.keyId !== keyId))
  if (long.length > 0) yield* orUnusable(store.setMeta(underWayName, [...elsewhere, ...long].join(" ")))
  // All refusals happen above; a failure here is one of the store or the provider.
  for (const planting of plantings) {
    yield* renew
    yield* Effect.orDie(plant(planting))
  }
  if (long.length > 0) yield* orUnusable(store.setMeta(underWayName, elsewhere.join(" ")))
  return { made: plantings.length, kept: requested.length - plantings.length } satisfies Planted
})
