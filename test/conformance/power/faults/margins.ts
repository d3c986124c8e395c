/** Faults at the margins: values that are rarely sent, and the second of two. */
import { seeded } from "../fault.ts"
import type { Fault } from "../fault.ts"

const metadata = "src/operation/keys/keyMetadata.ts"
const dataKeys = "src/operation/cryptography/dataKey.ts"
const reEncrypt = "src/operation/cryptography/ReEncrypt.ts"
const importing = "src/operation/material/ImportKeyMaterial.ts"
const tagging = "src/operation/tags/tags.ts"
const pairs = "src/crypto/asymmetric/rsaPairs.ts"
const verifying = "src/operation/cryptography/AsymmetricVerify.ts"

export const marginsOfContexts: ReadonlyArray<Fault> = [
  seeded("re-encrypted-pairs-as-bytes", "ReEncrypt of ciphertext of a pair encrypts other text.", "KMS-CTX-010", {
    file: reEncrypt,
    find: "const sealed = toBytes(encodeBase64(bytes))",
    replace: 'const sealed = toBytes(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))'
  }),
  seeded("hidden-data-keys-alike", "All data keys that were never shown are equal.", "KMS-DK-004", {
    file: dataKeys,
    find: "const bytes = services.randomness.bytes(length)",
    replace:
      'const bytes = operation === "GenerateDataKeyWithoutPlaintext" ? new Uint8Array(length).fill(7) : services.randomness.bytes(length)'
  })
]

export const marginsOfImport: ReadonlyArray<Fault> = [
  seeded("zero-is-an-expiry", "An expiry of 0 is refused as a time in the past.", "KMS-IMP-004", {
    file: importing,
    find: "seconds === undefined || seconds === 0 ? null : seconds * 1000",
    replace: "seconds === undefined ? null : seconds * 1000"
  }),
  seeded(
    "disabled-keys-take-no-import",
    "The same material is refused for a Disabled key.",
    "KMS-IMP-016",
    {
      file: importing,
      find: '    yield* key.gate("ImportKeyMaterial")\n',
      replace:
        '    yield* key.gate("ImportKeyMaterial")\n    if (key.snapshot().matches({ lifecycle: "Disabled" })) return yield* Effect.fail(refuse("Rejected.StateModifiedFailed"))\n'
    },
    {
      file: importing,
      find: "export const ImportKeyMaterial",
      replace: 'import { refuse } from "../../domain/errors.ts"\nexport const ImportKeyMaterial'
    }
  )
]

export const marginsOfPairs: ReadonlyArray<Fault> = [
  seeded("either-digest-decrypts", "Ciphertext of one OAEP algorithm decrypts under the other.", "KMS-ASY-010", {
    file: pairs,
    find: "  decrypt: (ciphertext) => Effect.promise(() => privateKey.openOaepInThread(hash, ciphertext))",
    replace:
      '  decrypt: (ciphertext) => Effect.promise(async () => (await privateKey.openOaepInThread(hash, ciphertext)) ?? (await privateKey.openOaepInThread("sha1", ciphertext)))'
  }),
  seeded("only-the-newest-version-verifies", "AsymmetricVerify uses the newest version.", "KMS-VER-007", {
    file: verifying,
    find: "      keyVersionId: request.KeyVersionId,\n      parameter",
    replace: "      keyVersionId: key.snapshot().context.newestVersionId,\n      parameter"
  }),
  seeded("pairs-of-old-versions-by-new-keys", "AsymmetricEncrypt encrypts under the newest version.", "KMS-VER-007", {
    file: "src/operation/cryptography/AsymmetricEncrypt.ts",
    find: "      keyVersionId: request.KeyVersionId,\n",
    replace: "      keyVersionId: key.snapshot().context.newestVersionId,\n"
  }),
  seeded("bytes-behind-a-signature", "Bytes behind a signature do not matter.", "KMS-ASY-003", {
    file: pairs,
    find: "    const block = signature.length === publicKey.modulusBytes ? publicKey.raw(signature) : undefined",
    replace:
      "    const block = signature.length >= publicKey.modulusBytes ? publicKey.raw(signature.subarray(0, publicKey.modulusBytes)) : undefined"
  })
]

export const marginsOfMetadata: ReadonlyArray<Fault> = [
  seeded("interval-in-days", "The interval of rotation is shown in days.", "KMS-ROT-013", {
    file: metadata,
    find: "RotationInterval: `${rotationIntervalMillis / 1000}s`",
    replace: "RotationInterval: `${Math.floor(rotationIntervalMillis / 86_400_000)}d`"
  })
]

export const marginsOfTags: ReadonlyArray<Fault> = [
  seeded("tags-lost-by-enabling", "EnableKey removes the tags of a key.", "KMS-TAG-001", {
    file: "src/operation/keys/EnableKey.ts",
    find: '({ type: "EnableKey", at }))',
    replace: '({ type: "EnableKey", at }), { edit: { type: "RemoveTags", names: null } })'
  }),
  seeded("long-tag-values-cut", "A tag value is cut to 100 characters.", "KMS-TAG-001", {
    file: tagging,
    find: "Object.fromEntries(tags.map(({ key, value }) => [key, value]))",
    replace: "Object.fromEntries(tags.map(({ key, value }) => [key, value.slice(0, 100)]))"
  }),
  seeded("tag-values-normalized", "Tag values are normalized (NFC).", "KMS-TAG-001", {
    file: tagging,
    find: "Object.fromEntries(tags.map(({ key, value }) => [key, value]))",
    replace: "Object.fromEntries(tags.map(({ key, value }) => [key, value.normalize()]))"
  })
]
