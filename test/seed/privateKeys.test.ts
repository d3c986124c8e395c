/** Private keys in seeds: forms that OpenSSL reads are accepted, and a refusal names its cause. */
import { execFileSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import type { KeyObject } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { curves, publicPointOf } from "../../src/crypto/asymmetric/curves.ts"
import type { CurveSpec } from "../../src/crypto/asymmetric/curves.ts"
import {
  derBits,
  derInteger,
  derNothing,
  derOctets,
  derOid,
  derSequence,
  element
} from "../../src/crypto/asymmetric/der.ts"
import { ecOid, rsaOid } from "../../src/crypto/asymmetric/spki.ts"
import type { KeySpec } from "../../src/domain/keySpec.ts"
import { createKms } from "../../src/promise.ts"
import { isSeedRefused } from "./refusals.ts"

const folder = mkdtempSync(join(tmpdir(), "keystate-keys-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Whether OpenSSL reads the text as a private key with matching parts. */
const opensslTakes = (text: string): boolean => {
  const path = join(folder, "key.pem")
  writeFileSync(path, text)
  try {
    execFileSync("openssl", ["pkey", "-in", path, "-noout", "-check"], { stdio: "pipe" })
    return true
  } catch {
    return false
  }
}

const keyId = "11111111-2222-4333-8444-555555555555"

/** The refusal of a seed with this material; undefined if the service starts and signs with the key. */
const fault = async (material: string, spec: KeySpec): Promise<string | undefined> => {
  const level = spec === "EC_SM2" || spec === "Aliyun_SM4" ? ("HSM" as const) : ("SOFTWARE" as const)
  const usage = spec.startsWith("RSA") || spec === "EC_SM2" ? { usage: "SIGN/VERIFY" as const } : {}
  const fixtures = { version: 1 as const, keys: [{ id: keyId, spec, level, ...usage, material }] }
  try {
    await using kms = await createKms({ clock: "virtual", hsm: "simulator", fixtures })
    if (!spec.startsWith("EC") && !spec.startsWith("RSA")) return undefined
    const { KeyVersions } = await kms.listKeyVersions({ KeyId: keyId })
    await kms.getPublicKey({ KeyId: keyId, KeyVersionId: KeyVersions.KeyVersion[0]?.KeyVersionId ?? "" })
    return undefined
  } catch (error) {
    if (isSeedRefused(error)) return error.message
    throw error
  }
}

const armoured = (der: Uint8Array, label = "PRIVATE KEY"): string => {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n")
}

const scalar = Uint8Array.from(Buffer.from(`00${"ab".repeat(31)}`, "hex"))
const bytes32 = (value: bigint): Uint8Array => Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"))

const attributes = element(
  0xa0,
  derSequence(
    derOid(Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 20)),
    element(0x31, element(0x1e, Uint8Array.of(0, 65)))
  )
)

/** PKCS #8 keys on one curve, in many encodings. */
const spellings = (spec: CurveSpec): Readonly<Record<string, Uint8Array>> => {
  const { oid, Point } = curves[spec]
  const point = publicPointOf(curves[spec], scalar)
  const x = point.subarray(1, 33)
  const odd = (point.at(-1) ?? 0) & 1
  const { p, a, b, n, Gx, Gy } = Point.CURVE()
  const named = derSequence(derOid(ecOid), derOid(oid))
  const writtenOut = derSequence(
    derInteger(1n),
    derSequence(derOid(Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 1, 1)), derInteger(p)),
    derSequence(derOctets(bytes32(a)), derOctets(bytes32(b))),
    derOctets(Uint8Array.of(4, ...bytes32(Gx), ...bytes32(Gy))),
    derInteger(n),
    derInteger(1n)
  )
  const publicPart = (bytes: Uint8Array) => element(0xa1, derBits(bytes))
  const inner = (number: Uint8Array, ...more: ReadonlyArray<Uint8Array>) =>
    derSequence(derInteger(1n), derOctets(number), ...more)
  const info = (key: Uint8Array, ...more: ReadonlyArray<Uint8Array>) =>
    derSequence(derInteger(0n), named, derOctets(key), ...more)
  const otherCurve = spec === "EC_P256" ? curves.EC_P256K : curves.EC_P256
  return {
    "as OpenSSL writes it": info(inner(scalar, publicPart(point))),
    "without its public key": info(inner(scalar)),
    "with a compressed public key": info(inner(scalar, publicPart(Uint8Array.of(2 + odd, ...x)))),
    "with a hybrid public key": info(inner(scalar, publicPart(Uint8Array.of(6 + odd, ...point.subarray(1))))),
    "with attributes": info(inner(scalar, publicPart(point)), attributes),
    "with no attributes in their place": info(inner(scalar, publicPart(point)), element(0xa0)),
    "with its curve named inside too": info(inner(scalar, element(0xa0, derOid(oid)), publicPart(point))),
    "with a number of 31 bytes": info(inner(scalar.subarray(1), publicPart(point))),
    "with a number of 33 bytes": info(inner(Uint8Array.of(0, ...scalar), publicPart(point))),
    "with its curve written out": derSequence(
      derInteger(0n),
      derSequence(derOid(ecOid), writtenOut),
      derOctets(inner(scalar, publicPart(point)))
    ),
    "with another curve inside": info(inner(scalar, element(0xa0, derOid(otherCurve.oid)), publicPart(point))),
    "with another public key": info(inner(scalar, publicPart(publicPointOf(curves[spec], bytes32(5n))))),
    "with a public key that is no point": info(inner(scalar, publicPart(Uint8Array.of(4, ...x, ...x)))),
    "with the number zero": info(inner(new Uint8Array(32))),
    "with a number as large as the order": info(inner(bytes32(n))),
    "with attributes that are none": info(inner(scalar, publicPart(point)), element(0xa0, Uint8Array.of(1, 2, 3))),
    "with attributes twice": info(inner(scalar, publicPart(point)), attributes, attributes),
    "cut short": info(inner(scalar, publicPart(point))).slice(0, -5)
  }
}

const plain = (spec: CurveSpec): Uint8Array => spellings(spec)["as OpenSSL writes it"] ?? new Uint8Array(0)

describe.each(["EC_P256", "EC_P256K", "EC_SM2"] as const)("a key of spec %s", (spec) => {
  it.each(Object.entries(spellings(spec)))(
    "a seed and OpenSSL agree on an elliptic-curve key %s",
    async (_how, der) => {
      const text = armoured(der)
      expect((await fault(text, spec)) === undefined).toBe(opensslTakes(text))
    }
  )
})

const rsaKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
const exported = (key: KeyObject, type: "pkcs1" | "pkcs8" | "sec1"): Uint8Array =>
  Uint8Array.from(key.export({ type, format: "der" }))
const rsaInfo = (parameters: ReadonlyArray<Uint8Array>, ...more: ReadonlyArray<Uint8Array>): Uint8Array =>
  derSequence(derInteger(0n), derSequence(derOid(rsaOid), ...parameters), derOctets(exported(rsaKey, "pkcs1")), ...more)

describe("an RSA key", () => {
  it.each([
    ["as OpenSSL writes it", exported(rsaKey, "pkcs8")],
    ["without the NULL of its algorithm", rsaInfo([])],
    ["with attributes", rsaInfo([derNothing], attributes)],
    ["with attributes that are none", rsaInfo([derNothing], element(0xa0, Uint8Array.of(1, 2, 3)))]
  ])("a seed and OpenSSL agree on an RSA key %s", async (_how, der) => {
    const text = armoured(der)
    expect((await fault(text, "RSA_2048")) === undefined).toBe(opensslTakes(text))
  })
})

const lines = armoured(plain("EC_P256")).trimEnd().split("\n")
const body = lines.slice(1, -1)
const [first = "", last = ""] = [lines[0], lines.at(-1)]
const joined = (parts: ReadonlyArray<string>): string => `${parts.join("\n")}\n`

/** Valid layouts of one PEM key. OpenSSL does not write the last two. */
const layouts: Readonly<Record<string, string>> = {
  "as OpenSSL writes it": joined(lines),
  "after other text": `Bag Attributes\n  friendlyName: orders\n${joined(lines)}`,
  "before other text": `${joined(lines)}the key of orders\n`,
  "after blank lines": `\n\n${joined(lines)}`,
  "with a blank line after its first": joined([first, "", ...body, last]),
  "with an indented body": joined([first, ...body.map((line) => `    ${line}`), last]),
  "with blanks at the ends of its lines": joined(lines.map((line) => `${line}  `)),
  "with CR and LF": joined(lines).replaceAll("\n", "\r\n"),
  "in one line": joined([first, body.join(""), last]),
  "in lines of 76 characters": joined([first, ...(body.join("").match(/.{1,76}/g) ?? []), last]),
  "after the parameters of its curve": `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${joined(lines)}`,
  "after a byte order mark": `\ufeff${joined(lines)}`,
  "indented as a whole": joined(lines.map((line) => `    ${line}`)),
  "with a blank line before its last": joined([first, ...body, "", last])
}

describe("a PEM key", () => {
  it.each(Object.entries(layouts))("a seed accepts a PEM key %s", async (how, text) => {
    expect(await fault(text, "EC_P256")).toBeUndefined()
    const isMore = how === "indented as a whole" || how === "with a blank line before its last"
    expect(opensslTakes(text)).toBe(!isMore)
  })
})

const p256 = generateKeyPairSync("ec", { namedCurve: "prime256v1" })
const encrypted = (type: "pkcs8" | "sec1"): string =>
  String(p256.privateKey.export({ type, format: "pem", cipher: "aes-256-cbc", passphrase: "passphrase" }))
const pemOf = (namedCurve: string): string =>
  String(generateKeyPairSync("ec", { namedCurve }).privateKey.export({ type: "pkcs8", format: "pem" }))
const base64 = (der: Uint8Array): string => Buffer.from(der).toString("base64")
const der = plain("EC_P256")

/** Invalid material of a key spec, and the cause in the refusal. */
const refused: ReadonlyArray<readonly [what: string, material: string, spec: KeySpec, cause: string]> = [
  ["an encrypted key", encrypted("pkcs8"), "EC_P256", "is encrypted"],
  ["an encrypted key by SEC 1", encrypted("sec1"), "EC_P256", "is encrypted"],
  ["a key by SEC 1", String(p256.privateKey.export({ type: "sec1", format: "pem" })), "EC_P256", "is a key by SEC 1"],
  ["DER by SEC 1", base64(exported(p256.privateKey, "sec1")), "EC_P256", "is a key by SEC 1"],
  ["a key by PKCS #1", String(rsaKey.export({ type: "pkcs1", format: "pem" })), "RSA_2048", "is a key by PKCS #1"],
  ["DER by PKCS #1", base64(exported(rsaKey, "pkcs1")), "RSA_2048", "is a key by PKCS #1"],
  ["a public key", String(p256.publicKey.export({ type: "spki", format: "pem" })), "EC_P256", "is a public key"],
  ["a public key in DER", base64(p256.publicKey.export({ type: "spki", format: "der" })), "EC_P256", "is a public key"],
  ["a certificate", armoured(der, "CERTIFICATE"), "EC_P256", "is a certificate"],
  ["a key of OpenSSH", armoured(der, "OPENSSH PRIVATE KEY"), "EC_P256", "is a key of OpenSSH"],
  ["parameters alone", armoured(der, "EC PARAMETERS"), "EC_P256", "has the parameters of a curve and no key"],
  [
    "an encrypted key in the armour of a plain one",
    joined([first, "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-256-CBC,00", "", ...body, last]),
    "EC_P256",
    "is encrypted"
  ],
  ["a key with a header", joined([first, "Comment: orders", "", ...body, last]), "EC_P256", "has the header Comment"],
  ["two keys with CR as line ends", joined(lines).replaceAll("\n", "\r").repeat(2), "EC_P256", "has 2 private keys"],
  ["two keys", `${armoured(der)}${armoured(der)}`, "EC_P256", "has 2 private keys"],
  ["armour without an end", armoured(der).slice(0, -20), "EC_P256", "begins a PEM block PRIVATE KEY that does not end"],
  [
    "armour around other text",
    "-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----\n",
    "EC_P256",
    "has PEM content that"
  ],
  ["P-384", pemOf("secp384r1"), "EC_P256", "is a key on the curve P-384; P-256 is needed"],
  ["P-521", pemOf("secp521r1"), "EC_P256", "is a key on the curve P-521; P-256 is needed"],
  ["secp256k1", pemOf("secp256k1"), "EC_P256", "is a key on the curve secp256k1; P-256 is needed"],
  ["P-256 for secp256k1", pemOf("prime256v1"), "EC_P256K", "is a key on the curve P-256; secp256k1 is needed"],
  ["P-256 for SM2", pemOf("prime256v1"), "EC_SM2", "is a key on the curve P-256; SM2 is needed"],
  ["RSA for a curve", base64(exported(rsaKey, "pkcs8")), "EC_P256", "is an RSA key; a key on P-256 is needed"],
  [
    "a curve for RSA",
    pemOf("prime256v1"),
    "RSA_2048",
    "is a key on an elliptic curve; an RSA key of 2048 bits is needed"
  ],
  ["RSA of another size", base64(exported(rsaKey, "pkcs8")), "RSA_3072", "is an RSA key of 2048 bits; 3072 are needed"],
  [
    "Ed25519",
    String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
    "EC_P256",
    "is an Ed25519 key"
  ],
  ["a key with bytes after it", base64(Uint8Array.of(...der, 0, 0)), "EC_P256", "has 2 bytes after the key"],
  ["a key that is cut short", base64(der.slice(0, -5)), "EC_P256", "is not DER, or is truncated"],
  [
    "another public key",
    armoured(spellings("EC_P256")["with another public key"] ?? der),
    "EC_P256",
    "belongs to another private key"
  ],
  ["nothing", "", "EC_P256", "has no key"],
  ["white space", " \n", "EC_P256", "has no key"],
  ["words", "no key at all!", "EC_P256", "not in the Base64 alphabet"],
  ["Base64 without padding", base64(der).replace(/=*$/, "A"), "EC_P256", "padding"],
  ["symmetric material with a line break", `${"A".repeat(43)}=\n`, "Aliyun_AES_256", "ends with a line break"],
  ["symmetric material with blanks", ` ${"A".repeat(43)}= `, "Aliyun_AES_256", "has white space around it"],
  [
    "symmetric material broken in two",
    `${"A".repeat(22)}\n${"A".repeat(21)}=`,
    "Aliyun_AES_256",
    "line break at character 23"
  ],
  ["symmetric material without padding", "x".repeat(43), "Aliyun_AES_256", "lacks padding: it must end with ="],
  ["symmetric material with too much padding", `${"A".repeat(43)}==`, "Aliyun_AES_256", "padding"],
  ["URL-safe symmetric material", `${"-_".repeat(21)}A=`, "Aliyun_AES_256", "URL-safe alphabet"],
  [
    "symmetric material with a stranger",
    `${"A".repeat(42)}*=`,
    "Aliyun_AES_256",
    "not in the Base64 alphabet, at character 43"
  ],
  ["31 bytes", Buffer.alloc(31).toString("base64"), "Aliyun_AES_256", "has 31 bytes"],
  ["32 bytes for SM4", Buffer.alloc(32).toString("base64"), "Aliyun_SM4", "has 32 bytes"],
  ["31 bytes in hexadecimal", "ab".repeat(31), "Aliyun_AES_256", "62 hexadecimal digits; 64 are needed"],
  ["63 hexadecimal digits", "a".repeat(63), "Aliyun_AES_256", "63 hexadecimal digits; 64 are needed"],
  ["unused bits that are set", `${"A".repeat(42)}B=`, "Aliyun_AES_256", "unused bits"]
]

describe("refused seed material", () => {
  it.each(refused)("refuses seed material with its cause: %s", async (_what, material, spec, cause) => {
    const message = await fault(material, spec)
    expect(message).toContain(`; it `)
    expect(message).toContain(cause)
    // No refusal contains the material.
    const told = material
      .trim()
      .split("\n")
      .find((line) => line.length > 40 && !line.startsWith("-"))
    if (told !== undefined) expect(message).not.toContain(told)
  })
})
