/** The definition of an operation: a table of parameters, a permission and a handler; and the services of a handler. */
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

/** The codes with which a reference to a key can be refused; `Alias` says whether an alias may name the key. */
export type LookupCode<Alias extends boolean> =
  | "Forbidden.KeyNotFound"
  | (Alias extends true ? "Forbidden.AliasNotFound" : "Unsupported.Alias")

export type LookupError<Alias extends boolean> = ErrorOf<LookupCode<Alias>> | CallError

interface FindKey {
  (reference: string, action: string, takes: { readonly alias: true }): Effect.Effect<KeyActor, LookupError<true>>
  (reference: string, action: string, takes: { readonly alias: false }): Effect.Effect<KeyActor, LookupError<false>>
}

/** The caller, the address, and the functions that a handler may call for this request. */
export interface Call {
  readonly realm: Realm
  readonly principal: string
  readonly requestId: string
  readonly operation: string
  /** The name of the operation in the audit log. */
  readonly recordedName: string
  readonly services: CallServices
  /** Fails unless the caller may do `action` to a resource of the realm: `alias/orders`, `key`. */
  readonly authorize: (action: string, relative: string) => Effect.Effect<void, PermissionError>
  readonly identity: Identity
  /** The error of a call whose permission was removed since its check; undefined while it may be answered. */
  readonly revoked: () => PermissionError | undefined
  /** Fails unless the caller may do `action` to a resource of RAM: `ram:GetUser`, `acs:ram::<account>:user/<name>`. */
  readonly authorizeRam: (action: string, arn: string) => Effect.Effect<void, PermissionError>
  /** Begins a session of a role, if the role's trust policy allows it. */
  readonly assumeRole: (wanted: Assumed) => Effect.Effect<SessionCredentials, AssumeError>
  /** Finds a key by id or ARN, or by alias where one is allowed. It is resolved once, and authorized for `action`. */
  readonly key: FindKey
  /** Finds a key by its id, which a ciphertext or an alias named. */
  readonly keyById: (
    keyId: KeyId,
    action: string
  ) => Effect.Effect<KeyActor, ErrorOf<"Forbidden.KeyNotFound"> | CallError>
  /** Records in the audit log the key that the call turned out to concern. */
  readonly about: (keyId: KeyId) => void
}

/** Members of the clock that change the time of all accounts. */
type ClockChanges = Exclude<keyof LifecycleClock["Service"], "now" | "state">

/** The services that a handler may use. They are gathered once, not for each request. */
export interface CallServices {
  readonly directory: KeyDirectory["Service"]
  readonly store: OperationStore
  readonly clock: Omit<LifecycleClock["Service"], ClockChanges>
  readonly randomness: Randomness["Service"]
  readonly providers: Providers["Service"]
  readonly importDesk: ImportDesk["Service"]
  readonly access: AccessControl
  readonly keyPolicies: KeyPolicies
  /** The quotas of an account in a region that the operator set. */
  readonly quotas: Partial<Quotas>
  readonly audit: Audit["Service"]
  readonly auditLog: AuditLog
  /** The account that the server was started with. Its root administers the server. */
  readonly serverAccount: AccountId
}

/** The services of an operation that is reserved for the root of the server's own account. */
export interface ServerServices extends CallServices {
  readonly store: ServerStore
  readonly clock: LifecycleClock["Service"]
  readonly timers: Timers["Service"]
}

/** A call by the root of the server's own account. */
export interface ServerCall extends Call {
  readonly services: ServerServices
}

/** The action that the caller must be permitted, and its resource (user guide, chapter 3; api reference 13.4). */
export type Permission =
  /** Any authenticated caller. */
  | { readonly on: "nothing" }
  /** The account as a whole: resource `*`. */
  | { readonly on: "account" }
  /** The key container. */
  | { readonly on: "keys" }
  /** The alias container. */
  | { readonly on: "aliases" }
  /** The key that `KeyId` names; `alias` says whether an alias may name it. */
  | { readonly on: "key"; readonly alias: boolean }
  /** Only the account's root: operations of Keystate only. */
  | { readonly on: "root" }
  /** Only the root of the server's own account: operations that concern all accounts, such as the lifecycle clock. */
  | { readonly on: "server-root" }
  /**
   * A resource that the handler finds, for example in the ciphertext. The handler authorizes through its call. `says`
   * describes the permission, and `checks` lists it for explanations.
   */
  | { readonly on: "found"; readonly says: string; readonly checks: ReadonlyArray<Check> }

/** One permission that a call needs, and the gate of the key's state. A handler makes its checks in this order. */
export interface Check {
  readonly of: "account" | "keys" | "aliases" | "alias" | "key" | "destination" | "aliased"
  /** `kms:<Operation>` if absent. */
  readonly action?: string
  /** Whether an alias may name the key. */
  readonly alias?: boolean
  /** The operation that the key's state must permit. */
  readonly gate?: KeyOperation
  /** If no key is named, the permission is checked on the key container. */
  readonly orKeys?: true
}

/** The listed errors of an operation, and those of every call. */
type Handled<A, Code extends ErrorCode> = Effect.Effect<A, ErrorOf<Code> | CallError>

/** An operation with its types closed over, as the catalogue lists it. */
export interface Operation<In, A, Code extends ErrorCode = ErrorCode> {
  /** The errors of this operation, in addition to those of every call. */
  readonly errors: ReadonlyArray<Code>
  readonly parameters: Parameters
  readonly permission: Permission
  readonly about: string
  /** Whether a success is recorded in the transaction of its change rather than separately. */
  readonly changes: boolean
  /** Whether it uses key material: a use of a key in PendingDeletion raises an alarm. */
  readonly uses: boolean
  /** Whether a request may set DryRun (API, DryRun). */
  readonly rehearses: boolean
  readonly run: (source: Source, settings: ServiceSettings) => Prepared<A>
  /** Never present; carries the type of the request. */
  readonly input?: In
}

/** A parsed request. `handle` is called after the call is authorized. */
export type Prepared<A> =
  | { readonly ok: false; readonly error: AnyKmsError }
  | {
      readonly ok: true
      /** The reference in `KeyId`, if the permission is on a key. */
      readonly reference: string | undefined
      /** The tags that it adds to a key, for conditions on `acs:RequestTag`. */
      readonly requestTags: Readonly<Record<string, string>> | undefined
      /** A fault of the parameters that the account's access control finds. */
      readonly malformed: (call: Call) => AnyKmsError | undefined
      readonly handle: (call: ServerCall, key: KeyActor | undefined) => Effect.Effect<A, AnyKmsError>
    }

interface Definition<P extends Parameters, Code extends ErrorCode> {
  readonly about: string
  /**
   * Every error of this operation, in addition to those of every call. A handler that fails with another does not
   * compile.
   */
  readonly errors: ReadonlyArray<Code>
  readonly Request: P
  /** Checked before anything is looked up, together with the syntax of the parameters. */
  readonly conflict?: Conflict<P, NoInfer<Code>>
  /** A fault that depends on the account. It is checked before anything is looked up. */
  readonly malformed?: (request: Request<P>, call: Call) => ErrorOf<NoInfer<Code>> | CallError | undefined
  /** The tags that a request adds to a key. */
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

/**
 * An operation for the root of the server's own account. Only its handler can reach services that concern all accounts.
 */
export const serverOperation = <const P extends ParametersOf<Code>, A, const Code extends ErrorCode>(
  definition: Definition<P, Code> & {
    readonly handle: (request: Request<P>, call: ServerCall) => Handled<A, NoInfer<Code>>
  }
): Operation<Input<P>, A, Code> => assembled({ ...definition, permission: { on: "server-root" } })

const assembled = <const P extends Parameters, A, Code extends ErrorCode>(
  definition: Definition<P, Code> & {
    readonly permission: Permission
    readonly handle: (request: Request<P>, call: ServerCall, key: KeyActor | undefined) => Handled<A, Code>
  },
  referenceOf?: (request: Request<P>) => string
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
        reference: referenceOf?.(decoded.request),
        requestTags: definition.requestTags?.(decoded.request),
        malformed: (call) => definition.malformed?.(decoded.request, call),
        handle: (call, key) => definition.handle(decoded.request, call, key)
      }
    }
  }
}

/** Does not compile unless `Code` includes all needed codes; the compiler names the missing ones. */
type Lists<Code, Needed> = [Needed] extends [Code]
  ? unknown
  : { readonly errors: { readonly lacks: Exclude<Needed, Code> } }

/** An operation on the key that `KeyId` names. */
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
): Operation<Input<P>, A, Code> =>
  assembled(
    {
      ...definition,
      handle: (request, call, key) => {
        if (key === undefined) throw new Error("an operation on a key is handled with its key")
        return definition.handle(request, call, key)
      }
    },
    ({ KeyId }) => String(KeyId)
  )
