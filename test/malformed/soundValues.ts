/** Valid values for parameters, most of them made by the attacked service, so that requests reach its handlers. */
import { formOf, post } from "../nodes/signedHttp.ts"
import { patience } from "../patience.ts"
import type { SoundValues } from "./messages.ts"

type Body = Readonly<Record<string, unknown>>

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null

/** Calls the service for something that must succeed. */
const ask = async (url: string, action: string, parameters: Readonly<Record<string, string>>): Promise<Body> => {
  const sent = await post(url, formOf("root", { api: "kms", action, parameters }), patience)
  if (sent.kind !== "answered" || sent.status !== 200 || !isBody(sent.body))
    throw new Error(`${action} failed: ${JSON.stringify(sent)}`)
  return sent.body
}

const textIn = (body: Body, name: string): string => {
  const value = body[name]
  if (typeof value !== "string") throw new Error(`the answer has no ${name}`)
  return value
}

/** Fails unless the service answers a valid request. */
export const askSoundly = async (url: string): Promise<void> => {
  await ask(url, "DescribeRegions", {})
}

const createKey = async (url: string, parameters: Readonly<Record<string, string>>): Promise<string> => {
  const { KeyMetadata } = await ask(url, "CreateKey", parameters)
  return textIn(isBody(KeyMetadata) ? KeyMetadata : {}, "KeyId")
}

const Plaintext = Buffer.from("text").toString("base64")
const digest = Buffer.alloc(32, 7).toString("base64")

/** Specs and origins, each with one key. */
const recipes: ReadonlyArray<Readonly<Record<string, string>>> = [
  {},
  { KeySpec: "Aliyun_SM4", ProtectionLevel: "HSM" },
  { KeySpec: "RSA_2048", KeyUsage: "SIGN/VERIFY" },
  { KeySpec: "RSA_2048", KeyUsage: "ENCRYPT/DECRYPT" },
  { KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" },
  { KeySpec: "EC_P256K", KeyUsage: "SIGN/VERIFY" },
  { KeySpec: "EC_SM2", KeyUsage: "SIGN/VERIFY", ProtectionLevel: "HSM" },
  { Origin: "EXTERNAL" }
]

export const gatherSoundValues = async (url: string): Promise<SoundValues> => {
  const keys: Array<string> = []
  for (const recipe of recipes) keys.push(await createKey(url, recipe))
  const [key = "", , rsa = ""] = keys
  const alias = "alias/sound"
  await ask(url, "CreateAlias", { KeyId: key, AliasName: alias })
  const versions = await ask(url, "ListKeyVersions", { KeyId: rsa })
  const keyVersion = /"KeyVersionId":"([^"]+)"/.exec(JSON.stringify(versions))?.[1] ?? ""
  const sealed = textIn(await ask(url, "Encrypt", { KeyId: key, Plaintext }), "CiphertextBlob")
  const signature = textIn(
    await ask(url, "AsymmetricSign", {
      KeyId: rsa,
      KeyVersionId: keyVersion,
      Algorithm: "RSA_PSS_SHA_256",
      Digest: digest
    }),
    "Value"
  )
  return {
    KeyId: [...keys, alias],
    DestinationKeyId: [...keys, alias],
    AliasName: [alias, "alias/other", "alias/third"],
    KeyVersionId: [keyVersion],
    Plaintext: [Plaintext, ""],
    CiphertextBlob: [sealed, signature],
    EncryptionContext: ['{"a":"b"}', "{}"],
    Digest: [digest],
    Value: [signature],
    Algorithm: ["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256", "ECDSA_SHA_256", "SM2DSA", "RSAES_OAEP_SHA_256", "SM2PKE"],
    KeySpec: recipes.flatMap(({ KeySpec }) => KeySpec ?? []),
    KeyUsage: ["ENCRYPT/DECRYPT", "SIGN/VERIFY"],
    Origin: ["Aliyun_KMS", "EXTERNAL"],
    ProtectionLevel: ["SOFTWARE", "HSM"],
    NumberOfBytes: ["32", "1", "1024"],
    PageNumber: ["1", "2"],
    PageSize: ["10", "100"],
    Filters: ['[{"Key":"KeyState","Values":["Enabled"]}]'],
    Tags: ['[{"TagKey":"a","TagValue":"b"}]'],
    TagKeys: ['["a"]'],
    PendingWindowInDays: ["7", "30"],
    RotationInterval: ["30d", "365d"],
    EnableAutomaticRotation: ["true", "false"],
    WrappingAlgorithm: ["RSAES_OAEP_SHA_256", "RSAES_PKCS1_V1_5", "SM2PKE"],
    WrappingKeySpec: ["RSA_2048", "EC_SM2"],
    PublicKeyBlob: [Plaintext],
    PolicyName: ["default", "sound"],
    UserName: ["alice", "bob"],
    RoleName: ["reader"],
    GroupName: ["staff"],
    DryRun: ["true", "false"]
  }
}
