/** What DescribeKey and ListKeys should report for each key. */
import { rotationOf } from "../../../machines/cmk.ts"
import type { LawId } from "../lawbook/laws.ts"
import { kindOf } from "../model/kinds.ts"
import { stateOf } from "../model/model.ts"
import type { ModelKey } from "../model/model.ts"
import type { Names } from "../steps/names.ts"
import { instantOf, listOf, textOf } from "../steps/reply.ts"
import { smallPage } from "../steps/pages.ts"
import type { Reply } from "../steps/reply.ts"
import { bindLasting, listedArnsTold, metadataTold } from "./metadata.ts"
import { broken, gated, held, instant, near, test } from "./prediction.ts"
import type { PredictedCall, Predict, Tested } from "./prediction.ts"
import { onKey } from "./references.ts"

/** The law that a wrong rotation status breaks. */
const rotationLaw = {
  Unsupported: "KMS-ROT-006",
  Disabled: "KMS-ROT-011",
  Enabled: "KMS-ROT-011",
  Suspended: "KMS-ROT-004"
} as const

export const rotationTold = (
  asked: PredictedCall,
  key: ModelKey,
  reply: Reply,
  path: string
): ReadonlyArray<Tested> => {
  const { context } = key.snapshot
  const word = textOf(reply, `${path}AutomaticRotation`)
  if (!asked.dialect.shows.rotation || context.kind === "asymmetric" || word === undefined) return []
  const rotation = rotationOf(key.snapshot)
  const expected = rotation === "Unsupported" ? "Disabled" : rotation
  const tested = [
    test(rotationLaw[rotation], word === expected, () => `AutomaticRotation is ${word}, not ${expected}.`)
  ]
  if (context.rotationIntervalMillis === null || context.nextRotation === null) return tested
  const { dueAt } = context.nextRotation
  const seconds = textOf(reply, `${path}RotationInterval`)
  return [
    ...tested,
    test(
      "KMS-ROT-010",
      near(instantOf(reply, `${path}NextRotationDate`), dueAt, asked),
      () => `NextRotationDate is ${textOf(reply, `${path}NextRotationDate`)}, not ${instant(dueAt)}.`
    ),
    ...(seconds === undefined
      ? []
      : [
          test(
            "KMS-ROT-013",
            secondsIn(seconds) * 1000 === context.rotationIntervalMillis,
            () => `RotationInterval is ${seconds}.`
          )
        ])
  ]
}

const unitSeconds: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 }
const secondsIn = (interval: string): number => {
  const [, count = "0", unit = "s"] = /^(\d+)([dhms]?)$/.exec(interval) ?? []
  return Number(count) * (unitSeconds[unit] ?? 1)
}

const stays = {
  Suspended: "KMS-ROT-005",
  Enabled: "KMS-ROT-003",
  Disabled: "KMS-VER-002",
  Unsupported: "KMS-VER-002"
} as const

/** The law by which the primary version is unchanged. */
const stayed = ({ snapshot }: ModelKey): LawId => stays[rotationOf(snapshot)]

/** The id that the primary version should have, and the law that another id breaks. */
const primaryTold = (asked: PredictedCall, key: ModelKey, told: string | undefined): ReadonlyArray<Tested> => {
  const label = key.snapshot.context.primaryVersionId
  if (!asked.dialect.shows.versions || label === null || told === undefined || told === "") return []
  const known = asked.names.of(label)
  if (known === told) return [held(stayed(key))]
  const older = key.versions.some((version) => asked.names.of(version.label) === told)
  if (known === undefined) {
    return [
      test(
        key.versions.length > 1 ? "KMS-ROT-001" : "KMS-VER-001",
        !older,
        () => `The primary version is still ${told}.`
      )
    ]
  }
  const law = stayed(key)
  return [{ ...broken(law, `The primary version is ${told}, not ${known}.`), apart: true }]
}

export const bindPrimary = (key: ModelKey, told: string | undefined, names: Names): void => {
  const label = key.snapshot.context.primaryVersionId
  if (
    label !== null &&
    told !== undefined &&
    told !== "" &&
    names.of(label) === undefined &&
    names.labelOf(told) === undefined
  ) {
    names.bind(label, told)
  }
}

const bornTold = (asked: PredictedCall, key: ModelKey, reply: Reply, path: string): ReadonlyArray<Tested> => {
  const date = textOf(reply, `${path}CreationDate`)
  if (date === undefined || asked.clock !== "virtual") return []
  const isRight = near(instantOf(reply, `${path}CreationDate`), key.createdAt, asked)
  return [
    test("KMS-TM-001", isRight, () => `CreationDate is ${date}, and the key was made at ${instant(key.createdAt)}.`)
  ]
}

/** Calls whose own law says what the deletion date is after them. After all others it is KMS-DEL-016. */
const setDate: ReadonlySet<LawId> = new Set(["KMS-DEL-020", "KMS-IMP-008"])

const dateTold = (asked: PredictedCall, key: ModelKey, reply: Reply, path: string): ReadonlyArray<Tested> => {
  const { deletion, materialExpiry } = key.snapshot.context
  const date = textOf(reply, `${path}DeleteDate`) ?? ""
  const expiry = textOf(reply, `${path}MaterialExpireTime`) ?? ""
  return [
    deletion === null
      ? test("KMS-DEL-017", date === "", () => `DeleteDate is ${date} in state ${stateOf(key)}.`)
      : test(
          setDate.has(key.because) ? key.because : "KMS-DEL-016",
          near(instantOf(reply, `${path}DeleteDate`), deletion.dueAt, asked),
          () => `DeleteDate is "${date}", not ${instant(deletion.dueAt)}.`
        ),
    ...(materialExpiry === null
      ? []
      : [
          test(
            "KMS-IMP-024",
            near(instantOf(reply, `${path}MaterialExpireTime`), materialExpiry.dueAt, asked),
            () => `MaterialExpireTime is "${expiry}".`
          )
        ])
  ]
}

/** The longest part of a description in a sentence. */
const shownMax = 40

const brief = (text = ""): string =>
  text.length > shownMax ? `"${text.slice(0, shownMax)}…" of ${text.length} characters` : `"${text}"`

/** The properties that CreateKey gave to the key, and its description. */
export const propertiesTold = ({ dialect }: PredictedCall, key: ModelKey, reply: Reply): ReadonlyArray<Tested> => {
  const { spec, usage, origin } = kindOf(key.kind).identity
  const told = (member: string): string | undefined => textOf(reply, `KeyMetadata.${member}`)
  const same = (member: string, is: string): boolean => (told(member) ?? is) === is
  const asMade = same("KeySpec", spec) && same("KeyUsage", usage) && same("Origin", origin)
  return [
    test(
      "KMS-LC-022",
      asMade || dialect.name === "aws",
      () => "KeySpec, KeyUsage or Origin is not what was asked for."
    ),
    test(
      "KMS-LC-021",
      same("Description", key.description),
      () => `The description is ${brief(told("Description"))}, not ${brief(key.description)}.`
    )
  ]
}

export const DescribeKey: Predict = (asked) =>
  onKey(asked, (key) =>
    gated("DescribeKey", key, asked.dialect, {
      law: "KMS-LC-014",
      check: (reply) => {
        const path = "KeyMetadata."
        const told = textOf(reply, `${path}KeyState`)
        if (told === undefined) return [broken("KMS-LC-023", "The reply has no KeyMetadata.KeyState.")]
        const expected = stateOf(key)
        const where = test(key.because, told === expected, () => `The key is ${told}; it should be ${expected}.`)
        if (told !== expected) return [{ ...where, apart: true }]
        const id = textOf(reply, `${path}KeyId`)
        return [
          where,
          ...propertiesTold(asked, key, reply),
          test("KMS-CTX-007", id === undefined || id === asked.names.of(key.label), () => `The reply is about ${id}.`),
          ...bornTold(asked, key, reply, path),
          ...dateTold(asked, key, reply, path),
          ...rotationTold(asked, key, reply, path),
          ...primaryTold(asked, key, textOf(reply, `${path}PrimaryKeyVersion`)),
          ...metadataTold(asked, key, reply)
        ]
      },
      apply: (model, reply, names) => {
        bindPrimary(key, textOf(reply, "KeyMetadata.PrimaryKeyVersion"), names)
        // The service itself created the service-managed key, and no answer has described it.
        if (key.snapshot.context.serviceKey) bindLasting(key.label, reply, names)
        // The key is in the expected state. Only another call or time can change it now.
        model.keys.set(key.label, { ...key, because: "KMS-LC-016" })
      }
    })
  )

/** No entry is on two pages, and no entry is unexpected. No other client calls the service during the listing. */
const pageTold = ({ names }: PredictedCall, reply: Reply, page: number): ReadonlyArray<Tested> => {
  const ids = listOf(reply, "Keys.Key").map((entry) => textOf(entry, "KeyId") ?? "")
  const again = ids.find((id) => ![undefined, String(page)].includes(names.of(`on a page ${id}`)))
  for (const id of ids) names.bind(`on a page ${id}`, String(page))
  return [
    test("KMS-LC-027", ids.length <= smallPage, () => `A page of size ${smallPage} has ${ids.length} entries.`),
    test("KMS-LC-027", again === undefined, () => `The key ${again} is on page ${page} and on another.`)
  ]
}

export const ListKeys: Predict = (asked) => ({
  accept: {
    law: "KMS-LC-020",
    check: (reply) => {
      const total = Number(textOf(reply, "TotalCount") ?? Number.NaN)
      const { page } = asked.step
      if (page !== undefined) return pageTold(asked, reply, page)
      const keys = [...asked.model.keys.values()].filter(({ place }) => place === asked.step.from)
      const there = keys.filter((key) => stateOf(key) !== "Deleted" && !asked.model.lost.has(key.label)).length
      if (Number.isNaN(total)) return [broken("KMS-LC-023", "The reply has no TotalCount.")]
      const ids = new Set(listOf(reply, "Keys.Key").map((entry) => textOf(entry, "KeyId")))
      // Some services return more entries than a page should have.
      const missing =
        ids.size < total
          ? undefined
          : keys.find(
              (key) =>
                stateOf(key) !== "Deleted" && !asked.model.lost.has(key.label) && !ids.has(asked.names.of(key.label))
            )
      const gone = keys.find((key) => stateOf(key) === "Deleted" && ids.has(asked.names.of(key.label)))
      return [
        ...listedArnsTold(reply, "Keys.Key", "KeyId", "KeyArn"),
        test("KMS-LC-020", total >= there, () => `${total} keys are listed, and ${there} exist.`),
        test("KMS-LC-020", missing === undefined, () => `The key ${missing?.label} is not listed.`),
        test("KMS-DEL-010", gone === undefined, () => `The key ${gone?.label} is listed although it is gone.`)
      ]
    }
  }
})
