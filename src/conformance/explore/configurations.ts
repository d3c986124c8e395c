/** Every configuration that a key can reach, each with a shortest path, computed from the model alone. */
import { lifecycleOf, rotationOf } from "../../../machines/cmk.ts"
import { kindOf as machineKindOf, versionSpacingMillis } from "../../../machines/permits.ts"
import type { OperationName } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { advance, branch, emptyModel } from "../model/model.ts"
import type { Model, ModelKey } from "../model/model.ts"
import { makeNames } from "../steps/names.ts"
import type { Names } from "../steps/names.ts"
import { predict } from "../predict/predict.ts"
import { makeReceiver } from "../steps/receiver.ts"
import { isDeed } from "../steps/step.ts"
import type { Step } from "../steps/step.ts"
import { moveOf } from "../run/tally.ts"

const day = 86_400_000

export interface Configuration {
  readonly kind: string
  readonly name: string
  readonly path: ReadonlyArray<Step>
}

/** The part of a service's answer that the model reads. */
const madeUp = ({ makes = "", key = "" }: Step, model: Model): object => {
  const id = `id ${makes}`
  const version = `version ${model.keys.get(key)?.versions.length ?? 0} of ${key}`
  return {
    KeyMetadata: { KeyId: id },
    KeyVersion: { KeyVersionId: version },
    CiphertextBlob: `blob ${makes}`,
    ImportToken: `token ${makes}`,
    PublicKey: `public key ${makes}`,
    Value: `value ${makes}`,
    KeyVersions: {
      KeyVersion: (model.keys.get(key)?.versions ?? []).map(({ label }) => ({ KeyVersionId: `version ${label}` }))
    }
  }
}

/** Takes a step on the model. False if the model would refuse the step or cannot take it. */
const take = (model: Model, names: Names, step: Step, dialect: Dialect): boolean => {
  if (step.op === "Advance") {
    advance(model, step.millis ?? 0, dialect)
    return true
  }
  const prediction = predict({
    model,
    step,
    names,
    dialect,
    clock: "virtual",
    level: "SOFTWARE",
    quotas: {},
    receiver: makeReceiver()
  })
  if (prediction?.accept === undefined || prediction.refuse !== undefined) return false
  prediction.accept.apply?.(model, madeUp(step, model), names)
  return true
}

/** What distinguishes two configurations; a difference in dates alone does not count. */
const nameOf = ({ snapshot }: ModelKey, now: number): string => {
  const { context } = snapshot
  return [
    lifecycleOf(snapshot),
    rotationOf(snapshot),
    context.deletionProtection ? "protected" : "",
    context.origin === "EXTERNAL" && context.materialPresent ? "material" : "",
    context.fingerprint === null ? "" : "imported",
    context.materialExpiry === null ? "" : "expires",
    context.versionCount > 1 ? "versions" : "",
    context.kind === "asymmetric" && now - context.newestVersionAt >= versionSpacingMillis ? "seasoned" : ""
  ]
    .filter((part) => part !== "")
    .join(" ")
}

const key = "k1"
const days = (count: number): Step => ({ op: "Advance", key, millis: count * day })

/** Steps that may change a key of this kind. */
const alphabetOf = (kind: string, dialect: Dialect): ReadonlyArray<Step> => {
  const always: ReadonlyArray<Step> = [
    { op: "DisableKey", key },
    { op: "EnableKey", key },
    { op: "ScheduleKeyDeletion", key, days: dialect.window.minimum },
    { op: "CancelKeyDeletion", key },
    { op: "SetDeletionProtection", key, on: true },
    { op: "SetDeletionProtection", key, on: false },
    days(dialect.window.minimum)
  ]
  if (kind === "service") return []
  if (kind === "external") {
    return [
      ...always,
      { op: "ImportKeyMaterial", key, of: "t1" },
      { op: "ImportKeyMaterial", key, of: "t1", days: 3 },
      { op: "DeleteKeyMaterial", key },
      { op: "GetParametersForImport", key, makes: "t1" }
    ]
  }
  if (kind === "symmetric" || kind === "Aliyun_SM4") {
    return [
      ...always,
      { op: "UpdateRotationPolicy", key, on: true, days: dialect.rotationDays.minimum },
      { op: "UpdateRotationPolicy", key, on: false }
    ]
  }
  return [...always, { op: "CreateKeyVersion", key }]
}

/** The first steps of a key of a kind, with objects to decrypt and verify as long as the key is usable. */
export const beginningOf = (kind: string): ReadonlyArray<Step> => {
  const made: Step = { op: "CreateKey", makes: key, kind }
  if (kind === "external") return [made, { op: "GetParametersForImport", key, makes: "t1" }]
  if (kind === "symmetric" || kind === "Aliyun_SM4" || kind === "service") return [made]
  return [made, { op: "ListKeyVersions", key }]
}

const stepsMax = 8

const family = (key: ModelKey): string => machineKindOf(key.snapshot)

/** Lifecycle moves that are possible for these kinds, in the notation of the tally. */
export const transitionsOf = (
  kinds: ReadonlyArray<string>,
  dialect: Dialect,
  given: { readonly has: ReadonlySet<OperationName>; readonly hasClock: boolean }
): ReadonlySet<string> => {
  const moves = new Set<string>()
  for (const kind of kinds) {
    explore(kind, dialect, { ...given, depth: stepsMax }, (before, step, after) => {
      const event = step.op === "Advance" ? "time" : step.op
      const move = moveOf(before, after, event)
      if (move !== undefined && (event !== "time" || lifecycleOf(before.snapshot) !== lifecycleOf(after.snapshot))) {
        moves.add(`${family(after)}|${move}`)
      }
    })
  }
  return moves
}

export const configurationsOf = (
  kind: string,
  dialect: Dialect,
  given: { readonly has: ReadonlySet<OperationName>; readonly hasClock: boolean },
  depth = stepsMax
): ReadonlyArray<Configuration> => explore(kind, dialect, { ...given, depth }, () => {})

/** Breadth-first search, so that the first path to a configuration is a shortest one. */
const explore = (
  kind: string,
  dialect: Dialect,
  given: { readonly has: ReadonlySet<OperationName>; readonly hasClock: boolean; readonly depth: number },
  onMove: (before: ModelKey, step: Step, after: ModelKey) => void
): ReadonlyArray<Configuration> => {
  const names = makeNames("dry")
  const start = emptyModel(1_767_225_600_000)
  const beginning = beginningOf(kind)
  for (const step of beginning) take(start, names, step, dialect)
  const alphabet = alphabetOf(kind, dialect).filter(({ op }) => (isDeed(op) ? given.hasClock : given.has.has(op)))
  const found = new Map<string, Configuration>()
  let edge: ReadonlyArray<{ readonly model: Model; readonly path: ReadonlyArray<Step> }> = [
    { model: start, path: beginning }
  ]
  for (let length = 0; length <= given.depth && edge.length > 0; length++) {
    const next: Array<(typeof edge)[number]> = []
    for (const { model, path } of edge) {
      const there = model.keys.get(key)
      const name = there === undefined ? "" : nameOf(there, model.now)
      if (there === undefined || found.has(name)) continue
      found.set(name, { kind, name, path })
      if (lifecycleOf(there.snapshot) === "Deleted") continue
      for (const step of alphabet) {
        const after = branch(model)
        if (!take(after, names, step, dialect)) continue
        onMove(there, step, after.keys.get(key) ?? there)
        next.push({ model: after, path: [...path, step] })
      }
    }
    edge = next
  }
  return [...found.values()]
}
