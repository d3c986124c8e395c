/** What access control remembers: accounts, users, roles and policies, as values and as the text they are kept in. */
import { Result, Schema } from "effect"
import type { AccountId } from "../domain/ids.ts"
import type { RamName, RamRecord } from "../store/store.ts"

const { Boolean, Number, String, Struct } = Schema

/** An access key of a root or a user; the secret is sealed for its place. */
const StoredKey = Struct({ accessKeyId: String, sealedSecret: String, active: Boolean, createdAt: Number })

const shapes = {
  account: Struct({ createdAt: Number, root: StoredKey }),
  user: Struct({ createdAt: Number, keys: Schema.Array(StoredKey), policies: Schema.Array(String) }),
  /** `id` tells a role from an earlier one of the same name, whose sessions must not come back with it. */
  role: Struct({ createdAt: Number, id: String, policies: Schema.Array(String) }),
  policy: Struct({ createdAt: Number, updatedAt: Number, document: String })
} as const satisfies Record<RamName["kind"], unknown>

type Kind = keyof typeof shapes

export type StoredKey = typeof StoredKey.Type
export type AccountRecord = (typeof shapes)["account"]["Type"]
export type UserRecord = (typeof shapes)["user"]["Type"]
export type RoleRecord = (typeof shapes)["role"]["Type"]
export type PolicyRecord = (typeof shapes)["policy"]["Type"]

interface Place<K extends Kind> {
  readonly account: AccountId
  readonly kind: K
  readonly name: string
}

export type Entity =
  | (Place<"account"> & { readonly is: AccountRecord })
  | (Place<"user"> & { readonly is: UserRecord })
  | (Place<"role"> & { readonly is: RoleRecord })
  | (Place<"policy"> & { readonly is: PolicyRecord })

export type User = Extract<Entity, { kind: "user" }>
export type Role = Extract<Entity, { kind: "role" }>

const fromText = {
  account: Schema.decodeUnknownResult(Schema.fromJsonString(shapes.account)),
  user: Schema.decodeUnknownResult(Schema.fromJsonString(shapes.user)),
  role: Schema.decodeUnknownResult(Schema.fromJsonString(shapes.role)),
  policy: Schema.decodeUnknownResult(Schema.fromJsonString(shapes.policy))
} as const

/** Undefined for text that is no such record. */
export const decodeRecord = ({ account, kind, name, record }: RamRecord): Entity | undefined => {
  const place = { account, name }
  switch (kind) {
    case "account":
      return whole(fromText.account(record), (is) => ({ ...place, kind, is }))
    case "user":
      return whole(fromText.user(record), (is) => ({ ...place, kind, is }))
    case "role":
      return whole(fromText.role(record), (is) => ({ ...place, kind, is }))
    case "policy":
      return whole(fromText.policy(record), (is) => ({ ...place, kind, is }))
    default:
      return kind satisfies never
  }
}

const whole = <A>(read: Result.Result<A, unknown>, entity: (is: A) => Entity): Entity | undefined =>
  Result.isSuccess(read) ? entity(read.success) : undefined

/** Members are written in the order of their shape: they were made by hand or read by it. */
export const encodeEntity = ({ account, kind, name, is }: Entity): RamRecord => ({
  account,
  kind,
  name,
  record: JSON.stringify(is)
})
