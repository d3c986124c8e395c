/** What the model expects of lifecycle operations: creation, description, switching, deletion. */
import type { CmkEvent } from "../../../machines/cmk.ts"
import type { Dialect } from "../dialects/dialect.ts"
import type { LawId } from "../lawbook/laws.ts"
import { kindOf } from "../model/kinds.ts"
import { born, moved, stateOf } from "../model/model.ts"
import type { Model, ModelKey } from "../model/model.ts"
import { instantOf, textOf } from "../steps/reply.ts"
import type { Reply } from "../steps/reply.ts"
import type { Step } from "../steps/step.ts"
import { DescribeKey, ListKeys, propertiesTold, rotationTold } from "./described.ts"
import { bindLasting, createdTold } from "./metadata.ts"
import { alwaysRefused, broken, gated, gateOf, held, instant, near, test } from "./prediction.ts"
import type { Accepted, PredictedCall, Predict, Prediction, Tested } from "./prediction.ts"
import { withinQuota } from "./quotas.ts"
import { onKey } from "./references.ts"

const day = 86_400_000

export const changed =
  (asked: PredictedCall, key: ModelKey, event: CmkEvent, because: LawId) =>
  (model: Model): void => {
    model.keys.set(key.label, moved(key, event, because, asked.dialect))
  }

/** The properties of the key that a step creates. */
const bornOf = ({ kind = "symmetric", days, text = "", from, tags }: Step, because: LawId) => ({
  kind,
  description: text,
  rotationMillis: days === undefined ? null : days * day,
  because,
  place: from,
  tags
})

/** CreateKey shows the same of the new key as DescribeKey. */
const bornTold = (asked: PredictedCall, step: Step, reply: Reply): ReadonlyArray<Tested> => {
  const { makes = "", kind = "symmetric" } = step
  if (kindOf(kind).identity.serviceKey || asked.clock !== "virtual" || asked.model.now === 0) return []
  const key = born(asked.model, makes, bornOf(step, "KMS-MET-014"))
  return [...propertiesTold(asked, key, reply), ...rotationTold(asked, key, reply, "KeyMetadata.")].map((one) => ({
    ...one,
    law: "KMS-MET-014"
  }))
}

const CreateKey: Predict = (asked) => {
  const { step, dialect } = asked
  const { makes, kind: kindName = "symmetric", twist } = step
  if (makes === undefined) return undefined
  if (twist === "tooShort" || twist === "tooLong")
    return withinQuota(asked, "keys", alwaysRefused(undefined, "KMS-ROT-008", ["InvalidParameter"]))
  const kind = kindOf(kindName)
  const external = kind.identity.origin === "EXTERNAL"
  const law = external ? "KMS-LC-002" : "KMS-LC-001"
  const path = "KeyMetadata."
  const accept: Accepted = {
    law,
    check: (reply, names) => {
      const id = textOf(reply, `${path}KeyId`)
      if (id === undefined) return [{ ...broken("KMS-LC-023", "The reply has no KeyMetadata.KeyId."), apart: true }]
      const state = textOf(reply, `${path}KeyState`)
      const expected = external ? "PendingImport" : "Enabled"
      return [
        held("KMS-LC-023"),
        test("KMS-LC-024", names.labelOf(id) === undefined, () => `The id ${id} was returned before.`),
        {
          ...test(law, state === undefined || state === expected, () => `The new key is ${state}, not ${expected}.`),
          ...(state === expected ? {} : { apart: true as const })
        },
        ...(asked.clock === "virtual" && asked.model.now !== 0
          ? [
              test(
                "KMS-TM-001",
                near(instantOf(reply, `${path}CreationDate`) ?? asked.model.now, asked.model.now, asked),
                () => `CreationDate is ${textOf(reply, `${path}CreationDate`)} at ${instant(asked.model.now)}.`
              )
            ]
          : []),
        ...createdTold(asked, kindName, reply),
        ...bornTold(asked, step, reply)
      ]
    },
    apply: (model, reply, names) => {
      const id = textOf(reply, `${path}KeyId`)
      if (id === undefined) return
      if (asked.clock === "none" || model.now === 0) model.now = instantOf(reply, `${path}CreationDate`) ?? model.now
      names.bind(makes, id)
      bindLasting(makes, reply, names)
      const key = born(model, makes, bornOf(step, law))
      model.keys.set(makes, key)
      const primary = dialect.shows.versions ? textOf(reply, `${path}PrimaryKeyVersion`) : undefined
      if (primary !== undefined && primary !== "") names.bind(`${makes}.v1`, primary)
      // In a service without visible versions, an asymmetric key has one version, which the key's name selects.
      if (!dialect.shows.versions) names.bind(`${makes}.v1`, `${id}.v1`)
    }
  }
  return withinQuota(asked, "keys", { key: makes, accept, changes: true })
}

type Switch = "EnableKey" | "DisableKey" | "CancelKeyDeletion"

/** The law that a refusal breaks. A switch that changes nothing has a separate law. */
const lawOfSwitch = (operation: Switch, key: ModelKey): LawId => {
  if (operation === "CancelKeyDeletion") return "KMS-DEL-019"
  const state = stateOf(key)
  if ((operation === "EnableKey") === (state === "Enabled")) return "KMS-LC-011"
  return operation === "EnableKey" ? "KMS-LC-009" : "KMS-LC-010"
}

const simple =
  (operation: Switch): Predict =>
  (asked) =>
    onKey(asked, (key) => {
      const law = lawOfSwitch(operation, key)
      const because = operation === "CancelKeyDeletion" ? "KMS-DEL-007" : law
      const event: CmkEvent = { type: operation, at: asked.model.now }
      return {
        ...gated(operation, key, asked.dialect, { law, apply: changed(asked, key, event, because) }),
        changes: true
      }
    })

/** The days that a deletion waits. A call does not choose them where the dialect has one period. */
const periodOf = ({ days }: Step, { window }: Dialect): number =>
  window.minimum === window.maximum ? window.default : (days ?? window.default)

const refusedWindow = (asked: PredictedCall, key: ModelKey): Prediction => {
  const { model, dialect, step } = asked
  const { minimum, maximum } = dialect.window
  const days = step.twist === "tooShort" ? minimum - 1 : maximum + 1
  const event: CmkEvent = { type: "ScheduleKeyDeletion", at: model.now, dueAt: model.now + days * day }
  const { refused } = gateOf("ScheduleKeyDeletion", key, dialect)
  return {
    ...alwaysRefused(key, "KMS-DEL-002", ["InvalidParameter"]),
    changes: true,
    ...(refused === undefined ? { ifAccepted: { apply: changed(asked, key, event, "KMS-DEL-001") } } : {})
  }
}

const ScheduleKeyDeletion: Predict = (asked) =>
  onKey(asked, (key) => {
    const { model, step, dialect } = asked
    const outOfRange = step.twist === "tooShort" || step.twist === "tooLong"
    const days = periodOf(step, dialect)
    if (outOfRange) return refusedWindow(asked, key)
    const { refused } = gateOf("ScheduleKeyDeletion", key, dialect)
    if (refused === undefined && key.snapshot.context.deletionProtection) {
      return { key: key.label, refuse: { law: "KMS-DEL-014", codes: [] }, changes: true }
    }
    const event: CmkEvent = { type: "ScheduleKeyDeletion", at: model.now, dueAt: model.now + days * day }
    const because = step.days === undefined ? "KMS-DEL-020" : "KMS-DEL-001"
    return {
      ...gated("ScheduleKeyDeletion", key, dialect, { law: "KMS-DEL-018", apply: changed(asked, key, event, because) }),
      changes: true
    }
  })

const SetDeletionProtection: Predict = (asked) =>
  onKey(asked, (key) => {
    const event: CmkEvent = { type: "SetDeletionProtection", at: asked.model.now, enabled: asked.step.on === true }
    return {
      ...gated("SetDeletionProtection", key, asked.dialect, {
        law: "KMS-DEL-021",
        apply: changed(asked, key, event, key.because)
      }),
      changes: true
    }
  })

const UpdateKeyDescription: Predict = (asked) =>
  onKey(asked, (key) => ({
    ...gated("UpdateKeyDescription", key, asked.dialect, {
      law: "KMS-LC-025",
      apply: (model) => {
        const event: CmkEvent = { type: "UpdateKeyDescription", at: model.now }
        const after = moved(key, event, key.because, asked.dialect)
        model.keys.set(key.label, { ...after, description: asked.step.text ?? "" })
      }
    }),
    changes: true
  }))

/** Who may use a key, apart from the policies of users. */
const SetKeyPolicy: Predict = (asked) =>
  onKey(asked, (key) => ({
    ...gated("SetKeyPolicy", key, asked.dialect, {
      law: "KMS-AC-016",
      apply: (model) => {
        const policies = [asked.step.policy ?? [], ...(key.policies ?? [])]
        const event: CmkEvent = { type: "SetKeyPolicy", at: model.now }
        model.keys.set(key.label, { ...moved(key, event, key.because, asked.dialect), policies })
      }
    }),
    changes: true
  }))

export const lifecyclePredictions = {
  SetKeyPolicy,
  CreateKey,
  DescribeKey,
  ListKeys,
  EnableKey: simple("EnableKey"),
  DisableKey: simple("DisableKey"),
  CancelKeyDeletion: simple("CancelKeyDeletion"),
  ScheduleKeyDeletion,
  SetDeletionProtection,
  UpdateKeyDescription
} as const
