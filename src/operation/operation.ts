/** What an operation is: a table of parameters, a permission, and a handler; and what a handler may call on. */
import type { Effect } from "effect"
import type { KeyOperation } from "../../machines/permits.ts"
import type { KeyActor } from "../actor/keyActor.ts"
import type { ImportDesk } from "../actor/importDesk.ts"
import type { KeyDirectory } from "../actor/keyDirectory.ts"
import type { Audit } from "../audit/audit.ts"
import type { AuditLog } from "../audit/auditLog.ts"
import type { Providers } from "../crypto/providers.ts"
import type { AssumeError } from "../authorization/roleSessions.ts"
import type { CallError, PermissionError } from "../domain/errorGroups.ts"
import type { AnyKmsError, ErrorCode, ErrorOf } from "../domain/errors.ts"
import type { Quotas } from "../domain/quotas.ts"
import type { AccountId, KeyId, Realm } from "../domain/ids.ts"
import type { ServiceSettings } from "../domain/settings.ts"
import type { Randomness } from "../platform/services.ts"
import type { OperationStore, ServerStore } from "../store/operationStore.ts"
import type { LifecycleClock } from "../timers/clock.ts"
import type { Timers } from "../timers/timers.ts"
import type {
  AccessControl,
  Assumed,
  Identity,
  KeyPolicies,
  SessionCredentials
} from "../authorization/accessControl.ts"
import { decoder } from "./parameters.ts"
import type { Conflict, Input, Parameters, ParametersOf, Request, Source } from "./parameters.ts"

/** The codes that a reference to a key can be refused with; `Alias` says whether an alias may stand for the key. */
export type LookupCode<Alias extends boolean> =
  | "Forbidden.KeyNotFound"
  | (Alias extends true ? "Forbidden.AliasNotFound" : "Unsupported.Alias")

export type LookupError<Alias extends boolean> = ErrorOf<LookupCode<Alias>> | CallError

interface FindKey {
  (reference: string, action: string, takes: { readonly alias: true }): Effect.Effect<KeyActor, LookupError<true>>
  (reference: string, action: string, takes: { readonly alias: false }): Effect.Effect<KeyActor, LookupError<false>>
}

/** Who calls, from where, and what may be asked of the call. */
export interface Call {
  readonly realm: Realm
  readonly principal: string
  readonly requestId: string
  readonly operation: string
  /** The operation as the audit log names it. */
  readonly recordedName: string
  readonly world: World
  /** Fails unless the caller may do `action` to something of the realm: `alias/orders`, `key`. */
  readonly authorize: (action: string, relative: string) => Effect.Effect<void, PermissionError>
  readonly identity: Identity
  /** Why the call may no longer be answered, if what it was allowed was taken away since. */
  readonly revoked: () => PermissionError | undefined
  /** Fails unless the caller may do `action` to a resource of RAM: `ram:GetUser`, `acs:ram::<account>:user/<name>`. */
  readonly authorizeRam: (action: string, arn: string) => Effect.Effect<void, PermissionError>
  /** Begins a session of a role, if the role's trust policy allows it. */
  readonly assumeRole: (wanted: Assumed) => Effect.Effect<SessionCredentials, AssumeError>
  /** A key by id or ARN, or by alias where one may stand for it; resolved once, and authorized for `action`. */
  readonly key: FindKey
  /** A key by its id, which a ciphertext or an alias named. */
  readonly keyById: (
    keyId: KeyId,
    action: string
  ) => Effect.Effect<KeyActor, ErrorOf<"Forbidden.KeyNotFound"> | CallError>
  /** Notes the key a call turned out to be about, for the audit log. */
  readonly about: (keyId: KeyId) => void
}

/** Members of the clock that change time for every account. */
type ClockChanges = Exclude<keyof LifecycleClock["Service"], "now" | "state">

/** The services a handler may use. They are gathered once, not for each request. */
export interface World {
  readonly directory: KeyDirectory["Service"]
  readonly store: OperationStore
  readonly clock: Omit<LifecycleClock["Service"], ClockChanges>
  readonly randomness: Randomness["Service"]
  readonly providers: Providers["Service"]
  readonly importDesk: ImportDesk["Service"]
  readonly access: AccessControl
  readonly keyPolicies: KeyPolicies
  /** What an account may hold in a region, where the operator set it. */
  readonly quotas: Partial<Quotas>
  readonly audit: Audit["Service"]
  readonly auditLog: AuditLog
  /** The account the server was started for. Its root administers the server. */
  readonly serverAccount: AccountId
}

/** The services of an operation that is reserved to the root of the server's own account. */
export interface ServerWorld extends World {
  readonly store: ServerStore
  readonly clock: LifecycleClock["Service"]
  readonly timers: Timers["Service"]
}

/** A call made by the root of the server's own account. */
export interface ServerCall extends Call {
  readonly world: ServerWorld
}

/** What a caller must be allowed to do, and to what (user guide, chapter 3; api reference 13.4). */
export type Permission =
  /** Any authenticated caller. */
  | { readonly on: "nothing" }
  /** The account as a whole: resource `*`. */
  | { readonly on: "account" }
  /** The key container. */
  | { readonly on: "keys" }
  /** The alias container. */
  | { readonly on: "aliases" }
  /** The key named by `KeyId`; `alias` says whether an alias may stand for it. */
  | { readonly on: "key"; readonly alias: boolean }
  /** Only the account's root: Keystate's own operations. */
  | { readonly on: "root" }
  /** Only the root of the server's own account: what concerns every account, such as the lifecycle clock. */
  | { readonly on: "server-root" }
  /**
   * What the handler finds by itself, in the ciphertext for one. It authorizes through its call; `says` tells what, and
   * `checks` the same for explanations.
   */
  | { readonly on: "found"; readonly says: string; readonly checks: ReadonlyArray<Check> }

/** One thing a call must be allowed, and the state it must be in. A handler asks its checks in the order they are listed. */
export interface Check {
  readonly of: "account" | "keys" | "aliases" | "alias" | "key" | "destination" | "aliased"
  /** `kms:<Operation>` unless it is another. */
  readonly action?: string
  /** Whether an alias may stand for the key. */
  readonly alias?: boolean
  /** What the key's state must permit. */
  readonly gate?: KeyOperation
  /** The key container is asked instead when no key is named. */
  readonly orKeys?: true
}

/** The listed errors of an operation, and those of every call. */
type Handled<A, Code extends ErrorCode> = Effect.Effect<A, ErrorOf<Code> | CallError>

/** An operation with its types closed over, as the catalogue lists it. */
export interface Operation<In, A, Code extends ErrorCode = ErrorCode> {
  /** The errors it can answer with, beside those of every call. */
  readonly errors: ReadonlyArray<Code>
  readonly parameters: Parameters
  readonly permission: Permission
  readonly about: string
  /** Whether a success is recorded in the transaction of its change, not beside it. */
  readonly changes: boolean
  /** Whether it uses key material: a use of a key that is to be deleted alarms. */
  readonly uses: boolean
  /** Whether a request may ask for a rehearsal (API, DryRun). */
  readonly rehearses: boolean
  readonly run: (source: Source, settings: ServiceSettings) => Prepared<A>
  /** Never present; carries the type of the request. */
  readonly input?: In
}

/** A request that was read. `handle` is asked once the call is authorized. */
export type Prepared<A> =
  | { readonly ok: false; readonly error: AnyKmsError }
  | {
      readonly ok: true
      /** The reference in `KeyId`, if the permission is on a key. */
      readonly reference: string | undefined
      /** The tags it puts on a key, for conditions on `acs:RequestTag`. */
      readonly requestTags: Readonly<Record<string, string>> | undefined
      /** A fault of the parameters that the account's access control finds. */
      readonly malformed: (call: Call) => AnyKmsError | undefined
      readonly handle: (call: ServerCall, key: KeyActor | undefined) => Effect.Effect<A, AnyKmsError>
    }

interface Definition<P extends Parameters, Code extends ErrorCode> {
  readonly about: string
  /** Every error it can answer with, beside those of every call. A handler that fails with another does not compile. */
  readonly errors: ReadonlyArray<Code>
  readonly Request: P
  /** Asked before anything is looked up, as the syntax of the parameters is. */
  readonly conflict?: Conflict<P, NoInfer<Code>>
  /** What only this account can find wrong, asked before anything is looked up. */
  readonly malformed?: (request: Request<P>, call: Call) => ErrorOf<NoInfer<Code>> | CallError | undefined
  /** The tags a request puts on a key. */
  readonly requestTags?: (request: Request<P>) => Readonly<Record<string, string>> | undefined
  readonly changes?: true
  readonly uses?: true
}

const rehearses = ({ DryRun }: Parameters): boolean => DryRun !== undefined && DryRun.refusal === undefined

/** An operation that is not about one named key. */
export const operation = <const P extends ParametersOf<Code>, A, const Code extends ErrorCode>(
  definition: Definition<P, Code> & {
    readonly permission: Exclude<Permission, { readonly on: "key" | "server-root" }>
    readonly handle: (request: Request<P>, call: Call) => Handled<A, NoInfer<Code>>
  }
): Operation<Input<P>, A, Code> => assembled(definition)

/** An operation for the root of the server's own account. Only its handler reaches what spans every account. */
export const serverOperation = <const P extends ParametersOf<Code>, A, const Code extends ErrorCode>(
  definition: Definition<P, Code> & {
    readonly handle: (request: Request<P>, call: ServerCall) => Handled<A, NoInfer<Code>>
  }
): Operation<Input<P>, A, Code> => assembled({ ...definition, permission: { on: "server-root" } })

const assembled = <const P extends Parameters, A, Code extends ErrorCode>(
  definition: Definition<P, Code> & {
    readonly permission: Exclude<Permission, { readonly on: "key" }>
    readonly handle: (request: Request<P>, call: ServerCall) => Handled<A, Code>
  }
): Operation<Input<P>, A, Code> => {
  const decode = decoder(definition.Request, definition.conflict)
  return {
    errors: definition.errors,
    parameters: definition.Request,
    permission: definition.permission,
    about: definition.about,
    changes: definition.changes === true,
    uses: definition.uses === true,
    rehearses: rehearses(definition.Request),
    run: (source, settings) => {
      const decoded = decode(source, settings)
      if (!decoded.ok) return decoded
      return {
        ok: true,
        reference: undefined,
        requestTags: definition.requestTags?.(decoded.request),
        malformed: (call) => definition.malformed?.(decoded.request, call),
        handle: (call) => definition.handle(decoded.request, call)
      }
    }
  }
}

/** Does not compile unless `Code` has all that is needed; the compiler names what is missing. */
type Lists<Code, Needed> = [Needed] extends [Code]
  ? unknown
  : { readonly errors: { readonly lacks: Exclude<Needed, Code> } }

/** An operation on the key named by `KeyId`. */
export const keyOperation = <
  const P extends ParametersOf<Code> & { readonly KeyId: Parameters[string] & { readonly required: true } },
  A,
  Alias extends boolean,
  const Code extends ErrorCode
>(
  definition: Definition<P, Code> &
    Lists<NoInfer<Code>, LookupCode<Alias>> & {
      readonly permission: { readonly on: "key"; readonly alias: Alias }
      readonly handle: (request: Request<P>, call: Call, key: KeyActor) => Handled<A, NoInfer<Code>>
    }
): Operation<Input<P>, A, Code> => {
  const decode = decoder(definition.Request, definition.conflict)
  return {
    errors: definition.errors,
    parameters: definition.Request,
    permission: definition.permission,
    about: definition.about,
    changes: definition.changes === true,
    uses: definition.uses === true,
    rehearses: rehearses(definition.Request),
    run: (source, settings) => {
      const decoded = decode(source, settings)
      if (!decoded.ok) return decoded
      return {
        ok: true,
        reference: String(decoded.request.KeyId),
        requestTags: definition.requestTags?.(decoded.request),
        malformed: (call) => definition.malformed?.(decoded.request, call),
        handle: (call, key) => {
          if (key === undefined) throw new Error("an operation on a key is handled with its key")
          return definition.handle(decoded.request, call, key)
        }
      }
    }
  }
}
