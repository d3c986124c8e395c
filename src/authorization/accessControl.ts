/** The port to access control: the entities of an account, and changes of them. */
import type { Effect, Redacted, Result } from "effect"
import type { CallError, PermissionError } from "../domain/errorGroups.ts"
import type { AnyKmsError, ErrorOf } from "../domain/errors.ts"
import type { AccountId, Realm } from "../domain/ids.ts"
import type { StoredKey, User } from "../ram/records.ts"
import type { Decision, AccountEntities } from "../ram/entities.ts"

/** The principal who changes access control, and the account of the change. */
export interface Actor {
  readonly account: AccountId
  readonly principal: string
  readonly requestId: string
  readonly operation: string
  /** The time of the lifecycle clock, recorded as the creation time of new entities. */
  readonly at: number
  /** Called in the turn of the change. Returns the error if the permission was removed since the check. */
  readonly revoked?: () => PermissionError | undefined
}

export interface AccessKeyPair {
  readonly accessKeyId: string
  readonly secret: Redacted.Redacted<string>
}

/** The identity of a caller of STS: the account's root, a user, or a session of a role. */
export interface Identity {
  readonly kind: "root" | "user" | "role"
  readonly account: AccountId
  /** The name and the id of the user or role; absent for the root. */
  readonly name?: string
  readonly id?: string
  /** The name of the role session. */
  readonly session?: string
  readonly arn: string
}

/** A session that the account's root issues for a role of its account. */
export interface Issued {
  readonly role: string
  readonly session: string
  /** A policy document that narrows the permissions of the role. */
  readonly policy: string | undefined
  readonly seconds: number
}

/** A session that a user or another session begins, in this account or in another one. */
export interface Assumed extends Issued {
  /** The account of the role. */
  readonly account: AccountId
  readonly externalId: string | undefined
}

export interface SessionCredentials extends AccessKeyPair {
  readonly securityToken: string
  readonly expiresAt: number
  readonly account: AccountId
  readonly role: string
  readonly roleId: string
  readonly session: string
  /** The ARN of the session's calls in the audit log. */
  readonly arn: string
}

type Read = Effect.Effect<void, ErrorOf<"MalformedPolicyDocument">>

type Taken = "EntityAlreadyExists.AccessKey"

/** When a change returns, it is durable and in force for every later call. */
export interface AccessControl {
  /** The entities of the account that are in force now. */
  readonly entitiesOf: (account: AccountId) => AccountEntities
  /** Decides on the entities of the actor's account, and makes the decision durable, one change at a time. */
  readonly change: <A, Refused extends AnyKmsError>(
    by: Actor,
    decide: (entities: AccountEntities) => Result.Result<Decision<A>, Refused>
  ) => Effect.Effect<A, Refused | CallError>
  /** Fails if any part of the document is unknown or invalid. */
  readonly checkPolicy: (document: string) => Read
  readonly checkTrust: (document: string) => Read

  /** Makes the access key pairs, unless they are supplied. */
  readonly createAccount: (
    by: Actor,
    wanted: { readonly id: AccountId | undefined; readonly pair?: AccessKeyPair }
  ) => Effect.Effect<
    { readonly id: AccountId; readonly pair: AccessKeyPair },
    ErrorOf<"EntityAlreadyExists.Account" | "LimitExceeded.Account" | Taken> | CallError
  >
  readonly accounts: (
    by: Actor
  ) => Effect.Effect<ReadonlyArray<{ readonly id: AccountId; readonly createdAt: number | undefined }>>
  /** The id of the access key that the account's root signs with. */
  readonly rootAccessKeyId: (account: AccountId) => string | undefined

  readonly createAccessKey: (
    by: Actor,
    wanted: { readonly user: string; readonly pair?: AccessKeyPair }
  ) => Effect.Effect<AccessKeyPair, ErrorOf<"EntityNotExist.User" | "LimitExceeded.User.AccessKey" | Taken> | CallError>
  /** The access keys of a user, sealed again for a new name of the user. */
  readonly resealed: (user: User, newName: string) => ReadonlyArray<StoredKey>

  /** Fails if the role does not exist. */
  readonly issueSession: (
    by: Actor,
    wanted: Issued
  ) => Effect.Effect<SessionCredentials, ErrorOf<"EntityNotExist.Role" | "MalformedPolicyDocument">>

  readonly explain: (realm: Realm, question: WouldBe) => Effect.Effect<Explained, ExplainError>
}

/** The port to the grammar of key policies. */
export interface KeyPolicies {
  /** The fault of a document as the policy of a key of this account. */
  readonly fault: (account: AccountId, document: string) => ErrorOf<"InvalidParameter"> | undefined
  /** The policy of a key that has no other policy. */
  readonly whenNoneIsSet: (account: AccountId) => string
}

/** A person or resource of the question does not exist, or a required parameter is absent. */
export type ExplainError = ErrorOf<"EntityNotExist.User" | "EntityNotExist.Role"> | CallError

/** A hypothetical call to explain. */
export interface WouldBe {
  /** `root`, a user's name, `user/<name>`, or `role/<name>`. */
  readonly as: string
  readonly operation: string
  readonly keyId: string | undefined
  readonly destinationKeyId: string | undefined
  readonly aliasName: string | undefined
  readonly sourceIp: string | undefined
}

/** The ruling of the policies on one resource of the call. */
export interface Checked {
  readonly action: string
  readonly resource: string
  readonly effect: "Allow" | "Deny" | "Implicit"
  /** The policy and the statement, counted from zero, that decided. */
  readonly policy?: string
  readonly statement?: number
  /** For a refusal: the names of the evaluated policies, and the statement that decided, as JSON. */
  readonly grounds?: { readonly policies: ReadonlyArray<string>; readonly statement: string | undefined }
  /** What would make the refused call legal. */
  readonly advice?: string
}

export interface Explained {
  readonly principal: string
  /** What decides: the first check, in order, that refuses; or `ok`. */
  readonly decision: "ok" | "policy" | "state"
  readonly checks: ReadonlyArray<Checked>
  readonly code?: string
  readonly hint?: string
  readonly keyState?: string
  readonly allowedStates?: ReadonlyArray<string>
}
