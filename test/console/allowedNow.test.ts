/** "Allowed now" agrees with real calls: all operations on all kinds of keys, in all states, for all signed-in identities. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeReceiver, wrapFor } from "../operation/wrapping.ts"
import { at, startConsole } from "./startConsole.ts"
import type { Page, RunningConsole } from "./startConsole.ts"

type Parameters = Readonly<Record<string, string>>

/** A key in the tested situation, and values for calls about the key. */
interface Subject {
  readonly KeyId: string
  readonly KeyVersionId: string
  readonly arn: string
  readonly alias: string
  /** Undefined if no ciphertext of the key can exist. */
  readonly blob: string | undefined
  readonly material: Parameters
}

let server: RunningConsole
let root: Page
let count = 0

const must = (operation: string, parameters: object = {}): Promise<unknown> =>
  done(operation, root.call(operation, parameters))

const mustInRam = (operation: string, parameters: object): Promise<unknown> =>
  done(operation, root.ram(operation, parameters))

const done = async (operation: string, asked: Promise<unknown>): Promise<unknown> => {
  const answer = await asked
  if (at(answer, "ok") !== true) throw new Error(`${operation}: ${JSON.stringify(answer)}`)
  return at(answer, "reply")
}

const Plaintext = "aGVsbG8="
const receiver = makeReceiver()
const exported = {
  PublicKeyBlob: receiver.publicKey,
  WrappingAlgorithm: "RSAES_OAEP_SHA_256",
  WrappingKeySpec: "RSA_2048"
}
const wrapping = { WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" }
const unimportable = { ImportToken: "AAAA", EncryptedKeyMaterial: "AAAA" }

type Kind = "symmetric" | "external" | "signing" | "sealing"
const requests: Readonly<Record<Kind, object>> = {
  symmetric: { Tags: '[{"TagKey":"env","TagValue":"prod"}]' },
  external: { Origin: "EXTERNAL" },
  signing: { KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY", Tags: '[{"TagKey":"env","TagValue":"prod"}]' },
  sealing: { KeySpec: "EC_SM2", ProtectionLevel: "HSM", KeyUsage: "ENCRYPT/DECRYPT" }
}
const algorithms: Readonly<Record<Kind, { readonly cipher: string; readonly signature: string }>> = {
  symmetric: { cipher: "SM2PKE", signature: "ECDSA_SHA_256" },
  external: { cipher: "SM2PKE", signature: "ECDSA_SHA_256" },
  signing: { cipher: "SM2PKE", signature: "ECDSA_SHA_256" },
  sealing: { cipher: "SM2PKE", signature: "SM2DSA" }
}

const importable = async (KeyId: string): Promise<Parameters> => {
  const answer = await must("GetParametersForImport", { KeyId, ...wrapping })
  const EncryptedKeyMaterial = wrapFor(String(at(answer, "PublicKey")), new Uint8Array(32).fill(7))
  return { ImportToken: String(at(answer, "ImportToken")), EncryptedKeyMaterial }
}

type Step = (key: { readonly KeyId: string; readonly arn: string; readonly material: Parameters }) => Promise<unknown>
const importIt: Step = ({ KeyId, material }) => must("ImportKeyMaterial", { KeyId, ...material })
const eraseIt: Step = ({ KeyId }) => must("DeleteKeyMaterial", { KeyId })
const disableIt: Step = ({ KeyId }) => must("DisableKey", { KeyId })
const scheduleIt: Step = ({ KeyId }) => must("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "30" })
const protectIt: Step = ({ arn }) =>
  must("SetDeletionProtection", { ProtectedResourceArn: arn, EnableDeletionProtection: "true" })
const ageIt: Step = () => server.run(server.kms.advanceClock({ By: "8d" }))

const situations: ReadonlyArray<readonly [name: string, kind: Kind, steps: ReadonlyArray<Step>]> = [
  ["a key as it was made", "symmetric", []],
  ["a protected key", "symmetric", [protectIt]],
  ["a disabled key", "symmetric", [disableIt]],
  ["a key that is to be deleted", "symmetric", [scheduleIt]],
  ["a key that waits for material", "external", []],
  ["a key with imported material", "external", [importIt]],
  ["a disabled key with imported material", "external", [importIt, disableIt]],
  ["a key whose material was erased", "external", [importIt, eraseIt]],
  ["a key with imported material that is to be deleted", "external", [importIt, scheduleIt]],
  ["a key without material that is to be deleted", "external", [scheduleIt]],
  ["a signing key as it was made", "signing", []],
  ["a signing key a week later", "signing", [ageIt]],
  ["a disabled signing key", "signing", [disableIt]],
  ["a signing key that is to be deleted", "signing", [scheduleIt]],
  ["a key pair for encryption as it was made", "sealing", []],
  ["a key pair for encryption a week later", "sealing", [ageIt]],
  ["a disabled key pair for encryption", "sealing", [disableIt]],
  ["a key pair for encryption that is to be deleted", "sealing", [scheduleIt]]
]

/** The ciphertext of the key, made while the key encrypts. */
const sealed = async (kind: Kind, KeyId: string, KeyVersionId: string): Promise<string | undefined> => {
  if (kind === "signing") return undefined
  const Algorithm = algorithms[kind].cipher
  return String(
    kind === "sealing"
      ? at(await must("AsymmetricEncrypt", { KeyId, KeyVersionId, Algorithm, Plaintext }), "CiphertextBlob")
      : at(await must("Encrypt", { KeyId, Plaintext }), "CiphertextBlob")
  )
}

const subjectIn = async (kind: Kind, steps: ReadonlyArray<Step>): Promise<Subject> => {
  const made = at(await must("CreateKey", requests[kind]), "KeyMetadata")
  const [KeyId, arn] = [String(at(made, "KeyId")), String(at(made, "Arn"))]
  const alias = `alias/allowed-${++count}`
  await must("CreateAlias", { AliasName: alias, KeyId })
  const material = kind === "external" ? await importable(KeyId) : unimportable
  const versions = await must("ListKeyVersions", { KeyId })
  const KeyVersionId = String(at(versions, "KeyVersions", "KeyVersion", 0, "KeyVersionId"))
  let blob: string | undefined
  for (const step of steps.length === 0 ? [undefined] : steps) {
    if (kind !== "external") blob ??= await sealed(kind, KeyId, KeyVersionId)
    await step?.({ KeyId, arn, material })
    if (step === importIt) blob = await sealed(kind, KeyId, KeyVersionId)
  }
  return { KeyId, KeyVersionId, arn, alias, blob, material }
}

/** Undefined if no such call can be made. */
type Call = (subject: Subject, kind: Kind) => Parameters | undefined

const withKey =
  (more: Parameters = {}): Call =>
  ({ KeyId }) => ({ KeyId, ...more })
const withVersion: Call = ({ KeyId, KeyVersionId }) => ({ KeyId, KeyVersionId })
const withBlob =
  (more: (subject: Subject) => Parameters = () => ({})): Call =>
  (subject, kind) =>
    subject.blob === undefined || kind === "sealing" ? undefined : { CiphertextBlob: subject.blob, ...more(subject) }
const digest = Buffer.alloc(32, 1).toString("base64")
const tagged = '[{"TagKey":"team","TagValue":"a"}]'

const keyPolicy = JSON.stringify({
  Version: "1",
  Statement: [{ Effect: "Allow", Principal: { RAM: "acs:ram::1000000000000001:*" }, Action: "kms:*", Resource: "*" }]
})

const calls: Readonly<Record<string, Call>> = {
  DescribeKey: withKey(),
  DescribeKeyVersion: withVersion,
  ListKeyVersions: withKey(),
  ListAliasesByKeyId: withKey(),
  ListResourceTags: withKey(),
  ListTagResources: ({ KeyId }) => ({ ResourceType: "key", "ResourceId.1": KeyId }),
  EnableKey: withKey(),
  DisableKey: withKey(),
  ScheduleKeyDeletion: withKey({ PendingWindowInDays: "30" }),
  CancelKeyDeletion: withKey(),
  UpdateKeyDescription: withKey({ Description: "told" }),
  GetKeyPolicy: withKey(),
  SetKeyPolicy: withKey({ Policy: keyPolicy }),
  SetDeletionProtection: ({ arn }) => ({ ProtectedResourceArn: arn, EnableDeletionProtection: "true" }),
  TagResource: withKey({ Tags: tagged }),
  UntagResource: withKey({ TagKeys: '["team"]' }),
  TagResources: ({ KeyId }) => ({
    ResourceType: "key",
    "ResourceId.1": KeyId,
    "Tag.1.Key": "team",
    "Tag.1.Value": "a"
  }),
  UntagResources: ({ KeyId }) => ({ ResourceType: "key", "ResourceId.1": KeyId, "TagKey.1": "team" }),
  CreateAlias: ({ KeyId }) => ({ KeyId, AliasName: `alias/another-${++count}` }),
  UpdateAlias: ({ KeyId, alias }) => ({ KeyId, AliasName: alias }),
  DeleteAlias: ({ alias }) => ({ AliasName: alias }),
  Encrypt: withKey({ Plaintext }),
  Decrypt: withBlob(),
  GenerateDataKey: withKey(),
  GenerateDataKeyWithoutPlaintext: withKey(),
  ExportDataKey: withBlob(() => exported),
  GenerateAndExportDataKey: withKey(exported),
  ReEncrypt: (subject, kind) =>
    kind === "symmetric" || kind === "external"
      ? withBlob(({ KeyId }) => ({ DestinationKeyId: KeyId }))(subject, kind)
      : {
          CiphertextBlob: subject.blob ?? Plaintext,
          SourceKeyId: subject.KeyId,
          SourceKeyVersionId: subject.KeyVersionId,
          SourceEncryptionAlgorithm: algorithms[kind].cipher,
          DestinationKeyId: subject.KeyId
        },
  AsymmetricEncrypt: (subject, kind) => ({
    ...withVersion(subject, kind),
    Algorithm: algorithms[kind].cipher,
    Plaintext
  }),
  AsymmetricDecrypt: (subject, kind) => ({
    ...withVersion(subject, kind),
    Algorithm: algorithms[kind].cipher,
    CiphertextBlob: subject.blob ?? Plaintext
  }),
  AsymmetricSign: (subject, kind) => ({
    ...withVersion(subject, kind),
    Algorithm: algorithms[kind].signature,
    Digest: digest
  }),
  AsymmetricVerify: (subject, kind) => ({
    ...withVersion(subject, kind),
    Algorithm: algorithms[kind].signature,
    Digest: digest,
    Value: digest
  }),
  GetPublicKey: withVersion,
  CreateKeyVersion: withKey(),
  UpdateRotationPolicy: withKey({ EnableAutomaticRotation: "false" }),
  GetParametersForImport: withKey(wrapping),
  ImportKeyMaterial: ({ KeyId, material }) => ({ KeyId, ...material }),
  DeleteKeyMaterial: withKey()
}

/** These operations change the situation of the key; legal ones get a separate key. */
const changing = new Set([
  "EnableKey",
  "DisableKey",
  "ScheduleKeyDeletion",
  "CancelKeyDeletion",
  "SetDeletionProtection",
  "DeleteAlias",
  "CreateKeyVersion",
  "ImportKeyMaterial",
  "DeleteKeyMaterial"
])

interface Told {
  readonly code: unknown
  readonly httpStatus: unknown
}
const legal: Told = { code: undefined, httpStatus: undefined }
const toldIn = (value: unknown): Told => ({ code: at(value, "code"), httpStatus: at(value, "httpStatus") })

/** Each operation whose prediction differs from its answer, with both. */
const differences = async (who: Page, kind: Kind, steps: ReadonlyArray<Step>): Promise<ReadonlyArray<unknown>> => {
  const subject = await subjectIn(kind, steps)
  const answer = await who.get(`/allowed?id=${subject.KeyId}`)
  const said = at(answer, "reply", "operations")
  if (!Array.isArray(said)) throw new Error(JSON.stringify(answer))
  expect(said.map((one: unknown) => at(one, "operation")).toSorted()).toEqual(Object.keys(calls).toSorted())
  const found: Array<unknown> = []
  for (const one of said) {
    const operation = String(at(one, "operation"))
    const before = at(one, "allowed") === true ? legal : toldIn(one)
    const own = before === legal && changing.has(operation) ? await subjectIn(kind, steps) : subject
    const parameters = calls[operation]?.(own, kind)
    if (parameters === undefined) continue
    const real = await who.call(operation, parameters)
    const after = at(real, "ok") === true ? legal : toldIn(at(real, "refusal"))
    if (before.code !== after.code || before.httpStatus !== after.httpStatus) found.push({ operation, before, after })
  }
  return found
}

type Statement = Readonly<Record<string, unknown>>
const policyOf = (...Statement: ReadonlyArray<Statement>): string => JSON.stringify({ Version: "1", Statement })

const user = async (name: string, document: string): Promise<Page> => {
  await mustInRam("CreateUser", { UserName: name })
  await mustInRam("CreatePolicy", { PolicyName: name, PolicyDocument: document })
  await mustInRam("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: name, UserName: name })
  const pair = at(await mustInRam("CreateAccessKey", { UserName: name }), "AccessKey")
  return server.page({
    accessKeyId: String(at(pair, "AccessKeyId")),
    accessKeySecret: String(at(pair, "AccessKeySecret"))
  })
}

const session = async (name: string, document: string, narrowed: string): Promise<Page> => {
  await must("CreateRole", { RoleName: name })
  await mustInRam("CreatePolicy", { PolicyName: name, PolicyDocument: document })
  await must("AttachPolicyToRole", { PolicyName: name, RoleName: name })
  const assumed = await must("AssumeRole", { RoleName: name, RoleSessionName: "narrow", Policy: narrowed })
  const text = (member: string): string => String(at(assumed, "Credentials", member))
  return server.page({
    accessKeyId: text("AccessKeyId"),
    accessKeySecret: text("AccessKeySecret"),
    securityToken: text("SecurityToken")
  })
}

const all = { Effect: "Allow", Action: "kms:*", Resource: "*" }
const looks = { Effect: "Allow", Action: ["kms:Describe*", "kms:List*"], Resource: "*" }

const callers: Readonly<Record<string, () => Promise<Page>>> = {
  "the root": () => server.page(),
  "a user who may do everything": () => user("everything", policyOf(all)),
  "a user who may do some of it": () =>
    user(
      "some",
      policyOf(
        looks,
        {
          Effect: "Allow",
          Action: ["Encrypt", "ReEncryptFrom", "AsymmetricSign", "CreateAlias", "UpdateAlias", "DisableKey"].map(
            (name) => `kms:${name}`
          ),
          Resource: "*"
        },
        { Effect: "Allow", Action: ["kms:*Material", "kms:CancelKeyDeletion", "kms:*Resource*"], Resource: "*" },
        { Effect: "Deny", Action: "kms:UpdateAlias", Resource: "acs:kms:*:*:alias/*" }
      )
    ),
  "a user who may do everything from here": () =>
    user("here", policyOf({ ...all, Condition: { IpAddress: { "acs:SourceIp": "127.0.0.0/8" } } })),
  "a user who may do everything with some keys": () =>
    user("prod", policyOf(looks, { ...all, Condition: { StringEquals: { "kms:tag/env": "prod" } } })),
  "a session that is narrower than its role": () =>
    session("worker", policyOf(all), policyOf({ ...all, Action: ["kms:Describe*", "kms:List*", "kms:Encrypt"] })),
  "a session that asks for more than its role": () =>
    session(
      "helper",
      policyOf(looks, { ...all, Action: "kms:GenerateDataKey" }),
      policyOf(all, { ...all, Effect: "Deny", Action: "kms:ListAliasesByKeyId" })
    )
}

describe.each(Object.keys(callers))("calls that are allowed for %s", (name) => {
  let who: Page
  // A server for each, because an account has no more than 200 keys.
  beforeAll(async () => {
    server = await startConsole({ clock: "virtual", hsm: "simulator" })
    root = await server.page()
    who = (await callers[name]?.()) ?? root
  })
  afterAll(() => server.stop())

  it.each(situations)("the console predicts which calls succeed with %s", async (_situation, kind, steps) => {
    expect(await differences(who, kind, steps)).toEqual([])
  })
})

it("the console names the policy that limits a session, and how to remove the limit", async () => {
  server = await startConsole()
  root = await server.page()
  const { KeyId } = await subjectIn("symmetric", [])
  const narrow = policyOf(looks, { ...all, Effect: "Deny", Action: "kms:Encrypt" })
  const who = await session("worker", policyOf(all), narrow)
  const answer = at(await who.get(`/allowed?id=${KeyId}`), "reply")
  expect(at(answer, "principal")).toMatch(/:assumed-role\/worker\/narrow$/)
  const operations = at(answer, "operations")
  const said = (operation: string): unknown =>
    Array.isArray(operations) ? operations.find((one: unknown) => at(one, "operation") === operation) : undefined
  expect(said("Encrypt")).toMatchObject({ decision: "policy", policy: "(session)", statement: 1 })
  expect(said("Decrypt")).toMatchObject({ decision: "policy", code: "Forbidden.NoPermission" })
  for (const operation of ["Encrypt", "Decrypt"]) {
    expect(at(said(operation), "hint")).toMatch(/^Assume the role again, without a session policy/)
  }
  // The root gets only the decision of the role's own policies.
  const asRole = at(await root.get(`/allowed?id=${KeyId}&as=role/worker`), "reply", "operations")
  expect(Array.isArray(asRole) && asRole.filter((one: unknown) => at(one, "decision") === "policy")).toEqual([])
  await server.stop()
})
