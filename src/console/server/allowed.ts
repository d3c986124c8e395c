/** "Allowed now": what each operation on a key would answer, decided by the functions that decide real calls. */
import { Effect } from "effect"
import { freeze, lifecycleOf, revive, rotationOf } from "../../../machines/cmk.ts"
import type { CmkContext, CmkEvent, CmkSnapshot } from "../../../machines/cmk.ts"
import type { LifecycleState } from "../../../machines/vocabulary.ts"
import { decide, refusalOf, rules } from "../../../machines/permits.ts"
import type { KeyOperation } from "../../../machines/permits.ts"
import { livingStates } from "../../../machines/vocabulary.ts"
import type { KeyActor } from "../../actor/keyActor.ts"
import { callerNamed, explainTo } from "../../requests/explain.ts"
import type { Explainer } from "../../requests/explain.ts"
import { answers } from "../../domain/errors.ts"
import type { AnyKmsError, ErrorCode } from "../../domain/errors.ts"
import { dayMillis } from "../../domain/limits.ts"
import { isKeyId } from "../../domain/ids.ts"
import type { Checked, Explained } from "../../authorization/accessControl.ts"
import { keyPolicyName } from "../../authorization/keyPolicy.ts"
import type { AllowedNow, Move, Permitted } from "../protocol.ts"
import { dataOf, textOf } from "./asker.ts"
import type { Asker } from "./asker.ts"

const isKeyOperation = (name: string): name is KeyOperation => Object.hasOwn(rules, name)
const gates = Object.keys(rules).filter(isKeyOperation)

/** ReEncrypt has two gates, for its source and its destination; here both are this key. */
const operations = [...new Set(gates.map((gate) => gate.replace(/\(.*\)$/, "")))]

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(answers, code)
const statusOf = (code: string): number => (isErrorCode(code) ? answers[code].status : 500)

/** Typical calls, for refusals that depend on a call's parameters or its time. */
const probes = (now: number): Readonly<Record<string, CmkEvent>> => ({
  ScheduleKeyDeletion: { type: "ScheduleKeyDeletion", at: now, dueAt: now + 30 * dayMillis },
  CreateKeyVersion: { type: "CreateKeyVersion", at: now, versionId: "next" }
})

export const byContent = (operation: string, key: KeyActor, now: number): Permitted | undefined => {
  const probe = probes(now)[operation]
  const verdict = probe === undefined ? undefined : decide(key.snapshot(), probe)
  if (verdict?._tag !== "Refusal") return undefined
  const { code, hint } = verdict
  return { operation, allowed: false, decision: "state", code, httpStatus: statusOf(code), hint }
}

export const permittedOf = (operation: string, explained: Explained): Permitted => {
  const { checks, code, decision, hint } = explained
  if (decision === "ok") return { operation, allowed: true, decision }
  const settled = checks.find(({ effect }) => effect !== "Allow")
  return {
    operation,
    allowed: false,
    decision,
    ...(code === undefined ? {} : { code, httpStatus: statusOf(code) }),
    ...(hint === undefined ? {} : { hint }),
    ...(decision === "policy" && settled !== undefined ? policiesIn(settled) : {})
  }
}

const policiesIn = ({ grounds, policy, statement }: Checked): Partial<Permitted> => {
  if (policy === undefined) return grounds === undefined ? {} : { evaluated: grounds.policies }
  const text = grounds?.statement
  return { policy, statement: statement ?? 0, ...(text === undefined ? {} : { statementText: text }) }
}

/**
 * Without the statements of the key's policy, unless the caller may read that policy. A caller's own policies are no
 * secret from the caller.
 */
const readableBy = ({ caller }: Asker, operations: ReadonlyArray<Permitted>): ReadonlyArray<Permitted> => {
  const reading = operations.find(({ operation }) => operation === "GetKeyPolicy")
  if (caller.kind === "root" || (reading !== undefined && reading.decision !== "policy")) return operations
  return operations.map(({ statementText, ...rest }) =>
    statementText === undefined || rest.policy === keyPolicyName ? rest : { ...rest, statementText }
  )
}

/** A call of each operation that can change a state; UpdateRotationPolicy can change it in two directions. */
const movers = (now: number, { fingerprint }: CmkContext): ReadonlyArray<CmkEvent> => [
  { type: "EnableKey", at: now },
  { type: "DisableKey", at: now },
  { type: "ScheduleKeyDeletion", at: now, dueAt: now + 30 * dayMillis },
  { type: "CancelKeyDeletion", at: now },
  { type: "ImportKeyMaterial", at: now, fingerprint: fingerprint ?? "any", expiresAt: null },
  { type: "DeleteKeyMaterial", at: now },
  { type: "UpdateRotationPolicy", at: now, intervalMillis: 30 * dayMillis },
  { type: "UpdateRotationPolicy", at: now, intervalMillis: null }
]

const placesOf = (snapshot: CmkSnapshot): ReadonlyArray<string> => [
  `state.lifecycle.${lifecycleOf(snapshot)}`,
  `state.rotation.${rotationOf(snapshot)}`
]

const movesOf = (snapshot: CmkSnapshot, now: number): ReadonlyArray<Move> => {
  const before = placesOf(snapshot)
  return movers(now, snapshot.context).flatMap((event) => {
    const verdict = decide(snapshot, event)
    if (verdict._tag !== "Decision") return []
    const after = placesOf(verdict.next)
    return before.flatMap((from, region) => {
      const to = after[region] ?? from
      return from === to ? [] : [{ operation: event.type, from, to }]
    })
  })
}

const inState = (snapshot: CmkSnapshot, lifecycle: LifecycleState): CmkSnapshot => {
  const stored = freeze(snapshot)
  return revive({ ...stored, value: { ...stored.value, lifecycle } })
}

/** The key's own rules in every state that a key of its origin can be in. */
const everyState = (snapshot: CmkSnapshot): AllowedNow["states"] =>
  livingStates
    .filter((state) => state !== "PendingImport" || snapshot.context.origin === "EXTERNAL")
    .map((state) => {
      const there = inState(snapshot, state)
      return { state, codes: Object.fromEntries(gates.map((gate) => [gate, refusalOf(gate, there)?.code ?? "ok"])) }
    })

/** A caller's name in explanations. */
const nameOf = ({ caller }: Asker): string => (caller.kind === "root" ? "root" : `${caller.kind}/${caller.name}`)

export interface AllowedBy {
  readonly explainer: Explainer
  readonly now: () => number
}

/** A caller that may describe the key may ask about itself; only the account's root may ask about others. */
export const allowedNow = ({ explainer, now }: AllowedBy, asker: Asker, keyId: string, as: string | undefined) =>
  Effect.gen(function* () {
    const described = dataOf((yield* asker.read("DescribeKey", { KeyId: keyId }))["KeyMetadata"])
    const found = textOf(described["KeyId"])
    if (!isKeyId(found)) return yield* Effect.die(new Error("DescribeKey answers with a key id"))
    const key = yield* explainer.directory.find(asker.realm, found)
    const other = as === undefined || as === nameOf(asker) ? undefined : as
    if (other !== undefined) yield* asker.ask("ExplainAccess", { As: other, Operation: "DescribeKey", KeyId: found })
    const caller = other === undefined ? asker.caller : yield* callerNamed(explainer.tables, asker.realm, other)
    const aliases = yield* Effect.catch(
      Effect.map(asker.read("ListAliasesByKeyId", { KeyId: found }), (reply) => dataOf(reply["Aliases"])["Alias"]),
      () => Effect.succeed([])
    )
    const alias = textOf(dataOf(Array.isArray(aliases) ? aliases[0] : undefined)["AliasName"])
    const explained: Array<Permitted> = []
    let principal = ""
    for (const operation of operations) {
      const question = {
        operation,
        keyId: found,
        destinationKeyId: found,
        aliasName: operation === "CreateAlias" || alias === "" ? "alias/another" : alias,
        // The address that another principal would call from is unknown.
        sourceIp: other === undefined ? asker.circumstances.sourceIp : undefined
      }
      const answer = yield* explainTo(explainer, asker.realm, caller, question)
      principal = answer.principal
      const permitted = permittedOf(operation, answer)
      explained.push(permitted.allowed ? (byContent(operation, key, now()) ?? permitted) : permitted)
    }
    const snapshot = key.snapshot()
    const allowed: AllowedNow = {
      keyId: found,
      principal,
      state: lifecycleOf(snapshot),
      operations: readableBy(asker, explained),
      moves: movesOf(snapshot, now()),
      states: everyState(snapshot)
    }
    return allowed
  }) satisfies Effect.Effect<AllowedNow, AnyKmsError>
