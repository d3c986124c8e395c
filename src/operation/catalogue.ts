/** Every operation of the API this service knows. */
import { CancelKeyDeletion } from "./CancelKeyDeletion.ts"
import { CreateKey } from "./CreateKey.ts"
import { Decrypt } from "./Decrypt.ts"
import { DescribeAccountKmsStatus } from "./DescribeAccountKmsStatus.ts"
import { DescribeKey } from "./DescribeKey.ts"
import { DescribeRegions } from "./DescribeRegions.ts"
import { DisableKey } from "./DisableKey.ts"
import { EnableKey } from "./EnableKey.ts"
import { Encrypt } from "./Encrypt.ts"
import { GenerateDataKey } from "./GenerateDataKey.ts"
import { GenerateDataKeyWithoutPlaintext } from "./GenerateDataKeyWithoutPlaintext.ts"
import { ListKeys } from "./ListKeys.ts"
import { ReEncrypt } from "./ReEncrypt.ts"
import { ScheduleKeyDeletion } from "./ScheduleKeyDeletion.ts"
import { UpdateKeyDescription } from "./UpdateKeyDescription.ts"
import { AdvanceClock, AdvanceClockToNextDeadline, FreezeClock, ResumeClock, ShowClock } from "./clockOperations.ts"
import type { Operation } from "./operation.ts"

/** Operations of the vendor's API. */
export const vendorOperations = {
  CreateKey,
  DescribeKey,
  ListKeys,
  EnableKey,
  DisableKey,
  ScheduleKeyDeletion,
  CancelKeyDeletion,
  UpdateKeyDescription,
  Encrypt,
  Decrypt,
  ReEncrypt,
  GenerateDataKey,
  GenerateDataKeyWithoutPlaintext,
  DescribeRegions,
  DescribeAccountKmsStatus
} as const satisfies Readonly<Record<string, Operation<unknown, object>>>

/** Operations the vendor does not have: the lifecycle clock is the service's own. */
export const ownOperations = {
  ShowClock,
  FreezeClock,
  ResumeClock,
  AdvanceClock,
  AdvanceClockToNextDeadline
} as const satisfies Readonly<Record<string, Operation<unknown, object>>>

export const catalogue = { ...vendorOperations, ...ownOperations } as const

export type OperationName = keyof typeof catalogue

export const isOperationName = (name: string): name is OperationName => Object.hasOwn(catalogue, name)

/** What a caller writes for an operation. */
export type InputOf<Name extends OperationName> =
  (typeof catalogue)[Name] extends Operation<infer In, unknown> ? In : never

/** What an operation answers, the request's id included. */
export type ReplyOf<Name extends OperationName> =
  (typeof catalogue)[Name] extends Operation<unknown, infer A> ? A & { readonly RequestId: string } : never
