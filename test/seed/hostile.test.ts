/** Invalid seeds: each is refused with the place of its fault, and without a secret. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto"
import { describe, expect, it } from "vitest"
import { createKms, SeedRefused } from "../../src/promise.ts"
import { parseSeedText } from "../../src/seed/text.ts"
import { checkForm } from "../../src/seed/format.ts"
import { example, id, keyIn, material } from "./seeds.ts"

const pemOf = (spec: "RSA_2048" | "EC_P256" | "EC_P256K"): string => keyIn(example, { spec }).material ?? ""
const derOf = (pem: string): Buffer => createPrivateKey(pem).export({ type: "pkcs8", format: "der" })

/** The scalar of one key with the point of another: each is valid, but they are not a pair. */
const mismatched = (): string => {
  const own = derOf(pemOf("EC_P256"))
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "der" })
  return Buffer.concat([own.subarray(0, -64), other.subarray(-64)]).toString("base64")
}

/** One bit of the private exponent changed. */
const crooked = (): string => {
  const der = derOf(pemOf("RSA_2048"))
  der[der.length >> 1] = (der[der.length >> 1] ?? 0) ^ 1
  return der.toString("base64")
}

const sec1 = createPrivateKey(pemOf("EC_P256")).export({ type: "sec1", format: "pem" }).toString()
const encrypted = createPrivateKey(pemOf("EC_P256"))
  .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "p" })
  .toString()
const spki = createPublicKey(pemOf("EC_P256")).export({ type: "spki", format: "pem" }).toString()

const key = (more: object) => ({ version: 1, keys: [{ id: id(1), ...more }] })
const pair = (spec: string, text: string) => key({ spec, material: text })

const refusals: ReadonlyArray<readonly [string, unknown, string]> = [
  ["no seed at all", null, "The seed must be"],
  ["a list", [], "The seed must be"],
  ["no version", { keys: [] }, "version is missing"],
  ["a later version", { version: 2 }, "version must be 1"],
  ["a member nobody knows", { version: 1, users: [] }, "users is not a known member"],
  ["a member of a key nobody knows", key({ matreial: material(1) }), "keys[0].matreial is not a known member"],
  [
    "a member named __proto__",
    JSON.parse('{"version":1,"__proto__":{"keys":[]}}'),
    '["__proto__"] is not a known member'
  ],
  ["an id that is no UUID", { version: 1, keys: [{ id: "orders" }] }, "keys[0].id must be a UUID"],
  ["an account that is a number", key({ account: 1 }), "keys[0].account must be string"],
  ["one id twice", { version: 1, keys: [{ id: id(1) }, { id: id(1) }] }, "keys[1].id repeats the name at keys[0].id"],
  [
    "one alias twice",
    { version: 1, keys: [1, 2].map((place) => ({ id: id(place), aliases: ["alias/a"] })) },
    "keys[1].aliases repeats"
  ],
  ["an alias of services", key({ aliases: ["alias/acs/oss"] }), "keys[0].aliases must begin with alias/"],
  ["a spec nobody has", key({ spec: "AES" }), 'keys[0].spec must be "Aliyun_AES_256" or'],
  ["a usage the spec has not", key({ spec: "EC_P256", usage: "ENCRYPT/DECRYPT" }), "keys[0] is refused with Invalid"],
  ["a level the spec has not", key({ spec: "Aliyun_SM4", level: "SOFTWARE" }), "Unsupported.ProtectionLevel"],
  ["a region without an HSM", key({ level: "HSM", region: "cn-qingdao" }), "Unsupported.ProtectionLevel"],
  ["material that is no Base64", key({ material: "not base 64!" }), "keys[0].material must be 32 bytes"],
  ["Base64 without its padding", key({ material: material(1).slice(0, -1) }), "keys[0].material must be 32 bytes"],
  ["31 bytes", key({ material: Buffer.alloc(31).toString("base64") }), "keys[0].material must be 32 bytes"],
  ["33 bytes in hexadecimal", key({ material: "ab".repeat(33) }), "keys[0].material must be 32 bytes"],
  ["material that is empty", key({ material: "" }), "keys[0].material must be 32 bytes"],
  ["bytes for a pair", pair("EC_P256", material(1)), "keys[0].material must be the private key"],
  ["halves that do not match", pair("EC_P256", mismatched()), "keys[0].material must be the private key"],
  ["a private key that is not sound", pair("RSA_2048", crooked()), "keys[0].material must be the private key"],
  ["a key of another size", pair("RSA_3072", pemOf("RSA_2048")), "keys[0].material must be the private key"],
  ["a key of another curve", pair("EC_P256", pemOf("EC_P256K")), "keys[0].material must be the private key"],
  ["a SEC 1 key", pair("EC_P256", sec1), "keys[0].material must be the private key"],
  ["an encrypted key", pair("EC_P256", encrypted), "keys[0].material must be the private key"],
  ["a public key", pair("EC_P256", spki), "keys[0].material must be the private key"],
  ["material without end", key({ material: "A".repeat(1_000_000) }), "keys[0].material must be"],
  ["no versions", key({ versions: [] }), "keys[0].versions"],
  [
    "material twice over",
    key({ material: material(1), versions: [{}] }),
    "keys[0].versions are given together with material"
  ],
  ["some material", key({ versions: [{}, { material: material(1) }] }), "keys[0].versions must all have material"],
  [
    "one version id twice",
    key({ versions: [{ id: id(5) }, { id: id(5) }] }),
    "keys[0].versions must have ids that differ"
  ],
  ["versions of external keys", key({ origin: "EXTERNAL", versions: [{}, {}] }), "keys[0].versions must be one"],
  ["a pair of origin EXTERNAL", key({ origin: "EXTERNAL", spec: "EC_P256" }), "keys[0] is refused with Invalid"],
  ["a state nobody has", key({ state: "Deleted" }), "keys[0].state must be"],
  ["an external key Enabled without material", key({ origin: "EXTERNAL", state: "Enabled" }), "keys[0].state must be"],
  ["PendingImport for an own key", key({ state: "PendingImport" }), "keys[0].state must be"],
  [
    "the deletion of a protected key",
    key({ deletionProtection: true, state: "PendingDeletion" }),
    "keys[0] is refused with Rejected.StateModifiedFailed"
  ],
  ["a window of 6 days", key({ state: "PendingDeletion", pendingWindowInDays: 6 }), "keys[0].pendingWindowInDays"],
  ["a window for nothing", key({ pendingWindowInDays: 7 }), "keys[0].pendingWindowInDays is for keys"],
  ["a short interval", key({ rotationInterval: "6d" }), "keys[0].rotationInterval must be"],
  ["rotation of pairs", key({ spec: "EC_P256", rotationInterval: "30d" }), "keys[0] is refused with Invalid"],
  [
    "material that has expired",
    key({ origin: "EXTERNAL", material: material(1), materialExpires: "2020-01-01T00:00:00Z" }),
    "keys[0].materialExpires must be a time in the future"
  ],
  ["expiry of own material", key({ materialExpires: "2040-01-01T00:00:00Z" }), "keys[0].materialExpires is for"],
  ["a tag of the vendor's", key({ tags: { "acs:x": "1" } }), "keys[0].tags is refused with InvalidParameter.TagKey"],
  [
    "a key policy without a principal",
    key({ policy: { Version: "1", Statement: [{ Effect: "Allow" }] } }),
    "keys[0].policy is refused with InvalidParameter"
  ],
  ["a tag that is no text", key({ tags: { a: 1 } }), "keys[0].tags.a must be string"],
  [
    "21 tags",
    key({ tags: Object.fromEntries([..."abcdefghijklmnopqrstu"].map((t) => [t, t])) }),
    "keys[0].tags must have at most 20"
  ],
  ["a service of no name", key({ service: "O S S" }), "keys[0].service must be letters"],
  [
    "a service's key that users rotate",
    key({ service: "OSS", rotationInterval: "30d" }),
    "keys[0].rotationInterval is not"
  ],
  ["a service's key switched off", key({ service: "OSS", state: "Disabled" }), "refused with UnsupportedOperation"],
  [
    "51 versions of a pair",
    key({ spec: "EC_P256", versions: Array.from({ length: 51 }, () => ({})) }),
    "Rejected.LimitExceeded"
  ],
  [
    "a secret that is no text",
    { version: 1, accounts: [{ id: "2", rootAccessKey: { id: "LTAI4seededseededseed", secret: [material(1)] } }] },
    "accounts[0].rootAccessKey.secret must be string"
  ],
  ["201 keys", { version: 1, keys: Array.from({ length: 201 }, (_, at) => ({ id: id(at) })) }, "201 keys"]
]

describe("refused seeds", () => {
  it.each(refusals)("refuses a seed with %s", async (_what, fixtures, complaint) => {
    const failure: unknown = await createKms({ clock: "virtual", fixtures: fixtures as never }).catch((error) => error)
    if (!(failure instanceof SeedRefused)) throw failure
    expect(failure.message).toContain(complaint)
    expect(failure.message).not.toMatch(/BEGIN|[A-Za-z0-9+/]{40}/)
  })

  it("a refused seed reports several faults together, twenty of them by name", async () => {
    const keys = Array.from({ length: 30 }, () => ({ id: "x" }))
    const failure = await createKms({ fixtures: { version: 1, keys } }).catch((error: Error) => error.message)
    expect(String(failure).split("\n")).toHaveLength(22)
    expect(failure).toContain("There are 10 more faults.")
  })
})

describe("seed text with errors", () => {
  it.each([
    ["no text", "", "json", "is not well-formed JSON near character 1"],
    ["JSON that stops", '{"version":1', "json", "is not well-formed JSON near character 12"],
    ["JSON with something after it", '{"version":1} x', "json", "is not well-formed JSON"],
    ["a member twice", '{"version":1,"keys":[{"id":"a","id":"b"}]}', "json", "is given twice"],
    ["nesting without end", "[".repeat(100_000), "json", "is nested deeper than any part of a seed"],
    ["TOML with bare material", "version = 1\nmaterial = c2VjcmV0c2VjcmV0", "toml", "is not TOML at line 2"],
    ["TOML with a table twice", "version = 1\n[a]\n[a]\n", "toml", "is not TOML at line"],
    ["TOML nested without end", `a = ${"[".repeat(100_000)}`, "toml", "is not TOML"]
  ] as const)("refuses seed text with the place of the error: %s", (_what, text, format, complaint) => {
    const read = parseSeedText(text, format)
    if (read._tag === "Success") throw new Error("it was read")
    expect(read.failure.complaint).toContain(complaint)
    expect(JSON.stringify(read.failure)).not.toContain("c2Vj")
  })

  it("a refused seed quotes unknown names without control characters for the terminal", () => {
    const read = checkForm({ version: 1, "\u001b[2J": 1 })
    if (read._tag === "Success") throw new Error("it was read")
    expect(read.failure[0]?.path).not.toContain("\u001b")
  })
})
