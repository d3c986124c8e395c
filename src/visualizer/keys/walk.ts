/** A path through a key's lifecycle as names of operations: the result of each step, up to the first refusal. */
import { create } from "../../../machines/cmk.ts"
import { plainRequests, facts } from "../../../machines/vocabulary.ts"
import type { CmkEvent, CmkInput, CmkSnapshot } from "../../../machines/cmk.ts"
import { deadlines, factOf } from "../../../machines/deadlines.ts"
import { decide, refusalOf, rules } from "../../../machines/permits.ts"
import type { KeyOperation, Refusal } from "../../../machines/permits.ts"
import type { PlainRequest, RequestType } from "../../../machines/vocabulary.ts"
import { everyState } from "../model/drawing.ts"
import type { Drawing } from "../model/drawing.ts"
import { activeIn } from "./history.ts"
import { inputs } from "./specimens.ts"
import type { KeptStep, PathStep } from "../svg/svg.ts"

const dayMillis = 86_400_000

/** Kinds of keys at the beginning of a path: `CreateKey`, or `CreateKey:EXTERNAL`. */
export const kindsOfKeys: Readonly<Record<string, CmkInput>> = {
  "": inputs.symmetric,
  Aliyun_AES_256: inputs.symmetric,
  EXTERNAL: inputs.external,
  rotating: { ...inputs.symmetric, rotationIntervalMillis: 30 * dayMillis },
  RSA_2048: inputs.encryptionPair,
  EC_P256: inputs.signingPair
}

/** `versionId` names the version that the event adds, if it adds one. */
type EventAt = (at: number, versionId: string) => CmkEvent

/** Requests with data in addition to their time, and the defaults of these data. */
const fullRequests: Readonly<Record<Exclude<RequestType, PlainRequest>, EventAt>> = {
  ScheduleKeyDeletion: (at) => ({ type: "ScheduleKeyDeletion", at, dueAt: at + 30 * dayMillis }),
  ImportKeyMaterial: (at) => ({
    type: "ImportKeyMaterial",
    at,
    fingerprint: "the material",
    expiresAt: at + 300 * dayMillis
  }),
  SetDeletionProtection: (at) => ({ type: "SetDeletionProtection", at, enabled: true }),
  UpdateRotationPolicy: (at) => ({ type: "UpdateRotationPolicy", at, intervalMillis: 30 * dayMillis }),
  CreateKeyVersion: (at, versionId) => ({ type: "CreateKeyVersion", at, versionId })
}

/** Events by their names. */
const plainEvents: Readonly<Record<string, EventAt>> = {
  ...Object.fromEntries(plainRequests.map((type) => [type, (at: number): CmkEvent => ({ type, at })])),
  ...fullRequests
}

const isFactName = (name: string): boolean => facts.some((fact) => fact === name)

/** A step of a path, and the snapshot after it. */
export interface WalkStep {
  readonly number: number
  readonly name: string
  readonly snapshot: CmkSnapshot
}

/** The result of a path through the machine. */
export type Walk =
  | { readonly _tag: "Walked"; readonly steps: ReadonlyArray<WalkStep>; readonly refusal: RefusedStepOf | undefined }
  /** The path has an unknown step, or a deadline that is not set. */
  | { readonly _tag: "NoPath"; readonly message: string }

interface RefusedStepOf {
  readonly number: number
  readonly name: string
  readonly refusal: Refusal
}

/** The result of one step. */
type Outcome =
  | { readonly _tag: "Reached"; readonly snapshot: CmkSnapshot }
  | { readonly _tag: "NoStep"; readonly message: string }
  | Refusal

const noPath = (message: string): Walk => ({ _tag: "NoPath", message })

const inputOf = (creation: string): CmkInput | undefined => {
  const [maker, kind = ""] = creation.split(":")
  return maker === "CreateKey" && Object.hasOwn(kindsOfKeys, kind) ? kindsOfKeys[kind] : undefined
}

/** The event of a step at a time; a deadline is performed when it is due. */
export const eventOf = (
  snapshot: CmkSnapshot,
  name: string,
  at: number,
  versionIdAt: (at: number) => string
): CmkEvent | undefined => {
  const deadline = deadlines(snapshot).find(({ kind }) => kind === name)
  if (deadline === undefined)
    return Object.hasOwn(plainEvents, name) ? plainEvents[name]?.(at, versionIdAt(at)) : undefined
  const metAt = Math.max(at, deadline.dueAt)
  return factOf(deadline, metAt, versionIdAt(metAt))
}

const versionIdAt = (at: number): string => `version at ${at}`

const afterEvent = (snapshot: CmkSnapshot, event: CmkEvent): Outcome => {
  const verdict = decide(snapshot, event)
  switch (verdict._tag) {
    case "Refusal":
      return verdict
    case "Stale":
      return { _tag: "NoStep", message: `${event.type} is not due.` }
    default:
      return { _tag: "Reached", snapshot: verdict.next }
  }
}

const isOperation = (name: string): name is KeyOperation => Object.hasOwn(rules, name)

/** An operation without an event, such as Encrypt, does not change the key. */
const afterUse = (snapshot: CmkSnapshot, name: string): Outcome => {
  if (isOperation(name)) return refusalOf(name, snapshot) ?? { _tag: "Reached", snapshot }
  const message = isFactName(name) ? `the key has no deadline ${name}.` : `unknown operation ${name}.`
  return { _tag: "NoStep", message }
}

/** Follows a path from the creation of a key, one step a day. A deadline is performed at its own time. */
export const walk = (names: ReadonlyArray<string>): Walk => {
  const [first = "", ...rest] = names
  const input = inputOf(first)
  if (input === undefined) {
    const kinds = Object.keys(kindsOfKeys).filter((name) => name !== "")
    return noPath(`A path begins with CreateKey or CreateKey:KIND, not with ${first}. Kinds are ${kinds.join(", ")}.`)
  }
  let [snapshot, at] = [create(input).next, 0]
  const steps: Array<WalkStep> = [{ number: 1, name: first, snapshot }]
  for (const [index, name] of rest.entries()) {
    const number = index + 2
    const event = eventOf(snapshot, name, at + dayMillis, versionIdAt)
    const outcome = event === undefined ? afterUse(snapshot, name) : afterEvent(snapshot, event)
    if (outcome._tag === "NoStep") return noPath(`Step ${number}: ${outcome.message}`)
    if (outcome._tag === "Refusal") return { _tag: "Walked", steps, refusal: { number, name, refusal: outcome } }
    snapshot = outcome.snapshot
    at = event?.at ?? at + dayMillis
    steps.push({ number, name, snapshot })
  }
  return { _tag: "Walked", steps, refusal: undefined }
}

/** The arrows of a drawing that steps took, each with the numbers of these steps. */
export const linesTaken = (drawing: Drawing, steps: ReadonlyArray<WalkStep>): ReadonlyArray<PathStep> => {
  const taken = new Map<string, Array<number>>()
  for (const [index, { number, snapshot }] of steps.entries()) {
    const before = steps[index - 1]
    const from = before === undefined ? ["start.lifecycle", "start.rotation"] : activeIn(before.snapshot)
    for (const [region, target] of activeIn(snapshot).entries()) {
      const edge = drawing.edges.find(({ source, target: to }) => source === from[region] && to === target)
      if (edge !== undefined) taken.set(edge.id, [...(taken.get(edge.id) ?? []), number])
    }
  }
  return [...taken].map(([edge, numbers]) => ({ edge, numbers: numbers.join(", ") }))
}

const isSameRest = (a: WalkStep, b: WalkStep): boolean => activeIn(a.snapshot).join() === activeIn(b.snapshot).join()

/**
 * Steps that did not change the state, at the state with their transition. Steps outside the regions belong to the
 * lifecycle.
 */
export const stepsKept = (drawing: Drawing, steps: ReadonlyArray<WalkStep>): ReadonlyArray<KeptStep> => {
  const kept = new Map<string, Array<number>>()
  const states = everyState(drawing.states)
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1]
    if (before === undefined || !isSameRest(before, step)) continue
    const active = activeIn(step.snapshot)
    const takes = (id: string): boolean =>
      states.some((state) => state.id === id && state.stays.some(({ event }) => event === step.name))
    const state = active.find(takes) ?? active[0]
    if (state !== undefined) kept.set(state, [...(kept.get(state) ?? []), step.number])
  }
  return [...kept].map(([state, numbers]) => ({ state, numbers: numbers.join(", ") }))
}

/** Every state that the path visits. */
export const statesVisited = (steps: ReadonlyArray<WalkStep>): ReadonlyArray<string> => [
  ...new Set(steps.flatMap(({ snapshot }) => activeIn(snapshot)))
]
