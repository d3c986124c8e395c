/** Fault sequences of the operations that change a key, its aliases or its tags. */
import { randomBytes } from "node:crypto"
import { importRequest, wrapFor } from "../wrapping.ts"
import { textAt } from "../doors.ts"
import { aliasFaults, idFaults, nobody, tooLong } from "./fixture.ts"
import type { Correction, FaultSequence } from "./fixture.ts"

const tags = (...given: ReadonlyArray<readonly [string, string]>): string =>
  JSON.stringify(given.map(([TagKey, TagValue]) => ({ TagKey, TagValue })))
const manyTags = (count: number): string => tags(...Array.from({ length: count }, (_, at) => [`t${at}`, ""] as const))

const noKey: Correction = [{}, "MissingParameter KeyId"]
const wrongTags = (then: string): ReadonlyArray<Correction> => [
  [{ Tags: tags(["acs:a", tooLong], ["acs:a", ""]) }, "InvalidParameter.TagKey"],
  [{ Tags: tags(["a", tooLong], ["a", ""]) }, "InvalidParameter.TagValue"],
  [{ Tags: tags(["a", ""], ["a", ""]) }, "Duplicate.TagKey"],
  [{ Tags: manyTags(21) }, then]
]

export const changes: Readonly<Record<string, FaultSequence>> = {
  CreateKey: () => [
    [
      {
        Description: tooLong,
        KeySpec: "AES",
        KeyUsage: "SIGN",
        Origin: "external",
        ProtectionLevel: "TPM",
        EnableAutomaticRotation: "maybe",
        RotationInterval: "6d",
        Tags: "{}",
        Policy: "[]"
      },
      "InvalidParameter Description"
    ],
    [{ Description: "" }, "InvalidParameter KeySpec"],
    [{ KeySpec: "Aliyun_SM4" }, "InvalidParameter KeyUsage"],
    [{ KeyUsage: "SIGN/VERIFY" }, "InvalidParameter Origin"],
    [{ Origin: "EXTERNAL" }, "InvalidParameter ProtectionLevel"],
    [{ ProtectionLevel: "SOFTWARE" }, "InvalidParameter EnableAutomaticRotation"],
    [{ EnableAutomaticRotation: "true" }, "InvalidParameter Tags"],
    [{ Tags: tags(["acs:a", tooLong], ["acs:a", ""]) }, "InvalidParameter KeyUsage"],
    [{ KeyUsage: undefined }, "InvalidParameter EnableAutomaticRotation"],
    [{ Origin: undefined }, "InvalidParameter RotationInterval"],
    [{ RotationInterval: undefined }, "MissingParameter RotationInterval"],
    [{ RotationInterval: "7d" }, "InvalidParameter.TagKey"],
    ...wrongTags("InvalidParameter Policy"),
    [{ Policy: undefined }, "Unsupported.ProtectionLevel"],
    [{ KeySpec: undefined }, "Rejected.LimitExceeded"],
    [{ Tags: manyTags(20) }, "Success"]
  ],
  EnableKey: async ({ doomed, key }) => [
    noKey,
    ...idFaults,
    [{ KeyId: doomed }, "Rejected.StateModifiedFailed"],
    [{ KeyId: await key() }, "Success"]
  ],
  DisableKey: async ({ waiting, key }) => [
    noKey,
    ...idFaults,
    [{ KeyId: waiting }, "Rejected.StateModifiedFailed"],
    [{ KeyId: await key() }, "Success"]
  ],
  CancelKeyDeletion: async ({ symmetric, key }) => [
    noKey,
    ...idFaults,
    [{ KeyId: symmetric }, "Rejected.StateModifiedFailed"],
    [{ KeyId: await key({}, "ScheduleKeyDeletion") }, "Success"]
  ],
  ScheduleKeyDeletion: async ({ ask, doomed, key }) => {
    const kept = await key()
    await ask("SetDeletionProtection", { ProtectedResourceArn: kept, EnableDeletionProtection: "true" })
    return [
      [{ KeyId: "", PendingWindowInDays: "366" }, "MissingParameter KeyId"],
      [{ KeyId: "alias/none" }, "InvalidParameter PendingWindowInDays"],
      [{ PendingWindowInDays: "7" }, "Unsupported.Alias"],
      [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
      [{ KeyId: doomed }, "Rejected.StateModifiedFailed"],
      [{ KeyId: kept }, "Rejected.StateModifiedFailed"],
      [{ KeyId: await key() }, "Success"]
    ]
  },
  SetDeletionProtection: async ({ doomed, key }) => [
    [{ DeletionProtectionDescription: tooLong }, "MissingParameter ProtectedResourceArn"],
    [{ ProtectedResourceArn: "alias/none" }, "MissingParameter EnableDeletionProtection"],
    [{ EnableDeletionProtection: "1" }, "InvalidParameter EnableDeletionProtection"],
    [{ EnableDeletionProtection: "TRUE" }, "InvalidParameter DeletionProtectionDescription"],
    [{ DeletionProtectionDescription: "" }, "Unsupported.Alias"],
    [{ ProtectedResourceArn: nobody }, "Forbidden.KeyNotFound"],
    [{ ProtectedResourceArn: doomed }, "Rejected.PendingDeletion"],
    [{ ProtectedResourceArn: await key() }, "Success"]
  ],
  UpdateKeyDescription: async ({ doomed, key }) => [
    [{ KeyId: "alias/none" }, "MissingParameter Description"],
    [{ Description: tooLong }, "InvalidParameter Description"],
    [{ Description: "" }, "Unsupported.Alias"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: doomed }, "Rejected.PendingDeletion"],
    [{ KeyId: await key() }, "Success"]
  ],
  SetKeyPolicy: async ({ doomed, key }) => {
    const mine = [
      { Effect: "Allow", Principal: { RAM: ["acs:ram::1000000000000001:*"] }, Action: "kms:*", Resource: "*" }
    ]
    return [
      [{ KeyId: "alias/none", PolicyName: "other" }, "InvalidParameter PolicyName"],
      [{ PolicyName: "default" }, "MissingParameter Policy"],
      [{ Policy: "{}" }, "InvalidParameter Policy"],
      [{ Policy: JSON.stringify({ Version: "1", Statement: mine }) }, "Unsupported.Alias"],
      [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
      [{ KeyId: doomed }, "Rejected.PendingDeletion"],
      [{ KeyId: await key() }, "Success"]
    ]
  },
  GetKeyPolicy: ({ doomed }) => [
    [{ KeyId: "alias/none", PolicyName: "p".repeat(129) }, "InvalidParameter PolicyName"],
    [{ PolicyName: "other" }, "Unsupported.Alias"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: doomed }, "Forbidden.ResourceNotFound"],
    [{ PolicyName: "default" }, "Success"]
  ],
  CreateAlias: async ({ ask, doomed, symmetric, key }) => {
    await ask("CreateAlias", { KeyId: symmetric, AliasName: "alias/taken" })
    return [
      [{ AliasName: "taken", KeyId: "" }, "InvalidParameter AliasName"],
      [{ AliasName: "alias/acs/oss" }, "InvalidParameter AliasName"],
      [{ AliasName: "alias/taken" }, "MissingParameter KeyId"],
      ...idFaults,
      [{ KeyId: doomed }, "Rejected.StateModifiedFailed"],
      [{ KeyId: await key() }, "AliasAlreadyExists"],
      [{ AliasName: "alias/free" }, "Success"]
    ]
  },
  UpdateAlias: async ({ ask, doomed, symmetric, key }) => {
    await ask("CreateAlias", { KeyId: symmetric, AliasName: "alias/moved" })
    return [
      [{ AliasName: "alias/acs/oss", KeyId: "" }, "InvalidParameter AliasName"],
      [{ AliasName: "alias/none" }, "MissingParameter KeyId"],
      [{ KeyId: "alias/moved" }, "Forbidden.AliasNotFound"],
      [{ AliasName: "alias/moved" }, "Unsupported.Alias"],
      [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
      [{ KeyId: doomed }, "Rejected.PendingDeletion"],
      [{ KeyId: await key() }, "Success"]
    ]
  },
  DeleteAlias: async ({ ask, symmetric }) => {
    await ask("CreateAlias", { KeyId: symmetric, AliasName: "alias/dropped" })
    return [
      [{}, "MissingParameter AliasName"],
      [{ AliasName: "alias/" }, "InvalidParameter AliasName"],
      [{ AliasName: "alias/none" }, "Forbidden.AliasNotFound"],
      [{ AliasName: "alias/dropped" }, "Success"]
    ]
  },
  ImportKeyMaterial: async ({ ask, key, symmetric, doomedWaiting }) => {
    const KeyId = await key({ Origin: "EXTERNAL" })
    const right = await importRequest(ask, KeyId, randomBytes(32))
    const short = await ask("GetParametersForImport", {
      KeyId,
      WrappingAlgorithm: "RSAES_OAEP_SHA_256",
      WrappingKeySpec: "RSA_2048"
    })
    return [
      [{ KeyId: "alias/none", KeyMaterialExpireUnix: "-1" }, "MissingParameter EncryptedKeyMaterial"],
      [{ EncryptedKeyMaterial: "?" }, "InvalidParameter EncryptedKeyMaterial"],
      [{ EncryptedKeyMaterial: "AAAA" }, "MissingParameter ImportToken"],
      [{ ImportToken: "" }, "MissingParameter ImportToken"],
      [{ ImportToken: "?" }, "InvalidParameter ImportToken"],
      [{ ImportToken: "AAAA" }, "InvalidParameter KeyMaterialExpireUnix"],
      [{ KeyMaterialExpireUnix: "1" }, "Unsupported.Alias"],
      [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
      [{ KeyId: symmetric }, "Unsupported.Origin"],
      [{ KeyId: doomedWaiting }, "Rejected.StateModifiedFailed"],
      [{ KeyId }, "InvalidParameter KeyMaterialExpireUnix"],
      [{ KeyMaterialExpireUnix: "0" }, "InvalidImportToken"],
      [{ ImportToken: textAt(short.body, "ImportToken") }, "InvalidKeyMaterial"],
      [{ EncryptedKeyMaterial: wrapFor(textAt(short.body, "PublicKey"), randomBytes(31)) }, "InvalidKeyMaterial"],
      [{ ...right }, "Success"]
    ]
  },
  DeleteKeyMaterial: async ({ symmetric, key }) => [
    noKey,
    ...idFaults,
    [{ KeyId: symmetric }, "Unsupported.Origin"],
    [{ KeyId: await key({ Origin: "EXTERNAL" }) }, "Success"]
  ],
  CreateKeyVersion: async ({ ask, disabled, symmetric, key }) => {
    const old = await key({ KeySpec: "EC_P256" })
    await ask("AdvanceClock", { By: "7d" })
    return [
      noKey,
      ...aliasFaults,
      [{ KeyId: disabled }, "Rejected.Disabled"],
      [{ KeyId: symmetric }, "Rejected.UnsupportedOperation"],
      [{ KeyId: await key({ KeySpec: "EC_P256" }) }, "Rejected.UnsupportedOperation"],
      [{ KeyId: old }, "Success"]
    ]
  },
  UpdateRotationPolicy: async ({ disabledPair, pair, key }) => [
    [{ KeyId: "alias/none", RotationInterval: "6d" }, "MissingParameter EnableAutomaticRotation"],
    [{ EnableAutomaticRotation: "yes" }, "InvalidParameter EnableAutomaticRotation"],
    [{ EnableAutomaticRotation: "true" }, "InvalidParameter RotationInterval"],
    [{ RotationInterval: undefined }, "MissingParameter RotationInterval"],
    [{ RotationInterval: "7d" }, "Unsupported.Alias"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: disabledPair }, "Rejected.Disabled"],
    [{ KeyId: pair }, "Rejected.UnsupportedOperation"],
    [{ KeyId: await key() }, "Success"]
  ],
  TagResource: async ({ doomed, key }) => [
    [{ KeyId: "alias/none" }, "MissingParameter Tags"],
    [{ Tags: "{}" }, "InvalidParameter Tags"],
    ...wrongTags("Unsupported.Alias"),
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: doomed }, "Rejected.PendingDeletion"],
    [{ KeyId: await key() }, "Rejected.LimitExceeded"],
    [{ Tags: manyTags(10) }, "Success"]
  ],
  UntagResource: async ({ doomed, key }) => [
    [{ KeyId: "alias/none" }, "MissingParameter TagKeys"],
    [{ TagKeys: "[1]" }, "InvalidParameter TagKeys"],
    [{ TagKeys: '["a"]' }, "Unsupported.Alias"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: doomed }, "Rejected.PendingDeletion"],
    [{ KeyId: await key() }, "Success"]
  ],
  TagResources: async ({ doomed, key }) => [
    [{ "ResourceId.1": "alias/none", "Tag.1.Key": "acs:a", "Tag.1.Value": tooLong }, "MissingParameter ResourceType"],
    [{ ResourceType: "secret" }, "InvalidParameter ResourceType"],
    [{ ResourceType: "key" }, "InvalidParameter.TagKey"],
    [{ "Tag.1.Key": "a" }, "InvalidParameter.TagValue"],
    [{ "Tag.1.Value": "b", "Tag.2.Key": "a" }, "Duplicate.TagKey"],
    [{ "Tag.2.Key": "c" }, "Unsupported.Alias"],
    [{ "ResourceId.1": nobody }, "InvalidResourceId.NotFound"],
    [{ "ResourceId.1": doomed }, "Rejected.PendingDeletion"],
    [{ "ResourceId.1": await key({ Tags: manyTags(19) }) }, "Rejected.LimitExceeded"],
    [{ "ResourceId.1": await key({ Tags: manyTags(18) }) }, "Success"]
  ],
  UntagResources: async ({ doomed, key }) => [
    [{ ResourceType: "key", "ResourceId.1": "alias/none", All: "false" }, "MissingParameter TagKey"],
    [{ "TagKey.x": "a" }, "InvalidParameter TagKey"],
    [{ "TagKey.x": undefined, "TagKey.1": "a" }, "Unsupported.Alias"],
    [{ "ResourceId.1": nobody }, "InvalidResourceId.NotFound"],
    [{ "ResourceId.1": doomed }, "Rejected.PendingDeletion"],
    [{ "ResourceId.1": await key() }, "Success"]
  ]
}
