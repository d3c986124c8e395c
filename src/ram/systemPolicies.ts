/** The system policies of the supported services. They are fixed, and the same for each account. */
import type { PolicyRecord } from "./records.ts"

/** The day on which RAM became available. The system policies have this date here. */
const createdAt = Date.UTC(2015, 4, 1)

type Statement = Readonly<Record<string, string | ReadonlyArray<string>>>

const allow = (...Action: ReadonlyArray<string>): Statement => ({ Effect: "Allow", Action, Resource: "*" })

const policy = (description: string, ...Statement: ReadonlyArray<Statement>): PolicyRecord => ({
  createdAt,
  updatedAt: createdAt,
  description,
  versions: [{ id: "v1", createdAt, document: JSON.stringify({ Version: "1", Statement }) }],
  defaultVersion: "v1",
  nextVersion: 2,
  tags: {}
})

const kmsReads = ["kms:Describe*", "kms:List*", "kms:GetPublicKey", "kms:GetKeyPolicy"]
const ramReads = ["ram:Get*", "ram:List*"]

/** Operations that use key material, by symmetric and asymmetric keys. */
const kmsUses = [
  "kms:Encrypt",
  "kms:Decrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:GenerateAndExportDataKey",
  "kms:ExportDataKey",
  "kms:ReEncrypt*",
  "kms:AsymmetricEncrypt",
  "kms:AsymmetricDecrypt",
  "kms:AsymmetricSign",
  "kms:AsymmetricVerify",
  "kms:GetPublicKey",
  "kms:DescribeKey",
  "kms:ListKeys",
  "kms:ListAliases"
]

/** Operations on keys and aliases that use no material. */
const kmsAdministration = [
  "kms:CreateKey",
  "kms:CreateKeyVersion",
  "kms:CreateAlias",
  "kms:Describe*",
  "kms:List*",
  "kms:Get*",
  "kms:Set*",
  "kms:Update*",
  "kms:Delete*",
  "kms:Enable*",
  "kms:Disable*",
  "kms:ScheduleKeyDeletion",
  "kms:CancelKeyDeletion",
  "kms:ImportKeyMaterial",
  "kms:TagResource*",
  "kms:UntagResource*",
  "kms:OpenKmsService"
]

export const systemPolicies: ReadonlyMap<string, PolicyRecord> = new Map([
  ["AdministratorAccess", policy("Manages all resources of the account.", allow("*"))],
  ["ReadOnlyAccess", policy("Reads all resources of the account.", allow(...kmsReads, ...ramReads))],
  ["AliyunKMSFullAccess", policy("Manages KMS.", allow("kms:*"))],
  ["AliyunKMSReadOnlyAccess", policy("Reads the resources of KMS.", allow(...kmsReads))],
  ["AliyunKMSCryptoUserAccess", policy("Uses the keys of KMS.", allow(...kmsUses))],
  ["AliyunKMSCryptoAccess", policy("Uses the keys of KMS; an earlier name of the policy.", allow(...kmsUses))],
  ["AliyunKMSCryptoAdminAccess", policy("Manages the keys of KMS.", allow(...kmsAdministration))],
  ["AliyunRAMFullAccess", policy("Manages RAM.", allow("ram:*"))],
  ["AliyunRAMReadOnlyAccess", policy("Reads the resources of RAM.", allow(...ramReads))],
  ["AliyunSTSAssumeRoleAccess", policy("Calls AssumeRole of STS.", allow("sts:AssumeRole"))]
])
