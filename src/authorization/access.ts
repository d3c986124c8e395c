/** Decides whether a caller may perform an action on a resource, by the current policies of the caller and the key. */
import { Clock, Context, Effect, Layer } from "effect"
import type { Attachment } from "../ram/records.ts"
import type { Attributes } from "./attributes.ts"
import { principalArn } from "./caller.ts"
import type { Caller } from "./caller.ts"
import { evaluate, evaluateWithSession, sessionPolicyName } from "./evaluate.ts"
import type { NamedPolicy, Question, Ruling } from "./evaluate.ts"
import { keyPolicyName, keyPolicyStatement, makeKeyPolicies, together } from "./keyPolicy.ts"
import { formatStatement } from "./policy.ts"
import { Ram } from "./ram.ts"
import type { RamService } from "./ram.ts"
import type { RamTables } from "./ramTables.ts"
import { isThere } from "./trust.ts"
import type { KeyMetadata } from "../records/rows.ts"

/** The circumstances of a request that conditions of policies can test. */
export interface Circumstances {
  readonly sourceIp: string | undefined
  readonly secureTransport: boolean
}

export interface Wanted {
  readonly caller: Caller
  readonly action: string
  /** ARN. */
  readonly resource: string
  readonly circumstances: Circumstances | undefined
  /** The key of the request, if there is one: its tags and its policy. */
  readonly key: KeyMetadata | undefined
  /** The tags of the requested role or policy, if the request is not about a key. */
  readonly resourceTags?: Readonly<Record<string, string>> | undefined
  /** Tags that the request adds to a key. */
  readonly requestTags?: Readonly<Record<string, string>> | undefined
}

/** What a ruling is based on. */
export interface Grounds {
  /** The names of the policies that were evaluated. */
  readonly policies: ReadonlyArray<string>
  /** The statement that decided, as JSON; undefined if none covers the request. */
  readonly statement: string | undefined
}

export class Access extends Context.Service<
  Access,
  {
    readonly rule: (wanted: Wanted) => Ruling
    /** What a ruling is based on. Must be called in the same turn as `rule`, before a policy can change. */
    readonly groundsOf: (wanted: Pick<Wanted, "caller" | "key">, ruling: Ruling) => Grounds
    /** Whether the caller still exists and its session is still valid. */
    readonly stands: (caller: Caller) => boolean
    readonly assumeRole: RamService["assumeRole"]
  }
>()("keystate/authorization/Access") {
  static readonly layer: Layer.Layer<Access, never, Ram> = Layer.effect(
    Access,
    Effect.gen(function* () {
      const { assumeRole, tables } = yield* Ram
      const wall = yield* Clock.Clock
      const ruleOfKey = makeKeyPolicies()
      return {
        assumeRole,
        groundsOf: ({ caller, key }, ruling) => {
          const attached = tables.attached(caller.account, attachedTo(tables, caller) ?? [])
          return groundsIn(withSession(caller, attached), key?.policy, ruling)
        },
        stands: (caller) => isThere(tables, caller),
        rule: ({ caller, action, resource, circumstances, key, resourceTags, requestTags }) => {
          const attached = attachedTo(tables, caller)
          if (attached === undefined) return { effect: "Implicit" }
          const about = { caller, circumstances, requestTags, resourceTags: key?.tags ?? resourceTags }
          const question = { action, resource, attributes: attributesOf(about, wall.currentTimeMillisUnsafe()) }
          const ofCaller = ruleOfCaller(caller, tables.attached(caller.account, attached), question)
          return key?.policy === undefined ? ofCaller : together(ofCaller, ruleOfKey(key, caller, question))
        }
      }
    })
  )
}

type About = Pick<Wanted, "caller" | "circumstances" | "requestTags" | "resourceTags">

/** What conditions can test of a request, at a real time in milliseconds. */
export const attributesOf = (
  { caller, circumstances, requestTags, resourceTags }: About,
  currentTimeMillis: number
): Attributes => ({
  currentTimeMillis,
  secureTransport: circumstances?.secureTransport ?? false,
  sourceIp: circumstances?.sourceIp,
  mfaPresent: undefined,
  tags: new Map(Object.entries(resourceTags ?? {})),
  requestTags: new Map(Object.entries(requestTags ?? {})),
  principalArn: principalArn(caller)
})

const ruleOfCaller = (caller: Caller, policies: ReadonlyArray<NamedPolicy>, question: Question): Ruling =>
  caller.kind !== "role" || caller.sessionPolicy === undefined
    ? evaluate(policies, question)
    : evaluateWithSession(policies, { name: sessionPolicyName, policy: caller.sessionPolicy }, question)

const withSession = (caller: Caller, policies: ReadonlyArray<NamedPolicy>): ReadonlyArray<NamedPolicy> =>
  caller.kind !== "role" || caller.sessionPolicy === undefined
    ? policies
    : [{ name: sessionPolicyName, policy: caller.sessionPolicy }, ...policies]

/** A name belongs to one policy: no policy of RAM has the name of a system policy, or one in parentheses. */
const groundsIn = (policies: ReadonlyArray<NamedPolicy>, ofKey: string | undefined, ruling: Ruling): Grounds => {
  const names = new Set([...policies.map(({ name }) => name), ...(ofKey === undefined ? [] : [keyPolicyName])])
  if (ruling.effect === "Implicit") {
    return { policies: ruling.bySession === true ? [sessionPolicyName] : [...names], statement: undefined }
  }
  const { policy, statement } = ruling.by
  if (policy === keyPolicyName) {
    return { policies: [...names], statement: ofKey === undefined ? undefined : keyPolicyStatement(ofKey, statement) }
  }
  const found = policies.find(({ name }) => name === policy)?.policy.statements[statement]
  return { policies: [...names], statement: found === undefined ? undefined : formatStatement(found) }
}

/**
 * The policies of the caller and of its groups; undefined if the caller was deleted. A root has no policies and needs
 * none.
 */
const attachedTo = (tables: RamTables, caller: Caller): ReadonlyArray<Attachment> | undefined => {
  const entities = tables.entitiesOf(caller.account)
  switch (caller.kind) {
    case "root":
      return []
    case "user": {
      const user = entities.users.get(caller.name)
      if (user?.is.id !== caller.userId) return undefined
      const { policies, groups } = user.is
      return groups.length === 0
        ? policies
        : [...policies, ...groups.flatMap(({ name }) => entities.groups.get(name)?.is.policies ?? [])]
    }
    case "role": {
      const role = entities.roles.get(caller.name)
      return role?.is.id === caller.roleId ? role.is.policies : undefined
    }
    default:
      return caller satisfies never
  }
}
