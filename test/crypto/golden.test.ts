/** Blobs and sealed rows from the day of format 1, computed by another program in another language. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { parseBlob } from "../../src/crypto/blob.ts"
import { rootKeyFromPassphrase as nativeFromPassphrase } from "../../src/crypto/native/rootKey.ts"
import { rootKeyFromPassphrase as portableFromPassphrase } from "../../src/crypto/portable/rootKey.ts"
import { materialIdentity } from "../../src/crypto/seal.ts"
import { canonicalContext } from "../../src/domain/encryptionContext.ts"
import { KeySpec } from "../../src/domain/keySpec.ts"
import { chance, chanceBeginning, decodedFile, fromHex, holding, rowOf, toHex } from "./material.ts"
import { both } from "./providers.ts"

const Blobs = Schema.Struct({
  keys: Schema.Array(Schema.Struct({ keyId: Schema.String, keyVersionId: Schema.String, material: Schema.String })),
  blobs: Schema.Array(
    Schema.Struct({
      key: Schema.Int,
      nonce: Schema.String,
      context: Schema.Array(Schema.Tuple([Schema.String, Schema.String])),
      plaintext: Schema.String,
      blob: Schema.String
    })
  )
})

const sealedFields = { salt: Schema.String, plaintext: Schema.String, sealed: Schema.String }
const AtRest = Schema.Struct({
  rootKey: Schema.String,
  checkValue: Schema.String,
  material: Schema.Array(
    Schema.Struct({ keyId: Schema.String, keyVersionId: Schema.String, spec: KeySpec, ...sealedFields })
  ),
  secrets: Schema.Array(Schema.Struct({ label: Schema.String, id: Schema.String, ...sealedFields })),
  fingerprints: Schema.Array(
    Schema.Struct({ keyId: Schema.String, material: Schema.String, fingerprint: Schema.String })
  ),
  passphrase: Schema.Struct({ typed: Schema.String, salt: Schema.String, checkValue: Schema.String })
})

const atRest = decodedFile("../golden/at-rest.json", AtRest)

const goldenOf = (file: string, spec: KeySpec) => {
  const { keys, blobs } = decodedFile(`../golden/${file}`, Blobs)
  return blobs.flatMap((blob) => {
    const key = keys[blob.key]
    return key === undefined ? [] : [{ ...blob, ...key, spec, context: canonicalContext(new Map(blob.context)) }]
  })
}

const blobs = [...goldenOf("blobs.json", "Aliyun_AES_256"), ...goldenOf("sm4-blobs.json", "Aliyun_SM4")]

describe.each(both)("format 1, $name", ({ makeProvider, makeRootKey }) => {
  const rootKey = makeRootKey({ bytes: fromHex(atRest.rootKey), randomness: chance("root") })

  it.effect("format 1 opens every golden blob", () =>
    Effect.gen(function* () {
      const provider = makeProvider({ randomness: chance("open"), rootKey })
      expect(blobs.length).toBe(36)
      for (const { keyId, keyVersionId, spec, material, context, plaintext, blob } of blobs) {
        const handle = holding(provider, rowOf(keyId, keyVersionId), fromHex(material), spec)
        expect(toHex(yield* provider.unseal({ handle, blob: fromHex(blob), context }))).toBe(plaintext)
      }
    })
  )

  it.effect("format 1 reproduces every golden blob with its nonce, byte for byte", () =>
    Effect.gen(function* () {
      for (const { keyId, keyVersionId, spec, material, context, plaintext, nonce, blob } of blobs) {
        const provider = makeProvider({ randomness: chanceBeginning(fromHex(nonce)), rootKey })
        const handle = holding(provider, rowOf(keyId, keyVersionId), fromHex(material), spec)
        expect(toHex(yield* provider.seal({ handle, plaintext: fromHex(plaintext), context }))).toBe(blob)
      }
    })
  )

  it("format 1 opens golden material and secrets, and reproduces them with their salt", () => {
    expect(toHex(rootKey.checkValue)).toBe(atRest.checkValue)
    const withSalt = (salt: string) =>
      makeRootKey({ bytes: fromHex(atRest.rootKey), randomness: chanceBeginning(fromHex(salt)) })
    for (const { keyId, keyVersionId, spec, salt, plaintext, sealed } of atRest.material) {
      const identity = materialIdentity(rowOf(keyId, keyVersionId), spec)
      const opened = rootKey.open({ identity, sealed: fromHex(sealed) })
      expect(opened && toHex(opened)).toBe(plaintext)
      expect(toHex(withSalt(salt).seal({ identity, plaintext: fromHex(plaintext) }))).toBe(sealed)
    }
    for (const { label, id, salt, plaintext, sealed } of atRest.secrets) {
      const opened = rootKey.openSecret({ label, id, sealed: fromHex(sealed) })
      expect(opened && toHex(opened)).toBe(plaintext)
      expect(toHex(withSalt(salt).sealSecret({ label, id, plaintext: fromHex(plaintext) }))).toBe(sealed)
    }
  })

  it("the root key reproduces golden fingerprints of material", () => {
    expect(atRest.fingerprints).toHaveLength(4)
    for (const { fingerprint, keyId, material } of atRest.fingerprints)
      expect(rootKey.fingerprint({ keyId: rowOf(keyId, keyId).keyId, material: fromHex(material) })).toBe(fingerprint)
  })
})

describe("format 1", () => {
  it("format 1 reads the parts of a blob", () => {
    for (const { blob, nonce, keyId, keyVersionId } of blobs) {
      const parsed = parseBlob(fromHex(blob))
      const parts = [parsed?.keyId, parsed?.keyVersionId, parsed?.nonce].map((part) => part && toHex(part))
      expect(parts).toStrictEqual([keyId.replaceAll("-", ""), keyVersionId.replaceAll("-", ""), nonce])
      expect(parsed?.header.length).toBe(82)
      expect(
        [parsed?.derivationInput, parsed?.commitment, parsed?.sealed].map((part) => part && toHex(part)).join("")
      ).toBe(blob)
    }
  })

  it("format 1 reads no blobs of other formats and algorithms", () => {
    const [first] = blobs
    const bytes = fromHex(first?.blob ?? "")
    expect(parseBlob(bytes)).toBeDefined()
    for (let byte = 0; byte < 256; byte++) {
      for (const at of [0, 1]) {
        if ((at === 0 ? [1] : [1, 3]).includes(byte)) continue
        expect(parseBlob(bytes.with(at, byte)), `byte ${at}: ${byte}`).toBeUndefined()
      }
    }
    expect(parseBlob(bytes.subarray(0, 97))).toBeUndefined()
  })

  it.effect.each([nativeFromPassphrase, portableFromPassphrase])(
    "a passphrase gives the same root key for composed and decomposed letters",
    (fromPassphrase) =>
      Effect.gen(function* () {
        const { typed, salt, checkValue } = atRest.passphrase
        for (const passphrase of [typed, typed.normalize("NFC")]) {
          const rootKey = yield* fromPassphrase({
            passphrase: Redacted.make(passphrase),
            salt: fromHex(salt),
            randomness: chance("passphrase")
          })
          expect(toHex(rootKey.checkValue)).toBe(checkValue)
        }
      })
  )
})
