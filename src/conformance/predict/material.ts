/** What the model expects of imports, versions and rotation. */
import { importFailuresMax } from "../../../machines/importSession.ts"
import type { CmkEvent } from "../../../machines/cmk.ts"
import { asymmetricVersionsMax, versionSpacingMillis } from "../../../machines/permits.ts"
import { moved, nextVersion, stateOf } from "../model/model.ts"
import type { Model, ModelKey } from "../model/model.ts"
import type { Names } from "../steps/names.ts"
import { isWrappingKey } from "../steps/receiver.ts"
import { instantOf, listOf, textOf } from "../steps/reply.ts"
import { instant, near } from "./described.ts"
import { changed } from "./lifecycle.ts"
import { alwaysRefused, broken, gated, gateOf, held, test } from "./prediction.ts"
import type { Predict, Tested } from "./prediction.ts"
import { onKey } from "./references.ts"

const day = 86_400_000

const GetParametersForImport: Predict = (asked) =>
  onKey(asked, (key) =>
    gated("GetParametersForImport", key, asked.dialect, {
      law: "KMS-IMP-021",
      check: (reply) => {
        const publicKey = textOf(reply, "PublicKey")
        if (publicKey === undefined || textOf(reply, "ImportToken") === undefined) {
          return [broken("KMS-LC-023", "The reply has no PublicKey or no ImportToken.")]
        }
        const told = instantOf(reply, "TokenExpireTime")
        return [
          test("KMS-IMP-023", isWrappingKey(publicKey), () => "PublicKey is not Base64 of a DER RSA key of 2048 bits."),
          ...(told === undefined
            ? []
            : [
                test(
                  "KMS-IMP-025",
                  near(told, asked.model.now + day, asked),
                  () => `TokenExpireTime is ${instant(told)} at ${instant(asked.model.now)}.`
                )
              ])
        ]
      },
      apply: (model, reply, names) => {
        const { makes } = asked.step
        const token = textOf(reply, "ImportToken")
        const publicKey = textOf(reply, "PublicKey")
        if (makes === undefined || token === undefined || publicKey === undefined) return
        names.bind(makes, token)
        names.bind(`${makes}.key`, publicKey)
        const { algorithm } = asked.step
        model.tokens.set(makes, {
          key: key.label,
          expiresAt: model.now + day,
          failures: 0,
          ...(algorithm === undefined ? {} : { algorithm })
        })
      }
    })
  )

const usual = "RSAES_OAEP_SHA_256"

const counted =
  (label: string) =>
  (model: Model): void => {
    const token = model.tokens.get(label)
    if (token !== undefined) model.tokens.set(label, { ...token, failures: token.failures + 1 })
  }

const ImportKeyMaterial: Predict = (asked) =>
  onKey(asked, (key) => {
    const { model, step, dialect, names } = asked
    const token = step.of === undefined ? undefined : model.tokens.get(step.of)
    if (token === undefined || step.of === undefined || names.of(step.of) === undefined) return undefined
    const { refused } = gateOf("ImportKeyMaterial", key, dialect)
    if (refused !== undefined) return { key: key.label, refuse: refused, changes: true }
    const refuse = (law: string) => ({ ...alwaysRefused(key, law), changes: true as const })
    if (step.twist === "tampered") return refuse("KMS-IMP-020")
    if (token.key !== key.label) return refuse("KMS-IMP-009")
    if (model.now >= token.expiresAt) return refuse("KMS-IMP-010")
    if (step.twist === "pastExpiry") return refuse("KMS-IMP-019")
    const known = key.snapshot.context.fingerprint
    const fingerprint = step.twist === "otherMaterial" ? "other" : "first"
    const isAnother = known !== null && known !== fingerprint
    const wrong =
      step.twist === "garbage" || (step.algorithm ?? usual) !== (token.algorithm ?? usual)
        ? "KMS-IMP-011"
        : step.twist === "wrongLength"
          ? "KMS-IMP-012"
          : isAnother
            ? "KMS-IMP-005"
            : undefined
    // A token may give up after some wrong uses; after how many is the service's own choice.
    if (wrong !== undefined) return { ...refuse(wrong), miss: counted(step.of) }
    const { context } = key.snapshot
    const expiresAt = step.days === undefined ? null : Math.floor(model.now / 1000) * 1000 + step.days * day
    const event: CmkEvent = { type: "ImportKeyMaterial", at: model.now, fingerprint, expiresAt }
    const state = stateOf(key)
    const because = state === "PendingImport" ? "KMS-IMP-004" : "KMS-IMP-016"
    const used = names.of(`used ${step.of}`) !== undefined
    const accept = {
      law: state !== "PendingImport" ? "KMS-IMP-016" : used ? "KMS-IMP-017" : "KMS-IMP-004",
      apply: (after: Model, _reply: unknown, bound: Names) => {
        if (step.of !== undefined) bound.bind(`used ${step.of}`, step.of)
        if (context.fingerprint !== null) bound.bind(`imported again ${key.label}`, key.label)
        changed(asked, key, event, because)(after)
      }
    }
    const tired = token.failures >= importFailuresMax
    return {
      key: key.label,
      accept: tired ? { apply: accept.apply } : accept,
      ...(tired ? { refuse: { codes: [] } } : {}),
      changes: true
    }
  })

const DeleteKeyMaterial: Predict = (asked) =>
  onKey(asked, (key) => {
    const waiting = stateOf(key) === "PendingDeletion"
    const event: CmkEvent = { type: "DeleteKeyMaterial", at: asked.model.now }
    const because = waiting ? "KMS-IMP-008" : "KMS-IMP-007"
    return {
      ...gated("DeleteKeyMaterial", key, asked.dialect, {
        law: "KMS-IMP-022",
        apply: changed(asked, key, event, because)
      }),
      changes: true
    }
  })

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
  const alone =
    expected === 1 ? "KMS-VER-001" : key.snapshot.context.kind === "asymmetric" ? "KMS-VER-004" : "KMS-ROT-001"
  return [
    test("KMS-VER-002", missing === undefined, () => `The version ${missing?.label} is not listed any more.`),
    test(
      "KMS-VER-003",
      foreign === undefined && new Set(ids).size === ids.length,
      () => `The version ${foreign ?? "listed"} is not this key's own.`
    ),
    test(alone, total === expected, () => `The key has ${total} versions, not ${expected}.`)
  ]
}

const ListKeyVersions: Predict = (asked) =>
  onKey(asked, (key) =>
    gated("ListKeyVersions", key, asked.dialect, {
      law: "KMS-VER-010",
      check: (reply, names) => (asked.dialect.shows.versions ? versionsTold(key, reply, names) : []),
      apply: (_model, reply, names) => {
        const told = listOf(reply, "KeyVersions.KeyVersion")
          .map((entry) => ({ id: textOf(entry, "KeyVersionId") ?? "", at: instantOf(entry, "CreationDate") ?? 0 }))
          .filter(({ id }) => id !== "" && names.labelOf(id) === undefined)
        const open = key.versions.filter(({ label }) => names.of(label) === undefined)
        // One that is new is the one that is not known; several are told apart by their dates.
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
        return [test("KMS-VER-009", id === names.of(label), () => `The reply is about version ${id}.`)]
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
      return { key: key.label, refuse: { codes: ["Rejected.LimitExceeded"] }, changes: true }
    }
    const label = nextVersion(key)
    return {
      key: key.label,
      changes: true,
      accept: {
        law: "KMS-VER-004",
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
    // Whether the interval or the state is looked at first, no page says.
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

export const materialPredictions = {
  GetParametersForImport,
  ImportKeyMaterial,
  DeleteKeyMaterial,
  ListKeyVersions,
  DescribeKeyVersion,
  CreateKeyVersion,
  UpdateRotationPolicy
} as const
