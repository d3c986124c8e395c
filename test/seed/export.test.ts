/** What is exported is what was put in: seeds come out again, and what was made inside stays inside. */
import { constants, publicEncrypt } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { example, exportOf, id, keyIn, material, seedOfKeys } from "./seeds.ts"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keystate-export-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string): string => join(folder, name)
const Plaintext = Buffer.from("hello").toString("base64")
const start = (name: string, fixtures: typeof example): Promise<PromiseKms> =>
  createKms({ store: { directory: at(name) }, clock: "virtual", fixtures })

it("a seed that was planted, exported and planted elsewhere is exported there to the letter", async () => {
  await (await start("first", example)).close()
  const exported = await exportOf(at("first"))
  expect(JSON.stringify(await exportOf(at("first")))).toBe(JSON.stringify(exported))
  await (await start("second", exported)).close()
  expect(JSON.stringify(await exportOf(at("second")))).toBe(JSON.stringify(exported))
  expect((exported.keys ?? []).map((key) => key.id)).toEqual((example.keys ?? []).map((key) => key.id).sort())
})

it("what lived on after planting opens where it was exported to, rotated and imported versions too", async () => {
  const first = await start("first", example)
  await first.clock.advance("90d")
  const blobs: Array<string> = []
  for (const KeyId of [id(1), id(2), id(7)]) blobs.push((await first.encrypt({ KeyId, Plaintext })).CiphertextBlob)
  const Digest = Buffer.alloc(32, 9).toString("base64")
  const [version] = (await first.listKeyVersions({ KeyId: id(4) })).KeyVersions.KeyVersion
  const Algorithm = "RSA_PKCS1_SHA_256"
  const signing = { KeyId: id(4), KeyVersionId: version?.KeyVersionId ?? "", Algorithm, Digest } as const
  const { Value } = await first.asymmetricSign(signing)
  await first.close()
  await using second = await start("second", await exportOf(at("first")))
  for (const CiphertextBlob of blobs) expect((await second.decrypt({ CiphertextBlob })).Plaintext).toBe(Plaintext)
  expect((await second.asymmetricVerify({ ...signing, Value })).Value).toBe(true)
})

it("material that was made here is not exported; material that was imported is", async () => {
  const kms = await start("made", seedOfKeys({ id: id(1) }, { id: id(2), spec: "EC_P256" }))
  const { KeyId: made } = (await kms.createKey({ Description: "made here" })).KeyMetadata
  const { KeyId: external } = (await kms.createKey({ Origin: "EXTERNAL" })).KeyMetadata
  const wrapping = { WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" } as const
  const issued = await kms.getParametersForImport({ KeyId: external, ...wrapping })
  const publicKey = { key: Buffer.from(issued.PublicKey, "base64"), format: "der", type: "spki" } as const
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }
  const EncryptedKeyMaterial = publicEncrypt({ ...publicKey, ...padding }, Buffer.alloc(32, 3)).toString("base64")
  await kms.importKeyMaterial({ KeyId: external, ImportToken: issued.ImportToken, EncryptedKeyMaterial })
  await kms.close()
  const exported = await exportOf(at("made"))
  for (const generated of [made, id(1), id(2)]) expect(keyIn(exported, { id: generated }).versions).toBeUndefined()
  expect(keyIn(exported, { id: external }).versions?.map((version) => version.material)).toEqual([material(3)])
})

it("a key policy is exported as an object with each value in quotes, and comes back in force", async () => {
  const grant = {
    Sid: "a",
    Effect: "Allow",
    Principal: { RAM: ["acs:ram::1000000000000001:user/alice"] },
    Action: "kms:Encrypt",
    Resource: "*",
    Condition: { NumericLessThan: { "kms:tag/level": "1.50" } }
  }
  const policy = { Version: "1", Statement: [grant] }
  const kms = await start("policied", seedOfKeys({ id: id(1), policy }, { id: id(2) }))
  expect(JSON.parse((await kms.getKeyPolicy({ KeyId: id(1) })).Policy)).toStrictEqual(policy)
  await kms.setKeyPolicy({ KeyId: id(1), Policy: JSON.stringify(policy).replace('"1.50"', "1.50") })
  await kms.close()
  const exported = await exportOf(at("policied"))
  expect([keyIn(exported, { id: id(1) }).policy, keyIn(exported, { id: id(2) }).policy]).toStrictEqual([
    policy,
    undefined
  ])
  await using again = await start("again", exported)
  expect(JSON.parse((await again.getKeyPolicy({ KeyId: id(1) })).Policy)).toStrictEqual(policy)
})

it("what a key carries is exported with it, and comes back", async () => {
  const seed = seedOfKeys({
    id: id(1),
    description: "all of it",
    aliases: ["alias/b", "alias/a"],
    tags: { b: "2", a: "1" },
    state: "Disabled",
    rotationInterval: "720h",
    deletionProtection: true,
    deletionProtectionDescription: "it is needed"
  })
  await (await start("whole", seed)).close()
  const [key] = (await exportOf(at("whole"))).keys ?? []
  expect(key).toEqual({
    ...seed.keys?.[0],
    account: "1000000000000001",
    region: "cn-hangzhou",
    spec: "Aliyun_AES_256",
    origin: "Aliyun_KMS",
    level: "SOFTWARE",
    aliases: ["alias/a", "alias/b"],
    tags: { a: "1", b: "2" },
    rotationInterval: "30d"
  })
})
