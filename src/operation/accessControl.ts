/** The port to access control: accounts, users, roles and policies as operations change them and look at them. */
import type { Effect, Redacted } from "effect"
import type { AnyKmsError } from "../domain/errors.ts"
import type { AccountId, Realm } from "../domain/ids.ts"

/** On whose behalf access control is changed, and in which account. */
export interface Actor {
  readonly account: AccountId
  readonly principal: string
  readonly requestId: string
  readonly operation: string
  /** The lifecycle clock's now: when what is made was made. */
  readonly at: number
}

export interface AccessKeyPair {
  readonly accessKeyId: string
  readonly secret: Redacted.Redacted<string>
}

export interface AccessKeyListed {
  readonly accessKeyId: string
  readonly active: boolean
  readonly createdAt: number
}

/** A user, a role or a policy as lists show it. */
export interface Named {
  readonly name: string
  readonly createdAt: number
}

export interface PolicyShown extends Named {
  readonly updatedAt: number
  /** The document in its canonical form. */
  readonly document: string
  readonly attachedTo: number
}

/** Whom a policy is attached to. */
export interface Holder {
  readonly kind: "user" | "role"
  readonly name: string
}

export interface Session {
  readonly role: string
  readonly session: string
  /** A policy document that narrows what the role may do. */
  readonly policy: string | undefined
  readonly seconds: number
}

export interface SessionCredentials extends AccessKeyPair {
  readonly securityToken: string
  readonly expiresAt: number
  readonly arn: string
}

type Done = Effect.Effect<void, AnyKmsError>
type Listed<A> = Effect.Effect<ReadonlyArray<A>, AnyKmsError>

/** Changes and views. A change is durable, and in force for every call that comes later, when it answers. */
export interface AccessControl {
  /** Pairs are made here unless they are given. */
  readonly createAccount: (
    by: Actor,
    wanted: { readonly id: AccountId | undefined; readonly pair?: AccessKeyPair }
  ) => Effect.Effect<{ readonly id: AccountId; readonly pair: AccessKeyPair }, AnyKmsError>
  readonly accounts: (by: Actor) => Listed<{ readonly id: AccountId; readonly createdAt: number | undefined }>

  readonly createUser: (by: Actor, name: string) => Done
  readonly deleteUser: (by: Actor, name: string) => Done
  readonly users: (account: AccountId) => Listed<Named>

  readonly createAccessKey: (
    by: Actor,
    wanted: { readonly user: string; readonly pair?: AccessKeyPair }
  ) => Effect.Effect<AccessKeyPair, AnyKmsError>
  readonly updateAccessKey: (
    by: Actor,
    key: { readonly user: string; readonly accessKeyId: string; readonly active: boolean }
  ) => Done
  readonly deleteAccessKey: (by: Actor, key: { readonly user: string; readonly accessKeyId: string }) => Done
  readonly accessKeys: (account: AccountId, user: string) => Listed<AccessKeyListed>

  readonly createPolicy: (by: Actor, policy: { readonly name: string; readonly document: string }) => Done
  readonly updatePolicy: (by: Actor, policy: { readonly name: string; readonly document: string }) => Done
  readonly deletePolicy: (by: Actor, name: string) => Done
  readonly policy: (account: AccountId, name: string) => Effect.Effect<PolicyShown, AnyKmsError>
  readonly policies: (account: AccountId) => Listed<PolicyShown>
  readonly policiesOf: (account: AccountId, holder: Holder) => Listed<PolicyShown>
  readonly attachPolicy: (by: Actor, policy: string, to: Holder) => Done
  readonly detachPolicy: (by: Actor, policy: string, from: Holder) => Done

  readonly createRole: (by: Actor, name: string) => Done
  readonly deleteRole: (by: Actor, name: string) => Done
  readonly roles: (account: AccountId) => Listed<Named>
  readonly assumeRole: (by: Actor, session: Session) => Effect.Effect<SessionCredentials, AnyKmsError>

  readonly explain: (realm: Realm, question: WouldBe) => Effect.Effect<Explained, AnyKmsError>
}

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
