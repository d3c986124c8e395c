/** The sets of simultaneous operations: each pair, from each state of a key, and each triple on one key. */
import type { Meeting, OperationName, SettingName } from "./interleave.ts"

/** Operations on keys with generated material. */
const onOwn = [
  "EnableKey",
  "DisableKey",
  "ScheduleKeyDeletion",
  "CancelKeyDeletion",
  "rotationOn",
  "rotationOff",
  "TagResource",
  "Encrypt",
  "Decrypt",
  "DescribeKey",
  "AdvanceClock"
] as const satisfies ReadonlyArray<OperationName>

/** Operations on keys with imported material. */
const onExternal = [
  "EnableKey",
  "DisableKey",
  "ImportKeyMaterial",
  "importOfAnHour",
  "DeleteKeyMaterial",
  "TagResource",
  "Encrypt",
  "Decrypt",
  "DescribeKey",
  "AdvanceClock"
] as const satisfies ReadonlyArray<OperationName>

/** Operations without an existing key. */
const elsewhere = [
  "UpdateAlias",
  "CreateAlias",
  "DeleteAlias",
  "describeByAlias",
  "AttachPolicyToUser",
  "DetachPolicyFromUser",
  "encryptAsUser",
  "accessKeyOn",
  "accessKeyOff",
  "signedRequest"
] as const satisfies ReadonlyArray<OperationName>

interface Start {
  readonly sort: Meeting["sort"]
  readonly before: ReadonlyArray<OperationName>
  readonly meet: ReadonlyArray<OperationName>
}

/** A key that has never been used has nothing to decrypt. */
const starts: ReadonlyArray<Start> = [
  { sort: "own", before: ["Encrypt"], meet: [...onOwn, ...elsewhere] },
  { sort: "own", before: ["Encrypt", "DisableKey"], meet: onOwn },
  { sort: "own", before: ["Encrypt", "ScheduleKeyDeletion"], meet: onOwn },
  { sort: "external", before: [], meet: onExternal.filter((name) => name !== "Decrypt") },
  { sort: "external", before: ["ImportKeyMaterial", "Encrypt"], meet: onExternal },
  { sort: "external", before: ["ImportKeyMaterial", "Encrypt", "DisableKey"], meet: onExternal }
]

/** Every choice of this number of names, with repetitions. */
const choicesOf = (names: ReadonlyArray<OperationName>, count: number): ReadonlyArray<ReadonlyArray<OperationName>> =>
  count === 0
    ? [[]]
    : names.flatMap((name, at) => choicesOf(names.slice(at), count - 1).map((others) => [name, ...others]))

const isOnKey = (name: OperationName): boolean => !elsewhere.some((other) => other === name)

/** Pairs of all operations, or triples of those on the key. */
export const meetingsOf = (setting: SettingName, count: 2 | 3, failures: number): ReadonlyArray<Meeting> =>
  starts.flatMap(({ sort, before, meet }) =>
    choicesOf(count === 2 ? meet : meet.filter(isOnKey), count).map((operations) => ({
      setting,
      sort,
      before,
      operations,
      failures
    }))
  )
