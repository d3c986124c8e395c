/** The table of key states of AWS KMS, as its Developer Guide documents it for keys of the service and imported keys. */

/** AWS KMS Developer Guide, Key states of AWS KMS keys: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
export const awsKeyStates = ["Enabled", "Disabled", "PendingDeletion", "PendingImport"] as const

/** `ok`: succeeds. `fails`: KMSInvalidStateException or DisabledException. `depends`: under conditions in a footnote. */
export type Documented = "ok" | "fails" | "depends" | "none"

/** By the suite's names of operations, in the order of the states. `none`: such keys are not in the state. */
export const awsTable: Readonly<Record<string, readonly [Documented, Documented, Documented, Documented]>> = {
  CancelKeyDeletion: ["fails", "fails", "ok", "fails"],
  CreateAlias: ["ok", "ok", "fails", "ok"],
  Decrypt: ["ok", "fails", "fails", "fails"],
  DeleteAlias: ["ok", "ok", "ok", "ok"],
  DeleteKeyMaterial: ["depends", "depends", "depends", "depends"],
  DescribeKey: ["ok", "ok", "ok", "ok"],
  DisableKey: ["ok", "ok", "fails", "fails"],
  EnableKey: ["ok", "ok", "fails", "fails"],
  UpdateRotationPolicy: ["depends", "depends", "depends", "depends"],
  Encrypt: ["ok", "fails", "fails", "fails"],
  GenerateDataKey: ["ok", "fails", "fails", "fails"],
  GenerateDataKeyWithoutPlaintext: ["ok", "fails", "fails", "fails"],
  GetParametersForImport: ["depends", "depends", "depends", "ok"],
  GetPublicKey: ["ok", "fails", "fails", "none"],
  ImportKeyMaterial: ["depends", "depends", "fails", "ok"],
  ListResourceTags: ["ok", "ok", "ok", "ok"],
  ScheduleKeyDeletion: ["ok", "ok", "fails", "ok"],
  AsymmetricSign: ["ok", "fails", "fails", "none"],
  AsymmetricVerify: ["ok", "fails", "fails", "none"],
  TagResource: ["ok", "ok", "fails", "ok"],
  UntagResource: ["ok", "ok", "fails", "ok"],
  UpdateKeyDescription: ["ok", "ok", "fails", "ok"]
}
