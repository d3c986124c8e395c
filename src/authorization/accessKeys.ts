/** The access keys requests are signed with: of roots, of users, and of those who assumed a role. */
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

/** A pair given by whoever starts the service, instead of one of its own making. */
export type GivenAccessKey = AccessKeyPair

export type AccessKeyFault = "InvalidAccessKeyId.NotFound" | "InvalidSecurityToken.Expired" | TokenFault

type Found = Result.Result<AccessKey, AccessKeyFault>

export class AccessKeys extends Context.Service<
  AccessKeys,
  {
    /** `nowMillis` is real time: temporary access keys expire by it, or by the lifecycle clock if they were made so. */
    readonly find: (accessKeyId: string, securityToken: string | undefined, nowMillis: number) => Found
    /** Answers when every change that was acknowledged before, through any engine, is in force here. */
    readonly current: Effect.Effect<void, ServiceError>
    readonly root: AccessKey
    /** Whether the root pair is of our making and nobody was shown its secret yet. */
    readonly rootIsUnseen: boolean
    /** Somebody was shown the secret. */
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

/** Nothing of a session is kept: its token says what it is. Whether its role is still there is asked with each call. */
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
