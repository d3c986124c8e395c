/** Every operation of the API this service knows. */
import { AsymmetricDecrypt } from "./AsymmetricDecrypt.ts"
import { AsymmetricEncrypt } from "./AsymmetricEncrypt.ts"
import { AsymmetricSign } from "./AsymmetricSign.ts"
import { AsymmetricVerify } from "./AsymmetricVerify.ts"
import { CancelKeyDeletion } from "./CancelKeyDeletion.ts"
import { CreateAlias } from "./CreateAlias.ts"
import { CreateCertificateSigningRequest } from "./CreateCertificateSigningRequest.ts"
import { CreateKey } from "./CreateKey.ts"
import { CreateKeyVersion } from "./CreateKeyVersion.ts"
import { CreateServiceKey } from "./CreateServiceKey.ts"
import { Decrypt } from "./Decrypt.ts"
import { DeleteAlias } from "./DeleteAlias.ts"
import { DeleteKeyMaterial } from "./DeleteKeyMaterial.ts"
import { DescribeAccountKmsStatus } from "./DescribeAccountKmsStatus.ts"
import { DescribeKey } from "./DescribeKey.ts"
import { DescribeKeyVersion } from "./DescribeKeyVersion.ts"
import { DescribeRegions } from "./DescribeRegions.ts"
import { DescribeService } from "./DescribeService.ts"
import { DisableKey } from "./DisableKey.ts"
import { EnableKey } from "./EnableKey.ts"
import { ExplainAccess } from "./ExplainAccess.ts"
import { Encrypt } from "./Encrypt.ts"
import { ExportDataKey } from "./ExportDataKey.ts"
import { GenerateAndExportDataKey } from "./GenerateAndExportDataKey.ts"
import { GenerateDataKey } from "./GenerateDataKey.ts"
import { GenerateDataKeyWithoutPlaintext } from "./GenerateDataKeyWithoutPlaintext.ts"
import { GetKeyPolicy } from "./GetKeyPolicy.ts"
import { GetParametersForImport } from "./GetParametersForImport.ts"
import { GetPublicKey } from "./GetPublicKey.ts"
import { ImportKeyMaterial } from "./ImportKeyMaterial.ts"
import { ListAliases } from "./ListAliases.ts"
import { ListAliasesByKeyId } from "./ListAliasesByKeyId.ts"
import { ListAuditRecords } from "./ListAuditRecords.ts"
import { ListKeyEvents } from "./ListKeyEvents.ts"
import { ListKeyVersions } from "./ListKeyVersions.ts"
import { ListKeys } from "./ListKeys.ts"
import { ListResourceTags } from "./ListResourceTags.ts"
import { ListTagResources } from "./ListTagResources.ts"
import { OpenKmsService } from "./OpenKmsService.ts"
import { ReEncrypt } from "./ReEncrypt.ts"
import { ScheduleKeyDeletion } from "./ScheduleKeyDeletion.ts"
import { SetDeletionProtection } from "./SetDeletionProtection.ts"
import { SetKeyPolicy } from "./SetKeyPolicy.ts"
import { TagResource } from "./TagResource.ts"
import { TagResources } from "./TagResources.ts"
import { UntagResource } from "./UntagResource.ts"
import { UntagResources } from "./UntagResources.ts"
import { UpdateAlias } from "./UpdateAlias.ts"
import { UpdateKeyDescription } from "./UpdateKeyDescription.ts"
import { UpdateRotationPolicy } from "./UpdateRotationPolicy.ts"
import {
  AdvanceClock,
  AdvanceClockToNextDeadline,
  ConfirmClock,
  RejectClock,
  FreezeClock,
  ResumeClock,
  ShowClock
} from "./clockOperations.ts"
import type { Operation } from "./operation.ts"
import { AssumeRole, CreateAccount, earlierNames, ListAccounts } from "./ramOperations.ts"

/** Operations of the vendor's API. */
export const vendorOperations = {
  CreateKey,
  DescribeKey,
  ListKeys,
  EnableKey,
  DisableKey,
  ScheduleKeyDeletion,
  CancelKeyDeletion,
  SetDeletionProtection,
  UpdateKeyDescription,
  GetKeyPolicy,
  SetKeyPolicy,
  CreateAlias,
  UpdateAlias,
  DeleteAlias,
  ListAliases,
  ListAliasesByKeyId,
  GetParametersForImport,
  ImportKeyMaterial,
  DeleteKeyMaterial,
  Encrypt,
  Decrypt,
  ReEncrypt,
  GenerateDataKey,
  GenerateDataKeyWithoutPlaintext,
  ExportDataKey,
  GenerateAndExportDataKey,
  CreateKeyVersion,
  DescribeKeyVersion,
  ListKeyVersions,
  UpdateRotationPolicy,
  GetPublicKey,
  AsymmetricEncrypt,
  AsymmetricDecrypt,
  AsymmetricSign,
  AsymmetricVerify,
  TagResource,
  UntagResource,
  ListResourceTags,
  TagResources,
  UntagResources,
  ListTagResources,
  DescribeRegions,
  DescribeService,
  DescribeAccountKmsStatus,
  OpenKmsService
} as const satisfies Readonly<Record<string, Operation<unknown, object>>>

/** Operations the vendor does not have: the lifecycle clock, and what the vendor's other services do. */
export const ownOperations = {
  CreateCertificateSigningRequest,
  CreateServiceKey,
  ListAuditRecords,
  ListKeyEvents,
  ShowClock,
  FreezeClock,
  ResumeClock,
  AdvanceClock,
  AdvanceClockToNextDeadline,
  ConfirmClock,
  RejectClock,
  CreateAccount,
  ListAccounts,
  AssumeRole,
  ExplainAccess,
  ...earlierNames
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
