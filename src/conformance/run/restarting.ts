/** Restarts of the service: calls after a restart must find what they found before it. */
import type { LawId } from "../lawbook/laws.ts"
import { stateOf } from "../model/model.ts"
import type { Tested } from "../predict/prediction.ts"
import type { OperationName } from "../adapters/adapter.ts"
import { isDeed } from "../steps/step.ts"
import type { Step } from "../steps/step.ts"
import { within } from "./asking.ts"
import type { Performed, Session } from "./testTarget.ts"

/** Operations that show stored data, and the law by which a restart preserves it. */
const looks: { readonly [operation in OperationName]?: LawId } = {
  DescribeKey: "KMS-RST-001",
  ListResourceTags: "KMS-RST-002",
  ListAliasesByKeyId: "KMS-RST-002",
  ListKeyVersions: "KMS-RST-002",
  Decrypt: "KMS-RST-003",
  AsymmetricDecrypt: "KMS-RST-003",
  AsymmetricVerify: "KMS-RST-003"
}

const lawOf = (op: Step["op"]): LawId | undefined => (isDeed(op) ? undefined : looks[op])

const signatureOf = ({ op, key, of, by, twist, reference, version, as, page }: Step): string =>
  JSON.stringify([op, key, of, by, twist, reference, version, as?.name, page])

/**
 * The laws that such a call tests. If the same call was correct before a restart and nothing changed since, the restart
 * is to blame for a fault.
 */
export const sinceRestart = (
  { seen, beforeRestart, model }: Session,
  step: Step,
  tested: ReadonlyArray<Tested>
): ReadonlyArray<Tested> => {
  const law = lawOf(step.op)
  if (law === undefined) return tested
  const signature = signatureOf(step)
  const isRight = tested.every(({ fault }) => fault === undefined)
  const wasRight = beforeRestart.has(signature) && seen.get(signature) === model.changes
  if (isRight) seen.set(signature, model.changes)
  if (!wasRight) return tested
  beforeRestart.delete(signature)
  return isRight
    ? [...tested, { law }]
    : tested.map((one) => (one.fault === undefined ? one : { ...one, law, fault: `After the restart: ${one.fault}` }))
}

/** The calls that show everything that the suite knows of its keys. */
const looksAt = ({ model, names, testTarget }: Session): ReadonlyArray<Step> => [
  ...[...model.keys.values()]
    .filter((key) => !model.lost.has(key.label) && key.place === undefined && names.of(key.label) !== undefined)
    .flatMap((key): ReadonlyArray<Step> => {
      const always: Step = { op: "DescribeKey", key: key.label }
      if (stateOf(key) === "Deleted") return [always]
      const more = ["ListResourceTags", "ListAliasesByKeyId", "ListKeyVersions"] as const
      return [always, ...more.filter((op) => testTarget.has.has(op)).map((op): Step => ({ op, key: key.label }))]
    }),
  ...[...model.ciphertexts].map(([of, { algorithm, key, version }]): Step =>
    algorithm === undefined || version === undefined
      ? { op: "Decrypt", of }
      : { op: "AsymmetricDecrypt", key, version, of }
  ),
  ...[...model.signatures].map(([of, { key, version }]): Step => ({ op: "AsymmetricVerify", key, version, of }))
]

type Perform = (session: Session, step: Step) => Promise<ReadonlyArray<Performed>>

const lookAt = async (session: Session, perform: Perform): Promise<ReadonlyArray<Performed>> => {
  const performed: Array<Performed> = []
  for (const step of looksAt(session)) performed.push(...(await perform(session, step)))
  return performed
}

/**
 * Restarts the service, and describes everything before and after. The steps of a replay already include these calls.
 */
export const restarted = async (session: Session, step: Step, perform: Perform): Promise<ReadonlyArray<Performed>> => {
  const { adapter, looksAfterRefusals, tally } = session.testTarget
  if (adapter.restart === undefined) return []
  const before = looksAfterRefusals ? await lookAt(session, perform) : []
  await within(adapter.restart(), "a restart")
  session.isRestarted = true
  tally.calls++
  for (const [signature, changes] of session.seen) {
    if (changes === session.model.changes) session.beforeRestart.add(signature)
  }
  const done: Performed = {
    step,
    request: {},
    answer: { ok: true, response: {} },
    before: "",
    after: "",
    expected: "",
    got: "",
    findings: []
  }
  return [...before, done, ...(looksAfterRefusals ? await lookAt(session, perform) : [])]
}
