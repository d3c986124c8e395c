/** The port to access control: what an account has, and changing it. */
import type { Effect, Redacted, Result } from "effect"
import type { CallError, PermissionError } from "../domain/errorGroups.ts"
import type { AnyKmsError, ErrorOf } from "../domain/errors.ts"
import type { AccountId, Realm } from "../domain/ids.ts"
import type { StoredKey, User } from "../ram/records.ts"
import type { Decision, AccountEntities } from "../ram/entities.ts"

/** On whose behalf access control is changed, and in which account. */
export interface Actor {
  readonly account: AccountId
  readonly principal: string
  readonly requestId: string
  readonly operation: string
  /** The lifecycle clock's now: when what is made was made. */
  readonly at: number
  /** Asked in the turn of the change: why it may no longer be made, if its permission was taken away since. */
  readonly revoked?: () => PermissionError | undefined
}

export interface AccessKeyPair {
  readonly accessKeyId: string
  readonly secret: Redacted.Redacted<string>
}

/** What the caller of STS is: the account's root, a user, or a session of a role. */
export interface Identity {
  readonly kind: "root" | "user" | "role"
  readonly account: AccountId
  /** The name and the id of the user or role; absent for the root. */
  readonly name?: string
  readonly id?: string
  /** The name of a role's session. */
  readonly session?: string
  readonly arn: string
}

/** A session that the account's root issues for a role of its own. */
export interface Issued {
  readonly role: string
  readonly session: string
  /** A policy document that narrows what the role may do. */
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
  /** The ARN that the session's calls have in the audit log. */
  readonly arn: string
}

type Read = Effect.Effect<void, ErrorOf<"MalformedPolicyDocument">>

type Taken = "EntityAlreadyExists.AccessKey"

/** A change is durable, and in force for every call that comes later, when it answers. */
export interface AccessControl {
  /** What the account has, as it is in force now. */
  readonly entitiesOf: (account: AccountId) => AccountEntities
  /** Decides on what the actor's account has, and makes the decision durable, one change at a time. */
  readonly change: <A, Refused extends AnyKmsError>(
    by: Actor,
    decide: (entities: AccountEntities) => Result.Result<Decision<A>, Refused>
  ) => Effect.Effect<A, Refused | CallError>
  /** Fails unless all of the document is understood. */
  readonly checkPolicy: (document: string) => Read
  readonly checkTrust: (document: string) => Read

  /** Pairs are made here unless they are given. */
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
  /** The access keys of a user, sealed for another name of the user. */
  readonly resealed: (user: User, newName: string) => ReadonlyArray<StoredKey>

  /** Fails unless the role is there. */
  readonly issueSession: (
    by: Actor,
    wanted: Issued
  ) => Effect.Effect<SessionCredentials, ErrorOf<"EntityNotExist.Role" | "MalformedPolicyDocument">>

  readonly explain: (realm: Realm, question: WouldBe) => Effect.Effect<Explained, ExplainError>
}

/** The port to the grammar of key policies. */
export interface KeyPolicies {
  /** What is wrong with a document that is to be the policy of a key of this account. */
  readonly fault: (account: AccountId, document: string) => ErrorOf<"InvalidParameter"> | undefined
  /** The policy of a key that was given none. */
  readonly whenNoneIsSet: (account: AccountId) => string
}

/** Whom or what a question names is not there, or a parameter that the question needs is absent. */
export type ExplainError = ErrorOf<"EntityNotExist.User" | "EntityNotExist.Role"> | CallError

/** A call that is only thought of. */
export interface WouldBe {
  /** `root`, a user's name, `user/<name>`, or `role/<name>`. */
  readonly as: string
  readonly operation: string
  readonly keyId: string | undefined
  readonly destinationKeyId: string | undefined
  readonly aliasName: string | undefined
  readonly sourceIp: string | undefined
}

/** What the policies say of one resource that the call needs. */
export interface Checked {
  readonly action: string
  readonly resource: string
  readonly effect: "Allow" | "Deny" | "Implicit"
  /** The policy and the statement, counted from zero, that settled it. */
  readonly policy?: string
  readonly statement?: number
  /** What would make it legal, where it is not. */
  readonly advice?: string
}

export interface Explained {
  readonly principal: string
  /** What settles it: the first thing in the order of the checks that refuses, or nothing. */
  readonly decision: "ok" | "policy" | "state"
  readonly checks: ReadonlyArray<Checked>
  readonly code?: string
  readonly hint?: string
  readonly keyState?: string
  readonly allowedStates?: ReadonlyArray<string>
}
