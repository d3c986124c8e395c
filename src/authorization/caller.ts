/** The callers of the service: the root of an account, a user of it, or a session of one of its roles. */
import type { AccountId, Realm } from "../domain/ids.ts"
import type { Policy } from "./policy.ts"

export type Caller =
  | { readonly kind: "root"; readonly account: AccountId }
  | {
      readonly kind: "user"
      readonly account: AccountId
      readonly name: string
      /** Distinguishes the user from a later user of the same name. */
      readonly userId: string
    }
  | {
      readonly kind: "role"
      readonly account: AccountId
      readonly name: string
      /** Distinguishes the role from a later role of the same name. */
      readonly roleId: string
      readonly session: string
      /** The policy that narrowed the session when it began. The role's own policies must also allow each call. */
      readonly sessionPolicy: Policy | undefined
      /**
       * The calls that led to the session, newest first: how it began, how the session that assumed the role began, and
       * so on. Empty if the account's root issued it.
       */
      readonly begun: ReadonlyArray<Begun>
    }

/** A user or a session of a role that assumed a role. */
export interface Assumer {
  readonly kind: "user" | "role"
  readonly account: AccountId
  readonly name: string
  readonly id: string
  /** The access key with which the user signed. */
  readonly accessKeyId?: string | undefined
}

/** The beginning of a session: what its role's trust policy decided, and for whom. */
export interface Begun {
  readonly by: Assumer
  /** The revision of the trust policy that allowed it. */
  readonly trustRevision: number
  /** Real time, milliseconds. */
  readonly at: number
  readonly session: string
  readonly sourceIp?: string | undefined
  readonly secureTransport: boolean
  readonly externalId?: string | undefined
}

export const callerArn = (caller: Caller): string => {
  switch (caller.kind) {
    case "root":
      return `acs:ram::${caller.account}:root`
    case "user":
      return `acs:ram::${caller.account}:user/${caller.name}`
    case "role":
      return `acs:ram::${caller.account}:assumed-role/${caller.name}/${caller.session}`
    default:
      return caller satisfies never
  }
}

/** The user or role without the session (RAM, condition key `acs:PrincipalARN`). */
export const principalArn = (caller: Caller): string =>
  caller.kind === "role" ? `acs:ram::${caller.account}:role/${caller.name}` : callerArn(caller)

/** The requested resource: `key`, `key/<id>` or `alias/<name>` of a realm, or the account as a whole. */
export interface Resource {
  readonly realm: Realm
  readonly relative: string
}

export const resourceArn = ({ realm, relative }: Resource): string =>
  relative === "*" ? "*" : `acs:kms:${realm.region}:${realm.account}:${relative}`
