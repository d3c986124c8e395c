/** Where services differ: the same machine, and one table of differences for each family. */
import type { LivingState, RefusalCode } from "../../../machines/vocabulary.ts"
import type { LawGroup, LawId } from "../lawbook/laws.ts"
import type { OperationName, Quotas } from "../adapters/adapter.ts"

/** Refusals the model knows, in the vendor's words: those of the machine and those that come before it. */
export type ModelCode =
  | RefusalCode
  | "InvalidParameter"
  | "MissingParameter"
  | "Forbidden.AliasNotFound"
  | "Forbidden.KeyVersionNotFound"
  | "Forbidden.NoPermission"
  | "Unsupported.Alias"
  | "AliasAlreadyExists"
  | "InvalidImportToken"
  | "ExpiredImportToken"

/** An answer that differs from the vendor's table, or that the dialect leaves open. */
export interface Exception {
  readonly operation: OperationName
  readonly states: ReadonlyArray<LivingState> | "any"
  readonly kinds: ReadonlyArray<"symmetric" | "asymmetric" | "external"> | "any"
  readonly answer: "accept" | "refuse" | "either"
  readonly why: string
}

export type IntervalUnit = "d" | "h" | "m" | "s"

export type Wrapping = "RSAES_PKCS1_V1_5" | "RSAES_OAEP_SHA_1" | "RSAES_OAEP_SHA_256"

/** The API of a service: its names of operations and codes, and where it differs from the vendor's. */
export interface Dialect {
  readonly name: string
  readonly about: string
  /** What each operation is called there; what is absent is not there. */
  readonly operations: { readonly [operation in OperationName]?: string }
  /** Codes that mean what the vendor's code means. */
  readonly codes: Readonly<Record<ModelCode, ReadonlyArray<string>>>
  readonly cancelReturnsTo: "Enabled" | "Disabled"
  readonly window: { readonly minimum: number; readonly maximum: number; readonly default: number }
  readonly rotationDays: { readonly minimum: number; readonly maximum: number }
  readonly wrappings: ReadonlyArray<Wrapping>
  /** What is documented. A quota of so many that no run reaches it is left out. */
  readonly quotas: Quotas
  /** Whether lists come in numbered pages. */
  readonly pages: boolean
  /** How an interval may be written: so many days, hours, minutes or seconds. */
  readonly intervalUnits: ReadonlyArray<IntervalUnit>
  /** Whether an alias moves to a key of any kind and usage. */
  readonly aliasesMoveFreely: boolean
  readonly plaintextBytes: { readonly minimum: number; readonly maximum: number }
  /** Whether plaintext is text that is encrypted as it was sent, and not Base64 of bytes. */
  readonly plaintextIsText: boolean
  /** Operations in which no alias may stand for the key. */
  readonly idOnly: ReadonlyArray<OperationName>
  /** How dates are written; undefined where an adapter writes them itself. */
  readonly dateForm: RegExp | undefined
  /** The HTTP status that each code comes with, as far as it is documented. */
  readonly statuses: Readonly<Record<string, number>>
  /** Whether replies tell key versions, and DescribeKey what it tells of rotation. */
  readonly shows: { readonly versions: boolean; readonly rotation: boolean }
  readonly exceptions: ReadonlyArray<Exception>
  /** How reports speak to people who know the service by other words than the vendor's. */
  readonly words?: Words
}

/** The words in which the laws and the reports speak of a service. */
export interface Words {
  /** The operation that switches off what `operations` names switching on. */
  readonly off: { readonly [operation in OperationName]?: string }
  /** What the suite's kinds of key are called. */
  readonly kinds: Readonly<Record<string, string>>
  /** Laws whose sentence is another there than by other names alone. */
  readonly sentences: { readonly [law in LawId]?: string }
  /** Where a law is documented, by the group in its id: `DEL` of `KMS-DEL-003`. */
  readonly sources: { readonly [group in LawGroup]?: string }
}
