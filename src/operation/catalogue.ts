/** The table of all operations of the service. */
import type { RequestType, Same } from "../../machines/vocabulary.ts"
import { AsymmetricDecrypt } from "./cryptography/AsymmetricDecrypt.ts"
import { AsymmetricEncrypt } from "./cryptography/AsymmetricEncrypt.ts"
import { AsymmetricSign } from "./cryptography/AsymmetricSign.ts"
import { AsymmetricVerify } from "./cryptography/AsymmetricVerify.ts"
import { CancelKeyDeletion } from "./keys/CancelKeyDeletion.ts"
import { CreateAlias } from "./aliases/CreateAlias.ts"
import { CreateCertificateSigningRequest } from "./cryptography/CreateCertificateSigningRequest.ts"
import { CreateKey } from "./keys/CreateKey.ts"
import { CreateKeyVersion } from "./versions/CreateKeyVersion.ts"
import { CreateServiceKey } from "./keys/CreateServiceKey.ts"
import { Decrypt } from "./cryptography/Decrypt.ts"
import { DeleteAlias } from "./aliases/DeleteAlias.ts"
import { DeleteKeyMaterial } from "./material/DeleteKeyMaterial.ts"
import { DescribeAccountKmsStatus } from "./service/DescribeAccountKmsStatus.ts"
import { DescribeKey } from "./keys/DescribeKey.ts"
import { DescribeKeyVersion } from "./versions/DescribeKeyVersion.ts"
import { DescribeRegions } from "./service/DescribeRegions.ts"
import { DescribeService } from "./service/DescribeService.ts"
import { DisableKey } from "./keys/DisableKey.ts"
import { EnableKey } from "./keys/EnableKey.ts"
import { ExplainAccess } from "./accessControl/ExplainAccess.ts"
import { Encrypt } from "./cryptography/Encrypt.ts"
import { ExportDataKey } from "./cryptography/ExportDataKey.ts"
import { GenerateAndExportDataKey } from "./cryptography/GenerateAndExportDataKey.ts"
import { GenerateDataKey } from "./cryptography/GenerateDataKey.ts"
import { GenerateDataKeyWithoutPlaintext } from "./cryptography/GenerateDataKeyWithoutPlaintext.ts"
import { GetKeyPolicy } from "./accessControl/GetKeyPolicy.ts"
import { GetParametersForImport } from "./material/GetParametersForImport.ts"
import { GetPublicKey } from "./cryptography/GetPublicKey.ts"
import { ImportKeyMaterial } from "./material/ImportKeyMaterial.ts"
import { ListAliases } from "./aliases/ListAliases.ts"
import { ListAliasesByKeyId } from "./aliases/ListAliasesByKeyId.ts"
import { ListAuditRecords } from "./audit/ListAuditRecords.ts"
import { ListKeyEvents } from "./audit/ListKeyEvents.ts"
import { ListKeyVersions } from "./versions/ListKeyVersions.ts"
import { ListKeys } from "./keys/ListKeys.ts"
import { ListResourceTags } from "./tags/ListResourceTags.ts"
import { ListTagResources } from "./tags/ListTagResources.ts"
import { OpenKmsService } from "./service/OpenKmsService.ts"
import { ReEncrypt } from "./cryptography/ReEncrypt.ts"
import { ScheduleKeyDeletion } from "./keys/ScheduleKeyDeletion.ts"
import { SetDeletionProtection } from "./keys/SetDeletionProtection.ts"
import { SetKeyPolicy } from "./accessControl/SetKeyPolicy.ts"
import { TagResource } from "./tags/TagResource.ts"
import { TagResources } from "./tags/TagResources.ts"
import { UntagResource } from "./tags/UntagResource.ts"
import { UntagResources } from "./tags/UntagResources.ts"
import { UpdateAlias } from "./aliases/UpdateAlias.ts"
import { UpdateKeyDescription } from "./keys/UpdateKeyDescription.ts"
import { UpdateRotationPolicy } from "./versions/UpdateRotationPolicy.ts"
import { AdvanceClock } from "./clock/AdvanceClock.ts"
import { AdvanceClockToNextDeadline } from "./clock/AdvanceClockToNextDeadline.ts"
import { ConfirmClock } from "./clock/ConfirmClock.ts"
import { FreezeClock } from "./clock/FreezeClock.ts"
import { RejectClock } from "./clock/RejectClock.ts"
import { ResumeClock } from "./clock/ResumeClock.ts"
import { ShowClock } from "./clock/ShowClock.ts"
import type { Operation } from "./operation.ts"
import { AssumeRole } from "./accessControl/AssumeRole.ts"
import { CreateAccount } from "./accessControl/CreateAccount.ts"
import { ListAccounts } from "./accessControl/ListAccounts.ts"
import { earlierNames } from "./accessControl/earlierNames.ts"

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

/** Operations that the vendor does not have: the lifecycle clock, and functions of the vendor's other services. */
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

/** The name of an operation of KMS. */
export type OperationName = keyof typeof catalogue

// Every request of the machine is an operation. A request without an operation does not compile here.
true satisfies Same<RequestType, RequestType & OperationName>

export const isOperationName = (name: string): name is OperationName => Object.hasOwn(catalogue, name)

/** The parameters that a caller writes for an operation. */
export type InputOf<Name extends OperationName> =
  (typeof catalogue)[Name] extends Operation<infer In, unknown> ? In : never

/** The reply of an operation, with the request id. */
export type ReplyOf<Name extends OperationName> =
  (typeof catalogue)[Name] extends Operation<unknown, infer A> ? A & { readonly RequestId: string } : never
