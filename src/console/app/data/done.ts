/** What the console says after an operation that changed something. */

type Parameters = Readonly<Record<string, string>>
type Words = string | ((parameters: Parameters) => string)

const isOn = (text: string | undefined): boolean => text === "true"

const attached = ({ PolicyName = "" }: Parameters): string => `The policy ${PolicyName} is attached.`
const detached = ({ PolicyName = "" }: Parameters): string => `The policy ${PolicyName} is detached.`

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
  CreateAlias: ({ AliasName = "The alias" }) => `${AliasName} is created.`,
  UpdateAlias: ({ AliasName = "The alias" }) => `${AliasName} is moved.`,
  DeleteAlias: ({ AliasName = "The alias" }) => `${AliasName} is deleted.`,
  TagResource: "The tag is saved.",
  UntagResource: "The tag is removed.",
  UpdateRotationPolicy: ({ EnableAutomaticRotation }) =>
    isOn(EnableAutomaticRotation) ? "Automatic rotation is on." : "Automatic rotation is off.",
  SetDeletionProtection: ({ EnableDeletionProtection }) =>
    isOn(EnableDeletionProtection) ? "The key is protected from deletion." : "Deletion protection is off.",
  CreateUser: ({ UserName = "" }) => `The user ${UserName} is created.`,
  DeleteUser: ({ UserName = "" }) => `The user ${UserName} is deleted.`,
  UpdateAccessKey: ({ UserAccessKeyId = "", Status = "" }) => `The access key ${UserAccessKeyId} is ${Status}.`,
  DeleteAccessKey: ({ UserAccessKeyId = "" }) => `The access key ${UserAccessKeyId} is deleted.`,
  CreateRole: ({ RoleName = "" }) => `The role ${RoleName} is created.`,
  UpdateRole: "The trust policy is saved.",
  DeleteRole: ({ RoleName = "" }) => `The role ${RoleName} is deleted.`,
  CreatePolicy: ({ PolicyName = "" }) => `The policy ${PolicyName} is created.`,
  CreatePolicyVersion: "The policy is saved and in force.",
  DeletePolicy: ({ PolicyName = "" }) => `The policy ${PolicyName} is deleted.`,
  AttachPolicyToUser: attached,
  AttachPolicyToRole: attached,
  DetachPolicyFromUser: detached,
  DetachPolicyFromRole: detached
}

/** Undefined if the operation changes nothing that a person should be told of. */
export const doneWords = (operation: string, parameters: Parameters): string | undefined => {
  const found = Object.hasOwn(words, operation) ? words[operation] : undefined
  return typeof found === "function" ? found(parameters) : found
}
