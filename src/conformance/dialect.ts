/** Where services differ: the same machine, and one table of differences for each family. */
import type { RefusalCode } from "../../machines/permits.ts"
import type { OperationName } from "./adapter.ts"

/** Refusals the model knows, in the vendor's words: those of the machine and those that come before it. */
export type ModelCode =
  | RefusalCode
  | "InvalidParameter"
  | "MissingParameter"
  | "Forbidden.AliasNotFound"
  | "Forbidden.KeyVersionNotFound"
  | "Forbidden.NoPermission"
  | "AliasAlreadyExists"
  | "InvalidImportToken"
  | "ExpiredImportToken"

/** An answer that differs from the vendor's table, or that the dialect leaves open. */
export interface Exception {
  readonly operation: OperationName
  readonly states: ReadonlyArray<"PendingImport" | "Enabled" | "Disabled" | "PendingDeletion"> | "any"
  readonly kinds: ReadonlyArray<"symmetric" | "asymmetric" | "external"> | "any"
  readonly answer: "accept" | "refuse" | "either"
  readonly why: string
}

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
  readonly plaintextBytesMax: number
  /** Whether replies tell key versions, and DescribeKey what it tells of rotation. */
  readonly shows: { readonly versions: boolean; readonly rotation: boolean }
  readonly exceptions: ReadonlyArray<Exception>
}
