/** What the console says after an operation that changed something. */
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"

type Parameters = Readonly<Record<string, string>>
type Words = PlainText | ((parameters: Parameters) => string)

const isOn = (text: string | undefined): boolean => text === "true"

const attached = ({ PolicyName = "" }: Parameters): string => t("The policy {PolicyName} is attached.", { PolicyName })
const detached = ({ PolicyName = "" }: Parameters): string => t("The policy {PolicyName} is detached.", { PolicyName })

/** By operation. Reads say nothing: their answer is what the page shows. */
const words: Readonly<Record<string, Words>> = {
  EnableKey: "The key is enabled.",
  DisableKey: "The key is disabled.",
  ScheduleKeyDeletion: "The deletion is scheduled. You can cancel it until its date.",
  CancelKeyDeletion: "The deletion is cancelled.",
  ImportKeyMaterial: "The material is imported.",
  DeleteKeyMaterial: "The material is deleted.",
  CreateKeyVersion: "The version is created.",
  SetKeyPolicy: "The key policy is saved.",
  UpdateKeyDescription: "The description is saved.",
  CreateKey: "The key is created.",
  CreateAlias: ({ AliasName = "" }) => t("{AliasName} is created.", { AliasName }),
  UpdateAlias: ({ AliasName = "" }) => t("{AliasName} is moved.", { AliasName }),
  DeleteAlias: ({ AliasName = "" }) => t("{AliasName} is deleted.", { AliasName }),
  TagResource: "The tag is saved.",
  UntagResource: "The tag is removed.",
  UpdateRotationPolicy: ({ EnableAutomaticRotation }) =>
    isOn(EnableAutomaticRotation) ? t("Automatic rotation is on.") : t("Automatic rotation is off."),
  SetDeletionProtection: ({ EnableDeletionProtection }) =>
    isOn(EnableDeletionProtection) ? t("The key is protected from deletion.") : t("Deletion protection is off."),
  CreateUser: ({ UserName = "" }) => t("The user {UserName} is created.", { UserName }),
  DeleteUser: ({ UserName = "" }) => t("The user {UserName} is deleted.", { UserName }),
  UpdateAccessKey: ({ UserAccessKeyId = "", Status }) =>
    Status === "Active"
      ? t("The access key {UserAccessKeyId} is active.", { UserAccessKeyId })
      : t("The access key {UserAccessKeyId} is inactive.", { UserAccessKeyId }),
  DeleteAccessKey: ({ UserAccessKeyId = "" }) => t("The access key {UserAccessKeyId} is deleted.", { UserAccessKeyId }),
  CreateRole: ({ RoleName = "" }) => t("The role {RoleName} is created.", { RoleName }),
  UpdateRole: "The trust policy is saved.",
  DeleteRole: ({ RoleName = "" }) => t("The role {RoleName} is deleted.", { RoleName }),
  CreatePolicy: ({ PolicyName = "" }) => t("The policy {PolicyName} is created.", { PolicyName }),
  CreatePolicyVersion: "The policy is saved and in force.",
  DeletePolicy: ({ PolicyName = "" }) => t("The policy {PolicyName} is deleted.", { PolicyName }),
  AttachPolicyToUser: attached,
  AttachPolicyToRole: attached,
  DetachPolicyFromUser: detached,
  DetachPolicyFromRole: detached
}

/** Undefined if the operation changes nothing that a person should be told of. */
export const doneWords = (operation: string, parameters: Parameters): string | undefined => {
  const found = Object.hasOwn(words, operation) ? words[operation] : undefined
  if (found === undefined) return undefined
  return typeof found === "function" ? found(parameters) : t(found)
}
