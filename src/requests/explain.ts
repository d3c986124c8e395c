/** Explains why a call is allowed or refused: makes its checks in their real order, without performing the call. */
import { Effect } from "effect"
import { refusalOf, rules } from "../../machines/permits.ts"
import type { KeyOperation } from "../../machines/permits.ts"
import type { KeyActor } from "../actor/keyActor.ts"
import type { KeyDirectory } from "../actor/keyDirectory.ts"
import type { CallError } from "../domain/errorGroups.ts"
import type { ErrorOf } from "../domain/errors.ts"
import type { AccountId, KeyId, Realm } from "../domain/ids.ts"
import { nearest } from "../domain/nearest.ts"
import type { Checked, Explained, WouldBe } from "../authorization/accessControl.ts"
import { catalogue, isOperationName } from "../operation/catalogue.ts"
import type { OperationName } from "../operation/catalogue.ts"
import type { Check } from "../operation/operation.ts"
import { earlierNames } from "../operation/accessControl/earlierNames.ts"
import { invalid, missing } from "../operation/parameters.ts"
import type { OperationStore } from "../store/operationStore.ts"
import type { KeyMetadata } from "../records/rows.ts"
import type { Access } from "../authorization/access.ts"
import { callerArn, principalArn, resourceArn } from "../authorization/caller.ts"
import type { Caller } from "../authorization/caller.ts"
import { sessionPolicyName } from "../authorization/evaluate.ts"
import type { Ruling, StatementRef } from "../authorization/evaluate.ts"
import { keyPolicyName } from "../authorization/keyPolicy.ts"
import type { RamTables } from "../authorization/ramTables.ts"
import { roleOf, userOf } from "../ram/entities.ts"
import { parseReference } from "./keyReference.ts"
import { rootRefusal } from "./rootOnly.ts"

export interface Explainer {
  readonly tables: RamTables
  readonly access: Access["Service"]
  readonly directory: KeyDirectory["Service"]
  readonly store: OperationStore
  readonly serverAccount: AccountId
}

/** The resource of a check, after the lookup. */
interface Target {
  /** Undefined if there is no resource for the policies: an alias without a key. */
  readonly relative: string | undefined
  readonly key?: KeyActor
  /** Why the key does not exist; revealed only after the policies allowed the call. */
  readonly absent?: "Forbidden.KeyNotFound" | "Forbidden.AliasNotFound" | "Unsupported.Alias"
}

type Refused = Omit<Explained, "principal" | "checks">

const isKeyOperation = (name: string): name is KeyOperation => Object.hasOwn(rules, name)

export const checksOf = (name: OperationName): ReadonlyArray<Check> | "root" | "server-root" => {
  const { permission } = catalogue[name]
  switch (permission.on) {
    case "root":
    case "server-root":
      return permission.on
    case "nothing":
      return []
    case "found":
      return permission.checks
    case "key":
      return [{ of: "key", alias: permission.alias, ...(isKeyOperation(name) ? { gate: name } : {}) }]
    case "account":
    case "keys":
    case "aliases":
      return [{ of: permission.on }]
    default:
      return permission satisfies never
  }
}

/** The principal of that name. A role stands for a session without a session policy. */
export const callerNamed = (
  tables: RamTables,
  { account }: Realm,
  as: string
): Effect.Effect<Caller, ErrorOf<"EntityNotExist.User" | "EntityNotExist.Role">> => {
  if (as === "root") return Effect.succeed({ kind: "root", account })
  if (!as.startsWith("role/")) {
    const name = as.startsWith("user/") ? as.slice("user/".length) : as
    return Effect.map(Effect.fromResult(userOf(tables.entitiesOf(account), name)), ({ is }) => {
      return { kind: "user", account, name, userId: is.id }
    })
  }
  return Effect.map(Effect.fromResult(roleOf(tables.entitiesOf(account), as.slice("role/".length))), ({ name, is }) => {
    return { kind: "role", account, name, roleId: is.id, session: "explained", sessionPolicy: undefined, begun: [] }
  })
}

const keyTarget = ({ directory }: Explainer, realm: Realm, keyId: KeyId): Effect.Effect<Target> =>
  Effect.match(directory.find(realm, keyId), {
    onFailure: () => ({ relative: `key/${keyId}`, absent: "Forbidden.KeyNotFound" }) as const,
    onSuccess: (key) => ({ relative: `key/${keyId}`, key })
  })

const noKey = (absent: "Forbidden.AliasNotFound" | "Unsupported.Alias"): Target => ({ relative: undefined, absent })

const referred = (
  explainer: Explainer,
  realm: Realm,
  { text, alias }: { readonly text: string; readonly alias: boolean }
): Effect.Effect<Target, CallError> => {
  const reference = parseReference(realm, text)
  if (reference._tag === "Key") return keyTarget(explainer, realm, reference.keyId)
  if (reference._tag === "Unknown") return Effect.succeed({ relative: `key/${text}`, absent: "Forbidden.KeyNotFound" })
  if (!alias) return Effect.succeed(noKey("Unsupported.Alias"))
  return Effect.flatMap(explainer.store.alias(realm, reference.aliasName), (keyId) =>
    keyId === undefined ? Effect.succeed(noKey("Forbidden.AliasNotFound")) : keyTarget(explainer, realm, keyId)
  )
}

const targetOf = (
  explainer: Explainer,
  realm: Realm,
  check: Check,
  requested: Omit<WouldBe, "as">
): Effect.Effect<Target, CallError> => {
  const alias = check.alias === true
  switch (check.of) {
    case "account":
      return Effect.succeed({ relative: "*" })
    case "keys":
      return Effect.succeed({ relative: "key" })
    case "aliases":
      return Effect.succeed({ relative: "alias" })
    case "key":
      if (requested.keyId !== undefined) return referred(explainer, realm, { text: requested.keyId, alias })
      return check.orKeys === true ? Effect.succeed({ relative: "key" }) : Effect.fail(missing("KeyId"))
    case "destination": {
      const text = requested.destinationKeyId ?? requested.keyId
      return text === undefined ? Effect.fail(missing("DestinationKeyId")) : referred(explainer, realm, { text, alias })
    }
    case "alias":
      return requested.aliasName === undefined
        ? Effect.fail(missing("AliasName"))
        : Effect.succeed({ relative: requested.aliasName })
    case "aliased":
      return referred(explainer, realm, { text: requested.aliasName ?? "", alias: true })
    default:
      return check.of satisfies never
  }
}

const isBySession = (ruling: Ruling): boolean =>
  ruling.effect === "Implicit" ? ruling.bySession === true : ruling.by.policy === sessionPolicyName

/** The question to the policies. */
interface PolicyQuestion {
  readonly caller: Caller
  readonly action: string
  readonly resource: string
  /** The key whose policy is also evaluated. */
  readonly key: KeyMetadata | undefined
}

/** The other way to allow the action: the key's own policy. */
const inKeyPolicy = ({ caller, action }: PolicyQuestion): string => {
  const statement = { Effect: "Allow", Principal: { RAM: [principalArn(caller)] }, Action: action, Resource: "*" }
  return `Or add to the key's policy, by SetKeyPolicy, the statement ${JSON.stringify(statement)}.`
}

const denied = ({ policy, statement }: StatementRef, action: string): string =>
  policy === keyPolicyName
    ? `Remove ${action} from statement ${statement} of the key's policy, which denies it: call SetKeyPolicy.`
    : `Remove ${action} on it from statement ${statement} of the policy ${policy}, which denies it.`

const advice = (ruling: Ruling, requested: PolicyQuestion): string => {
  const { action, key, resource } = requested
  if (isBySession(ruling)) {
    return `Assume the role again, without a session policy or with one that allows ${action} on ${resource}.`
  }
  if (ruling.effect === "Deny") return denied(ruling.by, action)
  const statement = JSON.stringify({ Effect: "Allow", Action: action, Resource: resource })
  const attached = `Attach a policy with the statement ${statement}.`
  return key === undefined ? attached : `${attached} ${inKeyPolicy(requested)}`
}

const checkedBy = (ruling: Ruling, { action, resource, ...requested }: PolicyQuestion): Checked => ({
  action,
  resource,
  effect: ruling.effect,
  ...(ruling.effect === "Implicit" ? {} : { policy: ruling.by.policy, statement: ruling.by.statement }),
  ...(ruling.effect === "Allow" ? {} : { advice: advice(ruling, { action, resource, ...requested }) })
})

/** The error if the policies allow the call: the resource does not exist, or its state is wrong. */
const stateRefusal = ({ absent, key }: Target, gate: KeyOperation | undefined): Refused | undefined => {
  if (absent !== undefined) return { decision: "state", code: absent }
  const refusal = key === undefined || gate === undefined ? undefined : refusalOf(gate, key.snapshot())
  if (refusal === undefined) return undefined
  const { code, keyState, allowedStates, hint } = refusal
  return { decision: "state", code, keyState, allowedStates, hint }
}

const byPolicy = (hint: string | undefined): Refused => ({
  decision: "policy",
  code: "Forbidden.NoPermission",
  ...(hint === undefined ? {} : { hint })
})

const onlyRoot = (caller: Caller, action: string, refusal: string | undefined): Explained => {
  const principal = callerArn(caller)
  if (refusal === undefined) return { principal, decision: "ok", checks: [] }
  const check: Checked = { action, resource: "*", effect: "Implicit", advice: refusal }
  return { principal, checks: [check], ...byPolicy(refusal) }
}

/** An operation of RAM. The question does not name its resource, so the check is for all resources of the account. */
const inRam = (explainer: Explainer, caller: Caller, requested: Omit<WouldBe, "as">): Explained => {
  const resource = `acs:ram::${caller.account}:*`
  const question = { caller, action: `ram:${requested.operation}`, resource, key: undefined }
  const checked = ruled(explainer, question, requested.sourceIp)
  const principal = callerArn(caller)
  return checked.effect === "Allow"
    ? { principal, decision: "ok", checks: [checked] }
    : { principal, checks: [checked], ...byPolicy(checked.advice) }
}

/** The root of an account needs no policy, and no policy can deny it its own resources. */
const ruled = (explainer: Explainer, requested: PolicyQuestion, sourceIp: string | undefined): Checked => {
  const { caller, action, resource, key } = requested
  if (caller.kind === "root") return { action, resource, effect: "Allow" }
  const circumstances = { sourceIp, secureTransport: false }
  const ruling = explainer.access.rule({ caller, action, resource, circumstances, key })
  const checked = checkedBy(ruling, requested)
  return ruling.effect === "Allow"
    ? checked
    : { ...checked, grounds: explainer.access.groundsOf({ caller, key }, ruling) }
}

const unknownOperation = (name: string) =>
  invalid("Operation", `the name of an operation, such as ${nearest(name, Object.keys(catalogue)) ?? "Encrypt"}`)

/** The answer that a caller would get. A session is evaluated with its session policy. */
export const explainTo = Effect.fnUntraced(function* (
  explainer: Explainer,
  realm: Realm,
  caller: Caller,
  requested: Omit<WouldBe, "as">
) {
  if (!isOperationName(requested.operation)) return yield* Effect.fail(unknownOperation(requested.operation))
  if (Object.hasOwn(earlierNames, requested.operation)) return inRam(explainer, caller, requested)
  const wanted = checksOf(requested.operation)
  if (wanted === "root" || wanted === "server-root") {
    return onlyRoot(caller, `kms:${requested.operation}`, rootRefusal(wanted, caller, explainer.serverAccount))
  }
  const checks: Array<Checked> = []
  let refused: Refused | undefined
  for (const check of wanted) {
    const target = yield* targetOf(explainer, realm, check, requested)
    if (target.relative !== undefined) {
      const resource = resourceArn({ realm, relative: target.relative })
      const action = check.action ?? `kms:${requested.operation}`
      const question = { caller, action, resource, key: target.key?.metadata() }
      const checked = ruled(explainer, question, requested.sourceIp)
      checks.push(checked)
      if (checked.effect !== "Allow") refused ??= byPolicy(checked.advice)
    }
    refused ??= stateRefusal(target, check.gate)
  }
  const explained: Explained = { principal: callerArn(caller), checks, ...(refused ?? { decision: "ok" }) }
  return explained
})

export const explain = Effect.fnUntraced(function* (explainer: Explainer, realm: Realm, requested: WouldBe) {
  const caller = yield* callerNamed(explainer.tables, realm, requested.as)
  return yield* explainTo(explainer, realm, caller, requested)
})
