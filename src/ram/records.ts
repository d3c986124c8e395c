/** The records of access control, as values and as stored text. Text of earlier releases can be read too. */
import { sha256 } from "@noble/hashes/sha2.js"
import { Result, Schema } from "effect"
import type { AccountId } from "../domain/ids.ts"
import { sessionSeconds } from "../domain/limits.ts"
import type { RamName, RamRecord } from "../records/rows.ts"
import { trustOf } from "./trust.ts"

const { Boolean, Number, String, Struct } = Schema
const optional = Schema.optionalKey

/** An access key of a root or a user. The secret is sealed for its place. */
const StoredKey = Struct({ accessKeyId: String, sealedSecret: String, active: Boolean, createdAt: Number })

const Attachment = Struct({ name: String, type: Schema.Literals(["Custom", "System"]), at: Number })

/** Earlier releases stored only the name of a custom policy. */
const Attachments = Schema.Array(Schema.Union([String, Attachment]))

const Membership = Struct({ name: String, at: Number })

const LoginProfile = Struct({ createdAt: Number, mfaBindRequired: Boolean, passwordResetRequired: Boolean })

const Tags = Schema.Record(String, String)

const PolicyVersion = Struct({ id: String, createdAt: Number, document: String })

/** Members that earlier releases did not write are optional here. */
const stored = {
  account: Struct({ createdAt: Number, root: StoredKey }),
  user: Struct({
    createdAt: Number,
    updatedAt: optional(Number),
    id: optional(String),
    displayName: optional(String),
    mobilePhone: optional(String),
    email: optional(String),
    comments: optional(String),
    keys: Schema.Array(StoredKey),
    policies: Attachments,
    groups: optional(Schema.Array(Membership)),
    login: optional(LoginProfile)
  }),
  group: Struct({ createdAt: Number, updatedAt: Number, id: String, comments: String, policies: Attachments }),
  role: Struct({
    createdAt: Number,
    updatedAt: optional(Number),
    id: String,
    description: optional(String),
    trust: optional(String),
    trustRevision: optional(Number),
    maxSessionSeconds: optional(Number),
    policies: Attachments,
    tags: optional(Tags)
  }),
  policy: Struct({
    createdAt: Number,
    updatedAt: Number,
    /** The only document, as earlier releases stored it. */
    document: optional(String),
    description: optional(String),
    versions: optional(Schema.Array(PolicyVersion)),
    defaultVersion: optional(String),
    nextVersion: optional(Number),
    tags: optional(Tags)
  }),
  settings: Struct({ alias: Schema.optional(String) })
} as const satisfies Record<RamName["kind"], unknown>

export type StoredKey = typeof StoredKey.Type
export type Attachment = typeof Attachment.Type
export type Membership = typeof Membership.Type
export type LoginProfile = typeof LoginProfile.Type
export type PolicyVersion = typeof PolicyVersion.Type
export type PolicyType = Attachment["type"]

export type AccountRecord = (typeof stored)["account"]["Type"]

interface Held {
  readonly policies: ReadonlyArray<Attachment>
}

export interface UserRecord extends Held {
  readonly createdAt: number
  readonly updatedAt: number
  /** Distinguishes a user from an earlier one of the same name. */
  readonly id: string
  readonly displayName: string
  readonly mobilePhone: string
  readonly email: string
  readonly comments: string
  readonly keys: ReadonlyArray<StoredKey>
  readonly groups: ReadonlyArray<Membership>
  readonly login?: LoginProfile
}

export interface GroupRecord extends Held {
  readonly createdAt: number
  readonly updatedAt: number
  readonly id: string
  readonly comments: string
}

export interface RoleRecord extends Held {
  readonly createdAt: number
  readonly updatedAt: number
  /** Distinguishes a role from an earlier one of the same name. Its sessions must not become valid again. */
  readonly id: string
  readonly description: string
  /** The original text of the trust policy. */
  readonly trust: string
  /** Counts the changes of the trust policy. A session records the revision under which it began. */
  readonly trustRevision: number
  readonly maxSessionSeconds: number
  readonly tags: Readonly<Record<string, string>>
}

export interface PolicyRecord {
  readonly createdAt: number
  readonly updatedAt: number
  readonly description: string
  /** Oldest first. */
  readonly versions: ReadonlyArray<PolicyVersion>
  readonly defaultVersion: string
  /** The number of the next version: numbers are not reused. */
  readonly nextVersion: number
  readonly tags: Readonly<Record<string, string>>
}

export type SettingsRecord = (typeof stored)["settings"]["Type"]

interface Place<K extends RamName["kind"]> {
  readonly account: AccountId
  readonly kind: K
  readonly name: string
}

export type Entity =
  | (Place<"account"> & { readonly is: AccountRecord })
  | (Place<"user"> & { readonly is: UserRecord })
  | (Place<"group"> & { readonly is: GroupRecord })
  | (Place<"role"> & { readonly is: RoleRecord })
  | (Place<"policy"> & { readonly is: PolicyRecord })
  | (Place<"settings"> & { readonly is: SettingsRecord })

export type User = Extract<Entity, { kind: "user" }>
export type Group = Extract<Entity, { kind: "group" }>
export type Role = Extract<Entity, { kind: "role" }>
export type HeldPolicy = Extract<Entity, { kind: "policy" }>
export type Settings = Extract<Entity, { kind: "settings" }>

const fromText = {
  account: Schema.decodeUnknownResult(Schema.fromJsonString(stored.account)),
  user: Schema.decodeUnknownResult(Schema.fromJsonString(stored.user)),
  group: Schema.decodeUnknownResult(Schema.fromJsonString(stored.group)),
  role: Schema.decodeUnknownResult(Schema.fromJsonString(stored.role)),
  policy: Schema.decodeUnknownResult(Schema.fromJsonString(stored.policy)),
  settings: Schema.decodeUnknownResult(Schema.fromJsonString(stored.settings))
} as const

const attachmentsOf = (policies: ReadonlyArray<string | Attachment>, createdAt: number): ReadonlyArray<Attachment> =>
  policies.map((each) => (typeof each === "string" ? { name: each, type: "Custom", at: createdAt } : each))

/** An id for a user of an earlier release, which stored none: the same at each start. */
const derivedId = ({ account, name }: RamRecord, createdAt: number): string => {
  const digest = sha256(new TextEncoder().encode(`${account} user ${name} ${createdAt}`))
  const number = digest.subarray(0, 7).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  return `2${(number % 10n ** 17n).toString().padStart(17, "0")}`
}

const userFrom = (record: RamRecord, is: (typeof stored)["user"]["Type"]): UserRecord => ({
  createdAt: is.createdAt,
  updatedAt: is.updatedAt ?? is.createdAt,
  id: is.id ?? derivedId(record, is.createdAt),
  displayName: is.displayName ?? "",
  mobilePhone: is.mobilePhone ?? "",
  email: is.email ?? "",
  comments: is.comments ?? "",
  keys: is.keys,
  policies: attachmentsOf(is.policies, is.createdAt),
  groups: is.groups ?? [],
  ...(is.login === undefined ? {} : { login: is.login })
})

const roleFrom = ({ account }: RamRecord, is: (typeof stored)["role"]["Type"]): RoleRecord => ({
  createdAt: is.createdAt,
  updatedAt: is.updatedAt ?? is.createdAt,
  id: is.id,
  description: is.description ?? "",
  trust: is.trust ?? trustOf(account),
  trustRevision: is.trustRevision ?? 1,
  // Sessions of earlier releases could last this long.
  maxSessionSeconds: is.maxSessionSeconds ?? sessionSeconds.maximum,
  policies: attachmentsOf(is.policies, is.createdAt),
  tags: is.tags ?? {}
})

const policyFrom = (is: (typeof stored)["policy"]["Type"]): PolicyRecord | undefined => {
  const versions = is.versions ?? (is.document === undefined ? [] : [firstVersion(is.updatedAt, is.document)])
  const defaultVersion = is.defaultVersion ?? "v1"
  if (!versions.some(({ id }) => id === defaultVersion)) return undefined
  return {
    createdAt: is.createdAt,
    updatedAt: is.updatedAt,
    description: is.description ?? "",
    versions,
    defaultVersion,
    nextVersion: is.nextVersion ?? 2,
    tags: is.tags ?? {}
  }
}

const firstVersion = (createdAt: number, document: string): PolicyVersion => ({ id: "v1", createdAt, document })

const readBy = <A, B>(
  read: (text: string) => Result.Result<A, unknown>,
  { record }: RamRecord,
  entity: (is: A) => B | undefined
): B | undefined => {
  const decoded = read(record)
  return Result.isSuccess(decoded) ? entity(decoded.success) : undefined
}

/** Undefined for text that is not such a record. */
export const decodeRecord = (record: RamRecord): Entity | undefined => {
  const { account, kind, name } = record
  const place = { account, name }
  switch (kind) {
    case "account":
      return readBy(fromText.account, record, (is) => ({ ...place, kind, is }))
    case "user":
      return readBy(fromText.user, record, (is) => ({ ...place, kind, is: userFrom(record, is) }))
    case "group":
      return readBy(fromText.group, record, (is) => ({
        ...place,
        kind,
        is: { ...is, policies: attachmentsOf(is.policies, is.createdAt) }
      }))
    case "role":
      return readBy(fromText.role, record, (is) => ({ ...place, kind, is: roleFrom(record, is) }))
    case "policy":
      return readBy(fromText.policy, record, (is) => {
        const policy = policyFrom(is)
        return policy === undefined ? undefined : { ...place, kind, is: policy }
      })
    case "settings":
      return readBy(fromText.settings, record, (is) => ({ ...place, kind, is }))
    default:
      return kind satisfies never
  }
}

export const encodeEntity = ({ account, kind, name, is }: Entity): RamRecord => ({
  account,
  kind,
  name,
  record: JSON.stringify(is)
})

/** The document in force. */
export const documentOf = (policy: PolicyRecord): string => versionInForce(policy).document

/** The default version. It always exists, because it cannot be deleted. */
export const versionInForce = ({ versions, defaultVersion }: PolicyRecord): PolicyVersion => {
  const version = versions.find(({ id }) => id === defaultVersion)
  if (version === undefined) throw new Error("a policy has its default version")
  return version
}
