/** Sessions of roles: issued by the account's root, or begun by a trusted user or another session. */
import { Clock, Effect, Result } from "effect"
import type { RootKey } from "../crypto/seal.ts"
import { refuse } from "../domain/errors.ts"
import type { ErrorOf } from "../domain/errors.ts"
import { sessionChainMax } from "../domain/limits.ts"
import type { Randomness } from "../platform/services.ts"
import type { AccessControl, Assumed, Issued, SessionCredentials } from "./accessControl.ts"
import type { Role } from "../ram/records.ts"
import { roleOf } from "../ram/entities.ts"
import { issuedBy } from "../timers/sessionTime.ts"
import type { SessionTimes } from "../timers/sessionTime.ts"
import { callerArn } from "./caller.ts"
import type { Assumer, Begun } from "./caller.ts"
import { newPair } from "./keyPairs.ts"
import { formatPolicy, parsePolicy } from "./policy.ts"
import type { Policy } from "./policy.ts"
import type { RamTables } from "./ramTables.ts"
import { parseResourcePolicy, trustPolicyForm } from "./resourcePolicy.ts"
import { sealToken } from "./securityToken.ts"
import { isTrusted } from "./trust.ts"

/** The identity that assumes a role, and the circumstances of its request. */
export interface Asking {
  readonly by: Assumer
  /** The calls that led to the assumer's own session. */
  readonly before: ReadonlyArray<Begun>
  readonly sourceIp: string | undefined
  readonly secureTransport: boolean
}

export type AssumeError = ErrorOf<
  "NoPermission" | "EntityNotExist.Role" | "InvalidParameter.DurationSeconds" | "MalformedPolicyDocument"
>

export interface RoleSessions extends Pick<AccessControl, "issueSession"> {
  /** Begins a session of a role, if its trust policy allows it. The caller's own permission was checked before. */
  readonly assumeRole: (asking: Asking, wanted: Assumed) => Effect.Effect<SessionCredentials, AssumeError>
}

const malformed = (message: string) => refuse("MalformedPolicyDocument", { hint: message })

export const readPolicy = (document: string): Result.Result<Policy, ErrorOf<"MalformedPolicyDocument">> =>
  Result.mapError(parsePolicy(document), ({ message }) => malformed(message))

export const readTrust = (document: string): Result.Result<void, ErrorOf<"MalformedPolicyDocument">> =>
  Result.mapBoth(parseResourcePolicy(trustPolicyForm, document), {
    onSuccess: () => undefined,
    onFailure: ({ message }) => malformed(message)
  })

/**
 * One error for a role that does not exist and for one that may not be assumed. So names in other accounts stay secret.
 */
const notTrusted = () =>
  refuse("NoPermission", {
    detail: "You are not authorized to do this action. You should be authorized by RAM.",
    hint: "The role does not exist, or its trust policy does not name you or your account."
  })

const tooLongChain = () =>
  refuse("NoPermission", {
    detail: "You are not authorized to do this action. You should be authorized by RAM.",
    hint: `A chain of role sessions has at most ${sessionChainMax} links. Assume the role as a user.`
  })

interface Needs {
  readonly tables: RamTables
  readonly rootKey: RootKey
  readonly randomness: Randomness["Service"]
  /** The clock by which credentials expire. */
  readonly time: SessionTimes
}

export const makeRoleSessions = ({ tables, rootKey, randomness, time }: Needs): RoleSessions => {
  const session = Effect.fnUntraced(function* (role: Role, wanted: Issued, begun: ReadonlyArray<Begun>) {
    const narrowed = wanted.policy === undefined ? undefined : yield* Effect.fromResult(readPolicy(wanted.policy))
    const pair = newPair(randomness, "STS.")
    const { now, clock } = yield* issuedBy(time)
    const expiresAt = now + wanted.seconds * 1000
    const { account, name } = role
    const roleId = role.is.id
    const contents = {
      secret: pair.secret,
      account,
      role: name,
      roleId,
      session: wanted.session,
      expiresAt,
      ...clock,
      ...(begun.length === 0 ? {} : { begun }),
      ...(narrowed === undefined ? {} : { policy: formatPolicy(narrowed) })
    }
    const securityToken = sealToken(rootKey, pair.accessKeyId, contents)
    const caller = {
      kind: "role",
      account,
      name,
      roleId,
      session: wanted.session,
      sessionPolicy: narrowed,
      begun
    } as const
    return {
      ...pair,
      securityToken,
      expiresAt,
      account,
      role: name,
      roleId,
      session: wanted.session,
      arn: callerArn(caller)
    }
  })

  const issueSession: AccessControl["issueSession"] = Effect.fnUntraced(function* (by, wanted) {
    const role = yield* Effect.fromResult(roleOf(tables.entitiesOf(by.account), wanted.role))
    return yield* session(role, wanted, [])
  })

  const assumeRole: RoleSessions["assumeRole"] = Effect.fnUntraced(function* (asking, wanted) {
    const role = tables.entitiesOf(wanted.account).roles.get(wanted.role)
    if (role === undefined) {
      const isOwn = wanted.account === asking.by.account
      return yield* Effect.fail(isOwn ? refuse("EntityNotExist.Role") : notTrusted())
    }
    const { externalId } = wanted
    const at = yield* Clock.currentTimeMillis
    const { before, ...asked } = asking
    if (before.length >= sessionChainMax) return yield* Effect.fail(tooLongChain())
    const begun: Begun = { ...asked, at, session: wanted.session, externalId, trustRevision: role.is.trustRevision }
    if (!isTrusted(tables, role, begun)) return yield* Effect.fail(notTrusted())
    if (wanted.seconds > role.is.maxSessionSeconds) {
      return yield* refuse("InvalidParameter.DurationSeconds", {
        parameter: "DurationSeconds",
        detail: `${role.is.maxSessionSeconds}s`,
        hint: `Sessions of this role last at most ${role.is.maxSessionSeconds} seconds: its MaxSessionDuration.`
      })
    }
    return yield* session(role, wanted, [begun, ...before])
  })

  return { issueSession, assumeRole }
}
