/** The differences between services: the same machine, and one table of differences for each family of services. */
import type { LivingState, RefusalCode } from "../../../machines/vocabulary.ts"
import type { LawGroup, LawId } from "../lawbook/laws.ts"
import type { OperationName, Quotas } from "../adapters/adapter.ts"
import type { IntervalUnit, Step, Twist, Wrapping } from "../steps/step.ts"

/**
 * Every refusal code of the model, in the vendor's words: those of the machine and those that are checked before it.
 */
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
  | "DryRunOperationError"

/** An answer that differs from the vendor's table, or that the dialect leaves open. */
export interface Exception {
  readonly operation: OperationName
  readonly states: ReadonlyArray<LivingState> | "any"
  readonly kinds: ReadonlyArray<"symmetric" | "asymmetric" | "external"> | "any"
  readonly answer: "accept" | "refuse" | "either"
  readonly why: string
}

/** Steps that the suite does not send, because the API cannot carry them or does not document the answer. */
export interface LeftOut {
  readonly operations: ReadonlyArray<OperationName>
  readonly twists: ReadonlyArray<Twist>
  /** Steps with plaintext of the longest length, or with empty plaintext. */
  readonly longest?: true
  readonly empty?: true
  readonly why: string
}

/** The API of a service: its names of operations and codes, and its differences from the vendor's API. */
export interface Dialect {
  readonly name: string
  readonly about: string
  /** The service's name of each operation; operations that are absent do not exist there. */
  readonly operations: { readonly [operation in OperationName]?: string }
  /** Codes of the service that mean the same as the vendor's code. */
  readonly codes: Readonly<Record<ModelCode, ReadonlyArray<string>>>
  readonly cancelReturnsTo: "Enabled" | "Disabled"
  readonly window: { readonly minimum: number; readonly maximum: number; readonly default: number }
  readonly rotationDays: { readonly minimum: number; readonly maximum: number }
  readonly wrappings: ReadonlyArray<Wrapping>
  /** Documented quotas, without those too large for a run to reach. */
  readonly quotas: Quotas
  /** The longest documented texts, in characters; aliases without their prefix. The suite sends those given here. */
  readonly longest?: {
    readonly description: number
    readonly tagKey: number
    readonly tagValue: number
    readonly alias?: number
  }
  /** Whether lists have numbered pages. */
  readonly pages: boolean
  /** The permitted forms of an interval, as limits in days, hours, minutes or seconds. */
  readonly intervalUnits: ReadonlyArray<IntervalUnit>
  /** Whether an alias can be moved to a key of any kind and usage. */
  readonly aliasesMoveFreely: boolean
  readonly plaintextBytes: { readonly minimum: number; readonly maximum: number }
  /** Whether plaintext is text that is encrypted as sent, and not the Base64 of bytes. */
  readonly plaintextIsText: boolean
  /** Operations that accept no alias as their key. */
  readonly idOnly: ReadonlyArray<OperationName>
  /** The form of dates; undefined if an adapter converts them. */
  readonly dateForm: RegExp | undefined
  /** The documented HTTP status of each code. */
  readonly statuses: Readonly<Record<string, number>>
  /** Whether replies contain key versions, and DescribeKey the rotation members. */
  readonly shows: { readonly versions: boolean; readonly rotation: boolean }
  readonly exceptions: ReadonlyArray<Exception>
  /** The kinds of key that the service has; all of its profiles unless given. */
  readonly kinds?: ReadonlyArray<string>
  /** Nothing unless given. Reports list it. */
  readonly leavesOut?: ReadonlyArray<LeftOut>
  /** The words of reports for readers who know other words than the vendor's. */
  readonly words?: Words
}

const isOf = (step: Step, { operations, twists, longest, empty }: LeftOut): boolean =>
  operations.some((operation) => operation === step.op) &&
  ((step.twist !== undefined && twists.includes(step.twist)) ||
    (longest === true && step.longest === true) ||
    (empty === true && step.text === ""))

/** Whether the suite sends the step to services of the dialect. */
export const isSent = ({ kinds, leavesOut = [] }: Dialect, step: Step): boolean =>
  !(step.op === "CreateKey" && kinds !== undefined && !kinds.includes(step.kind ?? "symmetric")) &&
  !leavesOut.some((row) => isOf(step, row))

/** The words with which laws and reports describe a service. */
export interface Words {
  /** The operation that disables what the operation in `operations` enables. */
  readonly off: { readonly [operation in OperationName]?: string }
  /** The names of the suite's kinds of key. */
  readonly kinds: Readonly<Record<string, string>>
  /** Laws whose sentence differs by more than names. */
  readonly sentences: { readonly [law in LawId]?: string }
  /** The documentation of a law, by the group in its id: `DEL` of `KMS-DEL-003`. */
  readonly sources: { readonly [group in LawGroup]?: string }
}
