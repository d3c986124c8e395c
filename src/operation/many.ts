/** The operations that the library also performs for many requests in one call. */
import type { OperationName } from "./catalogue.ts"

/** A method of the library for many requests, and the operation that it performs for each. They change nothing. */
export const manyMethods = {
  encryptMany: "Encrypt",
  decryptMany: "Decrypt",
  generateDataKeys: "GenerateDataKey"
} as const satisfies Readonly<Record<string, OperationName>>

export type ManyMethodName = keyof typeof manyMethods

/** The result of one item of a call with many: its reply, or its error. */
export type ItemResult<Reply, Failure> =
  | { readonly ok: true; readonly reply: Reply }
  | { readonly ok: false; readonly error: Failure }
