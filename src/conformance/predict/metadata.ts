/** What CreateKey and DescribeKey should report for a key, apart from its state. */
import type { LawId } from "../lawbook/laws.ts"
import { kindOf } from "../model/kinds.ts"
import type { ModelKey } from "../model/model.ts"
import type { Names } from "../steps/names.ts"
import { arnLabel } from "../steps/reference.ts"
import { instantOf, listOf, textOf } from "../steps/reply.ts"
import type { Reply } from "../steps/reply.ts"
import type { Step } from "../steps/step.ts"
import { instant, near, test } from "./prediction.ts"
import type { PredictedCall, Tested } from "./prediction.ts"

const path = "KeyMetadata."

/** The attributes that a key never changes, as CreateKey first reported them. */
const lasting = ["Arn", "Creator", "CreationDate", "ProtectionLevel"] as const

const lastingLabel = (key: string, member: (typeof lasting)[number]): string =>
  member === "Arn" ? arnLabel(key) : `${key}.${member}`

/** Stores the attributes that a key never changes. */
export const bindLasting = (key: string, reply: Reply, names: Names): void => {
  for (const member of lasting) {
    const told = textOf(reply, path + member)
    if (told !== undefined && told !== "") names.bind(lastingLabel(key, member), told)
  }
}

/** The attributes that a key never changes, for comparisons in a later sequence. */
export const lastingOf = (key: string, names: Names): Readonly<Record<string, string>> =>
  Object.fromEntries(
    lasting.flatMap((member) => {
      const told = names.of(lastingLabel(key, member))
      return told === undefined ? [] : [[member, told]]
    })
  )

const isUnchanged = ({ names }: PredictedCall, key: string, reply: Reply): ReadonlyArray<Tested> =>
  lasting.flatMap((member) => {
    const first = names.of(lastingLabel(key, member))
    const told = textOf(reply, path + member)
    if (first === undefined || told === undefined) return []
    return [test("KMS-MET-001", told === first, () => `${member} is ${told}, and CreateKey returned ${first}.`)]
  })

const arnTold = (asked: PredictedCall, key: string, reply: Reply): ReadonlyArray<Tested> => {
  const arn = textOf(reply, `${path}Arn`)
  const id = textOf(reply, `${path}KeyId`) ?? asked.names.of(key)
  if (arn === undefined || id === undefined) return []
  return [test("KMS-MET-003", arn.endsWith(`:key/${id}`), () => `Arn is ${arn}, and the id is ${id}.`)]
}

/** The protection level that CreateKey requests for a kind of key; an adapter may replace it. */
const levelTold = ({ level }: PredictedCall, kind: string, reply: Reply): ReadonlyArray<Tested> => {
  const told = textOf(reply, `${path}ProtectionLevel`)
  if (told === undefined || kindOf(kind).identity.serviceKey) return []
  const asked = kindOf(kind).request["ProtectionLevel"] ?? level
  return [test("KMS-MET-002", told === asked, () => `ProtectionLevel is ${told}; ${asked} was asked for.`)]
}

const creatorLabel = ({ step }: PredictedCall): string =>
  step.from === "otherAccount" ? "creator of keys elsewhere" : "creator of keys"

const creatorTold = (asked: PredictedCall, kind: string, reply: Reply): ReadonlyArray<Tested> => {
  const told = textOf(reply, `${path}Creator`)
  if (told === undefined || kindOf(kind).identity.serviceKey) return []
  const label = creatorLabel(asked)
  const first = asked.names.of(label)
  if (first === undefined) asked.names.bind(label, told)
  return [test("KMS-MET-009", told === (first ?? told), () => `Creator is ${told}; that of another key was ${first}.`)]
}

const dates = ["CreationDate", "DeleteDate", "MaterialExpireTime", "LastRotationDate", "NextRotationDate"] as const

/** Dates in a reply. An empty text means that there is no date. */
export const datesTold = (
  { dialect }: PredictedCall,
  reply: Reply,
  members: ReadonlyArray<string>
): ReadonlyArray<Tested> => {
  const { dateForm } = dialect
  if (dateForm === undefined) return []
  return members.flatMap((member) => {
    const told = textOf(reply, member)
    return told === undefined || told === ""
      ? []
      : [test("KMS-MET-004", dateForm.test(told), () => `${member} is written ${told}.`)]
  })
}

/** What CreateKey should report for the key that it creates. */
export const createdTold = (asked: PredictedCall, kind: string, reply: Reply): ReadonlyArray<Tested> => [
  ...levelTold(asked, kind, reply),
  ...arnTold(asked, asked.step.makes ?? "", reply),
  ...creatorTold(asked, kind, reply),
  ...datesTold(
    asked,
    reply,
    dates.map((member) => path + member)
  )
]

const lastRotationTold = (asked: PredictedCall, { snapshot }: ModelKey, reply: Reply): ReadonlyArray<Tested> => {
  const member = `${path}LastRotationDate`
  const told = textOf(reply, member)
  const { newestVersionAt } = snapshot.context
  if (told === undefined || told === "" || asked.clock !== "virtual") return []
  const holds = near(instantOf(reply, member), newestVersionAt, asked)
  return [test("KMS-MET-005", holds, () => `LastRotationDate is ${told}, not ${instant(newestVersionAt)}.`)]
}

/** Members that are present exactly under a condition; otherwise absent or empty. */
const toldOnlyIf = (law: LawId, reply: Reply, members: ReadonlyArray<string>, isTold: boolean): ReadonlyArray<Tested> =>
  members.map((member) => {
    const told = textOf(reply, path + member) ?? ""
    return test(law, (told !== "") === isTold, () => `${member} is "${told}".`)
  })

const partsTold = (asked: PredictedCall, { snapshot }: ModelKey, reply: Reply): ReadonlyArray<Tested> => {
  const { kind, origin, materialExpiry, rotationIntervalMillis, serviceKey, deletionProtection } = snapshot.context
  const { rotation, versions } = asked.dialect.shows
  const protection = textOf(reply, `${path}DeletionProtection`)
  const isPair = kind === "asymmetric"
  return [
    ...(origin === "EXTERNAL" ? toldOnlyIf("KMS-MET-006", reply, ["MaterialExpireTime"], materialExpiry !== null) : []),
    ...(rotation && !isPair && !serviceKey && textOf(reply, `${path}AutomaticRotation`) !== undefined
      ? toldOnlyIf("KMS-MET-007", reply, ["RotationInterval", "NextRotationDate"], rotationIntervalMillis !== null)
      : []),
    ...(isPair && versions
      ? toldOnlyIf("KMS-MET-013", reply, ["PrimaryKeyVersion", "RotationInterval", "NextRotationDate"], false)
      : []),
    ...(protection === undefined
      ? []
      : [
          test(
            "KMS-MET-008",
            protection === (deletionProtection ? "Enabled" : "Disabled"),
            () => `DeletionProtection is ${protection}.`
          )
        ])
  ]
}

/** What DescribeKey should report for a key in the model's state. */
export const metadataTold = (asked: PredictedCall, key: ModelKey, reply: Reply): ReadonlyArray<Tested> => [
  ...isUnchanged(asked, key.label, reply),
  ...arnTold(asked, key.label, reply),
  ...datesTold(
    asked,
    reply,
    dates.map((member) => path + member)
  ),
  ...lastRotationTold(asked, key, reply),
  ...partsTold(asked, key, reply)
]

/** Each version must be listed with its date, if its id is known. */
export const versionDatesTold = (
  asked: PredictedCall,
  { versions }: ModelKey,
  entries: ReadonlyArray<unknown>
): ReadonlyArray<Tested> =>
  entries.flatMap((entry) => {
    const id = textOf(entry, "KeyVersionId")
    const version = versions.find(({ label }) => id !== undefined && asked.names.of(label) === id)
    const told = textOf(entry, "CreationDate")
    if (version === undefined || told === undefined || asked.clock !== "virtual") return []
    const holds = near(instantOf(entry, "CreationDate"), version.createdAt, asked)
    return [
      test("KMS-MET-011", holds, () => `Version ${version.label} is of ${told}, not ${instant(version.createdAt)}.`),
      ...datesTold(asked, entry, ["CreationDate"])
    ]
  })

/** Lists whose entries name the requested key. */
const listsOfKey: { readonly [op in Step["op"]]?: string } = {
  ListKeyVersions: "KeyVersions.KeyVersion",
  ListAliasesByKeyId: "Aliases.Alias",
  ListResourceTags: "Tags.Tag"
}

/** Where a reply names the requested key: in itself, in the version that it shows, and in the entries of a list. */
const keysToldIn = (op: Step["op"], reply: Reply): ReadonlyArray<string> => {
  const list = listsOfKey[op]
  const entries = list === undefined ? [] : listOf(reply, list)
  const told = [
    textOf(reply, "KeyId"),
    textOf(reply, "KeyVersion.KeyId"),
    ...entries.map((entry) => textOf(entry, "KeyId"))
  ]
  return told.filter((id) => id !== undefined)
}

const isNamed = (told: string, known: string | undefined): boolean =>
  known === undefined || told === known || told.endsWith(`/${known}`)

/** The key and the version in a reply must be those of the step. */
export const namedTold = (
  { names, step }: PredictedCall,
  key: ModelKey | undefined,
  reply: Reply
): ReadonlyArray<Tested> => {
  // Services differ in which of the two keys the reply of ReEncrypt names.
  const label = step.op === "ReEncrypt" ? undefined : key?.label
  const told = keysToldIn(step.op, reply)
  const wrong = label === undefined ? undefined : told.find((id) => !isNamed(id, names.of(label)))
  const version = step.version === undefined ? undefined : names.of(step.version)
  const toldVersion = textOf(reply, "KeyVersionId")
  return [
    ...(told.length === 0 || label === undefined
      ? []
      : [test("KMS-MET-012", wrong === undefined, () => `The reply is about the key ${wrong}.`)]),
    ...(toldVersion === undefined || version === undefined
      ? []
      : [test("KMS-MET-012", toldVersion === version, () => `The reply is about the version ${toldVersion}.`)])
  ]
}

/** The ARN in a list entry ends with the name of its resource. */
export const listedArnsTold = (reply: Reply, list: string, id: string, arn: string): ReadonlyArray<Tested> =>
  listOf(reply, list).flatMap((entry) => {
    const [told, of] = [textOf(entry, arn), textOf(entry, id)]
    return told === undefined || of === undefined
      ? []
      : [test("KMS-MET-003", told.endsWith(of), () => `${arn} is ${told}, of ${of}.`)]
  })
