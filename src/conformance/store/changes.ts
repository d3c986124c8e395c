/** Changes as the engine makes them, built from the machine alone, for tests of stores. */
import { create, freeze } from "../../../machines/cmk.ts"
import type { CmkContext, CmkEvent, CmkInput, CmkSnapshot, Decision } from "../../../machines/cmk.ts"
import { deadlines } from "../../../machines/deadlines.ts"
import { decide } from "../../../machines/permits.ts"
import { AccountId, KeyId, KeyVersionId, RegionId } from "../../domain/ids.ts"
import type { Realm } from "../../domain/ids.ts"
import { chainEntry, genesis } from "../../records/hashChain.ts"
import type { AliasMove, Change, KeyMetadata, VersionRow } from "../../records/rows.ts"
import { planCommands } from "../../plan/commands.ts"

export const realm: Realm = { account: AccountId.make("1000000000000001"), region: RegionId.make("cn-hangzhou") }
export const otherRealm: Realm = { account: AccountId.make("1000000000000002"), region: RegionId.make("cn-beijing") }
export const start = 1_767_225_600_000
export const day = 86_400_000

const uuid = (kind: string, n: number): string => `${kind}0000000-0000-4000-8000-${String(n).padStart(12, "0")}`
export const keyIdOf = (n: number): KeyId => KeyId.make(uuid("a", n))
export const versionIdOf = (n: number): KeyVersionId => KeyVersionId.make(uuid("b", n))

/** Bytes in place of sealed material: equal for equal numbers, and too distinctive to occur by chance. */
export const sealedOf = (n: number, length = 92): Uint8Array => {
  let state = (n + 1) * 0x9e_37_79_b1
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c_1b_3c_6d) + 0x6d_2b_79_f5
    return (state >>> 11) & 0xff
  })
}

/** A key in progress: the change that led here, and its configuration. */
export interface Step {
  readonly change: Change
  readonly next: CmkSnapshot
  /** The hash of the key's journal after the change. */
  readonly head: string
}

export interface Birth {
  readonly n: number
  readonly realm?: Realm
  readonly input?: Partial<CmkInput>
  readonly metadata?: Partial<KeyMetadata>
}

const changeOf = (
  at: {
    readonly keyId: KeyId
    readonly realm: Realm
    readonly metadata: KeyMetadata
    readonly before: CmkSnapshot | undefined
    readonly previous: string
  },
  decision: Decision,
  rest: Pick<Change, "newVersions"> &
    Partial<Change> & { readonly payload: Change["entry"]["payload"]; readonly at: number }
): Change => {
  const { keyId } = at
  const snapshot = freeze(decision.next)
  const seq = snapshot.context.epoch
  const requestId = `request ${seq} of ${keyId}`
  const operation = rest.payload.type === "Event" ? rest.payload.event.type : rest.payload.type
  const { eraseMaterial, dropAliases, owed } = planCommands(decision.commands)
  return {
    keyId,
    realm: at.realm,
    expectedEpoch: seq - 1,
    previous: at.previous,
    entry: { keyId, seq, at: rest.at, principal: "acs:ram::1:root", requestId, payload: rest.payload },
    snapshot,
    metadata: at.metadata,
    deadlines: deadlines(decision.next),
    newVersions: rest.newVersions,
    eraseMaterial,
    dropAliases,
    owed,
    aliases: rest.aliases ?? [],
    audit: {
      at: rest.at,
      requestId,
      principal: "acs:ram::1:root",
      operation,
      keyId,
      outcome: "Success",
      before: at.before === undefined ? null : freeze(at.before).value.lifecycle,
      after: snapshot.value.lifecycle
    }
  }
}

const stepOf = (change: Change, { next }: Decision): Step => ({
  change,
  next,
  head: chainEntry(change.previous, change.entry)
})

const versionRow = (
  { keyId, keyVersionId, createdAt }: Omit<VersionRow, "stored">,
  { materialPresent, kind }: CmkContext,
  seed: number
): VersionRow => {
  const publicKey = kind === "asymmetric" ? sealedOf(seed + 1, 91) : undefined
  return {
    keyId,
    keyVersionId,
    createdAt,
    stored: materialPresent ? { sealed: sealedOf(seed), publicKey } : undefined
  }
}

/** The version that an event adds, or whose material it supplies. */
const versionsOf = (
  keyId: KeyId,
  event: CmkEvent,
  { newestVersionId, newestVersionAt }: CmkContext
): ReadonlyArray<Omit<VersionRow, "stored">> => {
  if (event.type === "ImportKeyMaterial") {
    return [{ keyId, keyVersionId: KeyVersionId.make(newestVersionId), createdAt: newestVersionAt }]
  }
  return "versionId" in event ? [{ keyId, keyVersionId: KeyVersionId.make(event.versionId), createdAt: event.at }] : []
}

/** The n-th new key; n also determines its first version and its material. */
export const born = ({ n, realm: home = realm, input, metadata }: Birth): Step => {
  const whole: CmkInput = {
    origin: "Aliyun_KMS",
    kind: "symmetric",
    spec: "Aliyun_AES_256",
    usage: "ENCRYPT/DECRYPT",
    protection: "SOFTWARE",
    serviceKey: false,
    newestVersionId: versionIdOf(n * 1000),
    newestVersionAt: start,
    rotationIntervalMillis: null,
    ...input
  }
  const keyId = keyIdOf(n)
  const decision = create(whole)
  const described: KeyMetadata = { description: `key ${n}`, creator: home.account, createdAt: start, ...metadata }
  const payload = { type: "CreateKey", input: whole, realm: home, metadata: described } as const
  const first = { keyId, keyVersionId: KeyVersionId.make(whole.newestVersionId), createdAt: start }
  const newVersions = [versionRow(first, decision.next.context, n * 1000)]
  const at = { keyId, realm: home, metadata: described, before: undefined, previous: genesis }
  return stepOf(changeOf(at, decision, { payload, at: start, newVersions }), decision)
}

/** The same key after an event. A refused event is a mistake in the test. */
export const told = (
  step: Step,
  event: CmkEvent,
  extras: { readonly metadata?: KeyMetadata; readonly aliases?: ReadonlyArray<AliasMove> } = {}
): Step => {
  const decision = decide(step.next, event)
  if (decision._tag !== "Decision") throw new Error(`${event.type} is not taken: ${JSON.stringify(decision)}`)
  const { keyId, realm: home, metadata } = step.change
  const { context } = decision.next
  const seed = Number(keyId.slice(-12)) * 1000 + context.versionCount - 1
  const payload: Change["entry"]["payload"] =
    extras.metadata === undefined ? { type: "Event", event } : { type: "Event", event, metadata: extras.metadata }
  const at = { keyId, realm: home, metadata: extras.metadata ?? metadata, before: step.next, previous: step.head }
  const newVersions = versionsOf(keyId, event, context).map((version) => versionRow(version, context, seed))
  const aliases = extras.aliases ?? []
  return stepOf(changeOf(at, decision, { payload, at: event.at, newVersions, aliases }), decision)
}

/** A key from its creation through several events: every change, in order. */
export const life = (birth: Birth, ...events: ReadonlyArray<CmkEvent>): ReadonlyArray<Step> => {
  const steps = [born(birth)]
  for (const event of events) {
    const last = steps.at(-1)
    if (last !== undefined) steps.push(told(last, event))
  }
  return steps
}

/** ScheduleKeyDeletion as an event of a key. */
export const scheduled = (at: number, days: number): CmkEvent => ({
  type: "ScheduleKeyDeletion",
  at,
  dueAt: at + days * day
})
