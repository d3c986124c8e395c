/** What the model expects of imports, versions and rotation. */
import { importFailuresMax } from "../../../machines/importSession.ts"
import type { CmkEvent } from "../../../machines/cmk.ts"
import { asymmetricVersionsMax, versionSpacingMillis } from "../../../machines/permits.ts"
import type { LawId } from "../lawbook/laws.ts"
import { moved, nextVersion, stateOf } from "../model/model.ts"
import type { Model, ModelKey, Token } from "../model/model.ts"
import type { Names } from "../steps/names.ts"
import { isWrappingKey } from "../steps/receiver.ts"
import { instantOf, listOf, memberOf, textOf } from "../steps/reply.ts"
import { datesTold, versionDatesTold } from "./metadata.ts"
import { changed } from "./lifecycle.ts"
import { alwaysRefused, broken, gated, gateOf, held, instant, near, test } from "./prediction.ts"
import type { Accepted, Asked, Predict, Prediction, Tested } from "./prediction.ts"
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
          ...datesTold(asked, reply, ["TokenExpireTime"]),
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
        const { algorithm, makes } = asked.step
        const token = textOf(reply, "ImportToken")
        const publicKey = textOf(reply, "PublicKey")
        if (makes === undefined || token === undefined || publicKey === undefined) return
        names.bind(makes, token)
        names.bind(`${makes}.key`, publicKey)
        const limits = { expiresAt: model.now + day, failures: 0 }
        model.tokens.set(makes, { key: key.label, ...limits, ...(algorithm === undefined ? {} : { algorithm }) })
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

/** A token that a step names, once it was made. */
interface Named {
  readonly label: string
  readonly token: Token
}

const tokenIn = ({ model, names, step }: Asked): Named | undefined => {
  const token = model.tokens.get(step.of ?? "")
  return token === undefined || step.of === undefined || names.of(step.of) === undefined
    ? undefined
    : { label: step.of, token }
}

/** The law by which an import is refused before the material is unwrapped. */
const lawOfToken = ({ model, step }: Asked, key: ModelKey, token: Token): LawId | undefined => {
  if (step.twist === "tampered") return "KMS-IMP-020"
  if (token.key !== key.label) return "KMS-IMP-009"
  if (model.now >= token.expiresAt) return "KMS-IMP-010"
  return step.twist === "pastExpiry" ? "KMS-IMP-019" : undefined
}

const materialIn = ({ step }: Asked): "first" | "other" => (step.twist === "otherMaterial" ? "other" : "first")

/** The law by which the material itself is refused. */
const lawOfMaterial = (asked: Asked, key: ModelKey, token: Token): LawId | undefined => {
  const { twist, algorithm = usual } = asked.step
  if (twist === "garbage" || algorithm !== (token.algorithm ?? usual)) return "KMS-IMP-011"
  if (twist === "wrongLength") return "KMS-IMP-012"
  const { fingerprint } = key.snapshot.context
  return fingerprint !== null && fingerprint !== materialIn(asked) ? "KMS-IMP-005" : undefined
}

/** The law that a refusal of sound material breaks. */
const lawOfImport = ({ names }: Asked, key: ModelKey, label: string): LawId => {
  if (stateOf(key) !== "PendingImport") return "KMS-IMP-016"
  return names.of(`used ${label}`) === undefined ? "KMS-IMP-004" : "KMS-IMP-017"
}

const acceptedImport = (asked: Asked, key: ModelKey, { label, token }: Named): Prediction => {
  const { model, step } = asked
  const expiresAt = step.days === undefined ? null : Math.floor(model.now / 1000) * 1000 + step.days * day
  const event: CmkEvent = {
    type: "ImportKeyMaterial",
    at: model.now,
    fingerprint: materialIn(asked),
    expiresAt
  }
  const because = stateOf(key) === "PendingImport" ? "KMS-IMP-004" : "KMS-IMP-016"
  const isTired = token.failures >= importFailuresMax
  const accept: Accepted = {
    ...(isTired ? {} : { law: lawOfImport(asked, key, label) }),
    apply: (after, _reply, bound) => {
      bound.bind(`used ${label}`, label)
      if (key.snapshot.context.fingerprint !== null) bound.bind(`imported again ${key.label}`, key.label)
      changed(asked, key, event, because)(after)
    }
  }
  return { key: key.label, accept, ...(isTired ? { refuse: { codes: [] } } : {}), changes: true }
}

const ImportKeyMaterial: Predict = (asked) =>
  onKey(asked, (key) => {
    const named = tokenIn(asked)
    if (named === undefined) return undefined
    const { refused } = gateOf("ImportKeyMaterial", key, asked.dialect)
    if (refused !== undefined) return { key: key.label, refuse: refused, changes: true }
    const refuse = (law: LawId): Prediction => ({ ...alwaysRefused(key, law), changes: true })
    const early = lawOfToken(asked, key, named.token)
    if (early !== undefined) return refuse(early)
    const wrong = lawOfMaterial(asked, key, named.token)
    // A token may give up after some wrong uses; after how many is the service's own choice.
    return wrong === undefined ? acceptedImport(asked, key, named) : { ...refuse(wrong), miss: counted(named.label) }
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
