/** A call in progress: the functions for its handler, each with its permission check, and the keys that it concerns. */
import { Effect } from "effect"
import type { KeyActor } from "../actor/keyActor.ts"
import { refuse } from "../domain/errors.ts"
import type { CallError, PermissionError } from "../domain/errorGroups.ts"
import type { AnyKmsError, ErrorOf } from "../domain/errors.ts"
import type { KeyId, Realm } from "../domain/ids.ts"
import type { Assumed, Identity, SessionCredentials } from "../authorization/accessControl.ts"
import type { LookupError, ServerCall, ServerServices } from "../operation/operation.ts"
import type { Source } from "../operation/parameters.ts"
import type { Access, Circumstances } from "../authorization/access.ts"
import { recordedName } from "../operation/apis.ts"
import type { ApiName } from "../operation/apis.ts"
import { callerArn, resourceArn } from "../authorization/caller.ts"
import type { Caller } from "../authorization/caller.ts"
import type { Proof } from "../proof/proofs.ts"
import type { NonceUse } from "../store/store.ts"
import { parseReference } from "./keyReference.ts"
import { notGranted } from "./notGranted.ts"
import type { Proven } from "./proven.ts"
import { assumerOf } from "../authorization/trust.ts"
import type { AssumeError } from "../authorization/roleSessions.ts"
import type { AccountEntities } from "../ram/entities.ts"

/** What an entry point adds to the proof of a call, and how it handles the answer. */
export interface EntryPoint {
  /** The nonce of a signed request. */
  readonly nonce: NonceUse
  /** Why the proof makes the request invalid. Access control is up to date when this is called. */
  readonly refusal: (proof: Proof) => AnyKmsError | undefined
}

export interface CallRequest {
  readonly operation: string
  readonly source: Source
  readonly caller: Caller
  readonly realm: Realm
  readonly requestId: string
  /** The error if the answer's format cannot carry these members; absent if it carries all text. */
  readonly unwritable?: ((members: object) => AnyKmsError | undefined) | undefined
  /** The circumstances of the request; absent for calls within the process. */
  readonly circumstances?: Circumstances
  /** The access key that signed, if one did. */
  readonly accessKeyId?: string | undefined
  /** The API of the operation; KMS if absent. */
  readonly api?: ApiName
  /** Called with the key of the call when the call is answered. */
  readonly tellKey?: ((keyId: KeyId | null) => void) | undefined
  /** What the audit record names beside the key; absent for calls of the API. */
  readonly subject?: string | undefined
  /** Absent for calls that only the caller's permission can stop. */
  readonly entryPoint?: EntryPoint | undefined
}

type Tags = Readonly<Record<string, string>>

const identityOf = (caller: Caller): Identity => {
  const { account, kind } = caller
  const arn = callerArn(caller)
  if (caller.kind === "root") return { kind, account, arn }
  const { name } = caller
  return caller.kind === "user"
    ? { kind, account, arn, name, id: caller.userId }
    : { kind, account, arn, name, id: caller.roleId, session: caller.session }
}

const taggedArn = /^acs:ram::([0-9]+):(role|policy)\/(.+)$/

/** The tags of a role or a policy of the account, for conditions on `acs:ResourceTag`. */
const ramTags = (entities: AccountEntities, arn: string): Tags | undefined => {
  const [, account, kind, name = ""] = taggedArn.exec(arn) ?? []
  if (account !== entities.account) return undefined
  return (kind === "role" ? entities.roles : entities.policies).get(name)?.is.tags
}

/** The text of RAM and STS; KMS has a different one. */
const notAuthorized = "You are not authorized to do this action. You should be authorized by RAM."

/** An operation of RAM or STS that the call was allowed. */
interface AllowedInRam {
  readonly action: string
  readonly arn: string
}

/** An action on a resource that the call was allowed. */
interface Allowed {
  readonly action: string
  readonly relative: string
  readonly key: KeyActor | undefined
}

/** The services that all calls share. */
interface Serving {
  readonly services: ServerServices
  readonly access: Access["Service"]
}

/** One object for each call, with methods on the prototype for speed. Its methods must not be detached. */
export class CallUnderWay implements ServerCall {
  readonly requested: CallRequest
  readonly principal: string
  readonly services: ServerServices
  readonly #access: Access["Service"]
  readonly #allowed: Array<Allowed> = []
  readonly #allowedInRam: Array<AllowedInRam> = []
  /** If there are several keys, an error is recorded for the last one looked up, any other outcome for the first. */
  first: KeyId | null = null
  latest: KeyId | null = null
  /** The state of the store when the call arrived; undefined if this engine is the only one. */
  readonly proven: Proven | undefined
  /** Tags that the request adds to a key, after its parameters are parsed. */
  requestTags: Tags | undefined = undefined

  constructor(requested: CallRequest, principal: string, { services, access }: Serving, proven?: Proven) {
    this.requested = requested
    this.proven = proven
    this.principal = principal
    this.services = services
    this.#access = access
  }

  get realm(): Realm {
    return this.requested.realm
  }
  get requestId(): string {
    return this.requested.requestId
  }
  get operation(): string {
    return this.requested.operation
  }

  get recordedName(): string {
    return recordedName(this.requested.api ?? "kms", this.operation) ?? "unknown"
  }
  get identity(): Identity {
    return identityOf(this.requested.caller)
  }

  about(keyId: KeyId): void {
    this.first ??= keyId
    this.latest = keyId
  }

  authorize(action: string, relative: string, key?: KeyActor): Effect.Effect<void, PermissionError> {
    if (this.requested.caller.kind === "root") return Effect.void
    const wanted = { action, relative, key }
    const refusal = this.#refusalOf(wanted)
    if (refusal !== undefined) return Effect.fail(refusal)
    this.#allowed.push(wanted)
    return Effect.void
  }

  /**
   * The error of a call whose permission was removed while it was in progress. Checked in a key's turn before a change,
   * and before the answer of a use or a read that had to wait.
   */
  revoked(): PermissionError | undefined {
    const { caller } = this.requested
    if (caller.kind === "root") return undefined
    if (!this.#access.stands(caller)) return this.gone()
    for (const wanted of this.#allowed) {
      const refusal = this.#refusalOf(wanted)
      if (refusal !== undefined) return refusal
    }
    for (const wanted of this.#allowedInRam) {
      const refusal = this.#refusalInRam(wanted)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  #refusalOf({ action, relative, key }: Allowed): PermissionError | undefined {
    const { caller, circumstances, realm } = this.requested
    const resource = resourceArn({ realm, relative })
    const { requestTags } = this
    const ruling = this.#access.rule({ caller, action, resource, circumstances, key: key?.metadata(), requestTags })
    return ruling.effect === "Allow" ? undefined : notGranted(caller, action, resource)
  }

  /** The error for credentials whose user or role was deleted, or whose session ended. */
  gone(): PermissionError {
    const hint =
      "The user or role of these credentials was deleted, or the session ended because a condition for it no longer holds."
    return this.forbidden("*", hint)
  }

  /** The permission error, with the text of the API. */
  forbidden(resource: string, hint: string): PermissionError {
    const { api = "kms" } = this.requested
    return api === "kms"
      ? refuse("Forbidden.NoPermission", { resource, hint })
      : refuse("NoPermission", { detail: notAuthorized, resource, hint })
  }

  authorizeRam(action: string, arn: string): Effect.Effect<void, PermissionError> {
    if (this.requested.caller.kind === "root") return Effect.void
    const wanted = { action, arn }
    const refusal = this.#refusalInRam(wanted)
    if (refusal !== undefined) return Effect.fail(refusal)
    this.#allowedInRam.push(wanted)
    return Effect.void
  }

  #refusalInRam({ action, arn }: AllowedInRam): PermissionError | undefined {
    const { caller, circumstances } = this.requested
    const resourceTags = ramTags(this.services.access.entitiesOf(caller.account), arn)
    const { requestTags } = this
    const requested = { caller, action, resource: arn, circumstances, key: undefined, resourceTags, requestTags }
    if (this.#access.rule(requested).effect === "Allow") return undefined
    return this.forbidden(arn, `The policies of ${callerArn(caller)} do not grant ${action} on ${arn}.`)
  }

  assumeRole(wanted: Assumed): Effect.Effect<SessionCredentials, AssumeError> {
    const { accessKeyId, caller, circumstances } = this.requested
    if (caller.kind === "root") {
      const hint = "Sign with the access key of a user, or with the credentials of a session."
      return Effect.fail(refuse("NoPermission", { detail: "Roles may not be assumed by root accounts.", hint }))
    }
    const { sourceIp, secureTransport = false } = circumstances ?? {}
    const before = caller.kind === "role" ? caller.begun : []
    return this.#access.assumeRole({ by: assumerOf(caller, accessKeyId), before, sourceIp, secureTransport }, wanted)
  }

  key(text: string, action: string, takes: { readonly alias: true }): Effect.Effect<KeyActor, LookupError<true>>
  key(text: string, action: string, takes: { readonly alias: false }): Effect.Effect<KeyActor, LookupError<false>>
  key(text: string, action: string, takes: { readonly alias: boolean }): Effect.Effect<KeyActor, LookupError<boolean>>
  key(
    text: string,
    action: string,
    { alias }: { readonly alias: boolean }
  ): Effect.Effect<KeyActor, LookupError<boolean>> {
    const { directory, store } = this.services
    const awake = directory.awake(text)
    if (awake !== undefined) return this.keyById(awake, action)
    const reference = parseReference(this.realm, text)
    if (reference._tag === "Key") return this.keyById(reference.keyId, action)
    if (reference._tag === "Unknown") {
      return Effect.andThen(this.authorize(action, `key/${text}`), Effect.fail(refuse("Forbidden.KeyNotFound")))
    }
    if (!alias) {
      return Effect.fail(
        refuse("Unsupported.Alias", { hint: "Give the key id; this operation does not accept an alias." })
      )
    }
    const proven = this.proven?.alias(reference.aliasName)
    if (proven !== undefined) return this.#keyBoundTo(proven.keyId, action)
    return Effect.flatMap(store.alias(this.realm, reference.aliasName), (keyId) => this.#keyBoundTo(keyId, action))
  }

  #keyBoundTo(keyId: KeyId | undefined, action: string): Effect.Effect<KeyActor, LookupError<true>> {
    return keyId === undefined ? Effect.fail(refuse("Forbidden.AliasNotFound")) : this.keyById(keyId, action)
  }

  /**
   * Permission is checked before existence: without permission, an unknown key looks like a forbidden one. The key is
   * still looked up first, because the check needs its policy and tags.
   */
  keyById(keyId: KeyId, action: string): Effect.Effect<KeyActor, ErrorOf<"Forbidden.KeyNotFound"> | CallError> {
    this.about(keyId)
    const found = this.services.directory.find(this.realm, keyId, this.proven?.key(keyId))
    if (this.requested.caller.kind === "root") return found
    const place = `key/${keyId}`
    return Effect.matchEffect(found, {
      onFailure: (error) => Effect.andThen(this.authorize(action, place), Effect.fail(error)),
      onSuccess: (key) => Effect.as(this.authorize(action, place, key), key)
    })
  }
}
