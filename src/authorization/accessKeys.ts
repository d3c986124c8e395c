/** The access keys that sign requests: those of roots, of users, and of role sessions. */
import { Context, Effect, Layer, Result } from "effect"
import { HeldRootKey } from "../crypto/heldRootKey.ts"
import type { RootKey } from "../crypto/seal.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import type { AccessKeyPair } from "./accessControl.ts"
import { parsePolicy } from "./policy.ts"
import { SessionTime } from "../timers/sessionTime.ts"
import { Ram } from "./ram.ts"
import type { AccessKey } from "./ramTables.ts"
import { openToken } from "./securityToken.ts"
import type { TokenFault } from "./securityToken.ts"

export type { AccessKey } from "./ramTables.ts"

/** A root pair that is supplied at the start, instead of a generated one. */
export type GivenAccessKey = AccessKeyPair

export type AccessKeyFault = "InvalidAccessKeyId.NotFound" | "InvalidSecurityToken.Expired" | TokenFault

type Found = Result.Result<AccessKey, AccessKeyFault>

export class AccessKeys extends Context.Service<
  AccessKeys,
  {
    /**
     * `nowMillis` is real time. Temporary access keys expire by it, or by the lifecycle clock if they were issued that
     * way.
     */
    readonly find: (accessKeyId: string, securityToken: string | undefined, nowMillis: number) => Found
    /** Returns when every change that any engine acknowledged earlier is in force here. */
    readonly current: Effect.Effect<void, ServiceError>
    readonly root: AccessKey
    /** Whether the root pair was generated here and its secret has not been shown. */
    readonly rootIsUnseen: boolean
    /** Records that the secret was shown. */
    readonly rootSeen: Effect.Effect<void>
  }
>()("keystate/authorization/AccessKeys") {
  static readonly layer: Layer.Layer<AccessKeys, never, Ram | HeldRootKey> = Layer.effect(
    AccessKeys,
    Effect.gen(function* () {
      const { accessKey, current, root, rootIsUnseen, rootSeen } = yield* Ram
      const { rootKey } = yield* HeldRootKey
      const { lifecycleNow } = yield* SessionTime
      const lasting = (accessKeyId: string, securityToken: string | undefined): Found => {
        const found = accessKey(accessKeyId)
        if (found === undefined) return Result.fail("InvalidAccessKeyId.NotFound")
        return found.active && securityToken !== undefined
          ? Result.fail("InvalidSecurityToken.MismatchWithAccessKey")
          : Result.succeed(found)
      }
      return {
        find: (accessKeyId, securityToken, nowMillis) =>
          securityToken !== undefined && accessKeyId.startsWith("STS.")
            ? temporary(rootKey, { accessKeyId, securityToken, nowMillis, lifecycleNow })
            : lasting(accessKeyId, securityToken),
        current,
        root,
        rootIsUnseen,
        rootSeen
      }
    })
  )
}

interface Presented {
  readonly accessKeyId: string
  readonly securityToken: string
  readonly nowMillis: number
  readonly lifecycleNow: () => number
}

/** No data of a session is stored: its token contains it. Every call checks that its role still exists. */
const temporary = (rootKey: RootKey, presented: Presented): Found =>
  Result.gen(function* () {
    const { accessKeyId, securityToken, nowMillis, lifecycleNow } = presented
    const {
      secret,
      account,
      role,
      roleId,
      session,
      policy,
      begun = [],
      expiresAt,
      clock
    } = yield* openToken(rootKey, accessKeyId, securityToken)
    const now = clock === "lifecycle" ? lifecycleNow() : nowMillis
    if (expiresAt <= now) return yield* Result.fail("InvalidSecurityToken.Expired" as const)
    const sessionPolicy =
      policy === undefined
        ? undefined
        : yield* Result.mapError(parsePolicy(policy), () => "InvalidSecurityToken.Malformed" as const)
    const caller = { kind: "role", account, name: role, roleId, session, sessionPolicy, begun } as const
    return { accessKeyId, secret, active: true, caller }
  })
