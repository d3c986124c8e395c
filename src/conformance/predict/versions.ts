/** What the model expects of key versions and rotation. */
import type { CmkEvent } from "../../../machines/cmk.ts"
import { asymmetricVersionsMax, versionSpacingMillis } from "../../../machines/permits.ts"
import type { LawId } from "../lawbook/laws.ts"
import { moved, nextVersion } from "../model/model.ts"
import type { ModelKey } from "../model/model.ts"
import type { Names } from "../steps/names.ts"
import { instantOf, listOf, memberOf, textOf } from "../steps/reply.ts"
import { versionDatesTold } from "./metadata.ts"
import { changed } from "./lifecycle.ts"
import { alwaysRefused, broken, gated, gateOf, held, test } from "./prediction.ts"
import type { Predict, Tested } from "./prediction.ts"
import { onKey } from "./references.ts"

const day = 86_400_000

const lawOfCount = ({ versions, snapshot }: ModelKey): LawId => {
  if (versions.length === 1) return "KMS-VER-001"
  return snapshot.context.kind === "asymmetric" ? "KMS-VER-004" : "KMS-ROT-001"
}

const versionsTold = (key: ModelKey, reply: unknown, names: Names): ReadonlyArray<Tested> => {
  const ids = listOf(reply, "KeyVersions.KeyVersion").map((entry) => textOf(entry, "KeyVersionId") ?? "")
  const total = Number(textOf(reply, "TotalCount") ?? ids.length)
  const expected = key.versions.length
  const missing = key.versions.find(
    ({ label }) => names.of(label) !== undefined && ids.length === total && !ids.includes(names.of(label) ?? "")
  )
  const foreign = ids.find((id) => {
    const owner = names.labelOf(id)
    return owner !== undefined && !key.versions.some(({ label }) => label === owner)
  })
  return [
    test("KMS-VER-002", missing === undefined, () => `The version ${missing?.label} is not listed any more.`),
    test(
      "KMS-VER-003",
      foreign === undefined && new Set(ids).size === ids.length,
      () => `The version ${foreign ?? "listed"} is not this key's own.`
    ),
    test(lawOfCount(key), total === expected, () => `The key has ${total} versions, not ${expected}.`)
  ]
}

const ListKeyVersions: Predict = (asked) =>
  onKey(asked, (key) =>
    gated("ListKeyVersions", key, asked.dialect, {
      law: "KMS-VER-010",
      check: (reply, names) =>
        asked.dialect.shows.versions
          ? [
              ...versionsTold(key, reply, names),
              ...versionDatesTold(asked, key, listOf(reply, "KeyVersions.KeyVersion"))
            ]
          : [],
      apply: (_model, reply, names) => {
        const told = listOf(reply, "KeyVersions.KeyVersion")
          .map((entry) => ({ id: textOf(entry, "KeyVersionId") ?? "", at: instantOf(entry, "CreationDate") ?? 0 }))
          .filter(({ id }) => id !== "" && names.labelOf(id) === undefined)
        const open = key.versions.filter(({ label }) => names.of(label) === undefined)
        // A new version is one whose id was unknown. Dates distinguish several new ones.
        if (told.length !== open.length) return
        const inOrder = [...told].sort((a, b) => a.at - b.at)
        for (const [index, { label }] of open.entries()) names.bind(label, inOrder[index]?.id ?? "")
      }
    })
  )

const DescribeKeyVersion: Predict = (asked) =>
  onKey(asked, (key) => {
    const { step, names } = asked
    if (step.twist === "unknownVersion") return alwaysRefused(key, "KMS-VER-008")
    const label = step.version ?? `${key.label}.v1`
    if (names.of(label) === undefined) return undefined
    if (!key.versions.some((version) => version.label === label)) return alwaysRefused(key, "KMS-VER-008")
    return gated("DescribeKeyVersion", key, asked.dialect, {
      law: "KMS-VER-010",
      check: (reply) => {
        const id = textOf(reply, "KeyVersion.KeyVersionId")
        return [
          test("KMS-VER-009", id === names.of(label), () => `The reply is about version ${id}.`),
          ...versionDatesTold(asked, key, [memberOf(reply, "KeyVersion")])
        ]
      }
    })
  })

const CreateKeyVersion: Predict = (asked) =>
  onKey(asked, (key) => {
    const { model, dialect } = asked
    const { refused } = gateOf("CreateKeyVersion", key, dialect)
    if (refused !== undefined) return { key: key.label, refuse: refused, changes: true }
    if (model.now - key.snapshot.context.newestVersionAt < versionSpacingMillis) {
      return { ...alwaysRefused(key, "KMS-VER-006"), changes: true }
    }
    if (key.snapshot.context.versionCount >= asymmetricVersionsMax) {
      return { key: key.label, refuse: { law: "KMS-QUO-010", codes: ["Rejected.LimitExceeded"] }, changes: true }
    }
    const label = nextVersion(key)
    return {
      key: key.label,
      changes: true,
      accept: {
        law: key.versions.length === asymmetricVersionsMax - 1 ? "KMS-QUO-010" : "KMS-VER-004",
        check: (reply, names) => {
          const id = textOf(reply, "KeyVersion.KeyVersionId")
          if (id === undefined) return [broken("KMS-LC-023", "The reply has no KeyVersion.KeyVersionId.")]
          return [
            test("KMS-VER-003", names.labelOf(id) === undefined, () => `The id ${id} is that of another version.`),
            held("KMS-VER-004")
          ]
        },
        apply: (after, reply, names) => {
          const id = textOf(reply, "KeyVersion.KeyVersionId")
          if (id !== undefined) names.bind(label, id)
          after.keys.set(
            key.label,
            moved(key, { type: "CreateKeyVersion", at: after.now, versionId: label }, key.because, dialect)
          )
        }
      }
    }
  })

const UpdateRotationPolicy: Predict = (asked) =>
  onKey(asked, (key) => {
    const { model, step, dialect } = asked
    // The documentation does not order the checks of interval and state.
    if (step.twist !== undefined) return { ...alwaysRefused(key, "KMS-ROT-008"), changes: true }
    const { refused } = gateOf("UpdateRotationPolicy", key, dialect)
    if (refused !== undefined) return { key: key.label, refuse: refused, changes: true }
    const intervalMillis = step.on === true ? (step.days ?? 30) * day : null
    const event: CmkEvent = { type: "UpdateRotationPolicy", at: model.now, intervalMillis }
    return {
      ...gated("UpdateRotationPolicy", key, dialect, {
        law: "KMS-ROT-012",
        apply: changed(asked, key, event, key.because)
      }),
      changes: true
    }
  })

export const versionPredictions = {
  ListKeyVersions,
  DescribeKeyVersion,
  CreateKeyVersion,
  UpdateRotationPolicy
} as const
