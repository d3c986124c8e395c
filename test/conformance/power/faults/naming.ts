/** Faults of aliases and of the encryption context, and of what a ciphertext is bound to. */
import type { Fault } from "../fault.ts"

const machine = "machines/cmk.ts"
const permits = "machines/permits.ts"

export const aliases: ReadonlyArray<Fault> = [
  {
    id: "aliases-outlive-their-key",
    does: "The aliases of a deleted key are not deleted.",
    law: "KMS-AL-013",
    patches: [
      { file: machine, find: "actions: [endLife, erase, dropAliases] }", replace: "actions: [endLife, erase] }" }
    ]
  },
  {
    id: "create-alias-overwrites",
    does: "CreateAlias takes a name away from another key.",
    law: "KMS-AL-002",
    patches: [
      {
        file: "src/plan/changePlan.ts",
        find: "of aliases ?? []) {\n    checks.push",
        replace: "of (aliases ?? []).slice(0, Math.min(0, expectedEpoch))) {\n    checks.push"
      }
    ]
  },
  {
    id: "update-alias-does-nothing",
    does: "UpdateAlias answers success and the name stays where it was.",
    law: "KMS-AL-009",
    patches: [
      {
        file: "src/operation/aliases/UpdateAlias.ts",
        find: "aliases: [{ aliasName: AliasName, from, to: key.keyId }]",
        replace: ""
      }
    ]
  },
  {
    id: "delete-alias-does-nothing",
    does: "DeleteAlias answers success and the name is still bound.",
    law: "KMS-AL-004",
    patches: [
      {
        file: "src/operation/aliases/DeleteAlias.ts",
        find: "aliases: [{ aliasName, from, to: null }]",
        replace: ""
      }
    ]
  },
  {
    id: "aliases-of-all-keys-listed",
    does: "ListAliasesByKeyId lists the aliases of other keys too.",
    law: "KMS-AL-009",
    patches: [
      {
        file: "src/store/makeStore.ts",
        find: "decoded(ofKey(keyId), (rows) => {",
        replace:
          'decoded(driver.scan({ table: "aliases", index: "inRealm", partition: [realm.account, realm.region], limit: keyId.length * everything }), (rows) => {'
      }
    ]
  },
  {
    id: "alias-for-a-key-to-be-deleted",
    does: "CreateAlias works on a key that waits for its deletion.",
    law: "KMS-AL-005",
    patches: [
      {
        file: machine,
        find: '  tags: "readable",\n  on: {',
        replace: '  tags: ["readable", "aliasable"],\n  on: {\n    CreateAlias: noted,\n    UpdateAlias: noted,'
      }
    ]
  },
  {
    id: "alias-names-unchecked",
    does: "Alias names need no prefix.",
    law: "KMS-AL-010",
    patches: [
      {
        file: "src/domain/aliasName.ts",
        find: "/^alias\\/[A-Za-z0-9_/-]{1,255}$/",
        replace: "/^[A-Za-z0-9_/-]{1,255}$/"
      }
    ]
  },
  {
    id: "aliases-frozen-while-disabled",
    does: "CreateAlias is refused on Disabled keys, which the table permits.",
    law: "KMS-AL-014",
    patches: [
      {
        file: permits,
        find: 'CreateAlias: { needs: { tag: "aliasable" }',
        replace: 'CreateAlias: { needs: { tag: "usable" }'
      }
    ]
  }
]

export const contexts: ReadonlyArray<Fault> = [
  {
    id: "data-key-of-another-length-by-name",
    does: "AES_128 makes a data key of 32 bytes.",
    law: "KMS-DK-002",
    patches: [{ file: "src/operation/cryptography/dataKey.ts", find: '["AES_128", 16]', replace: '["AES_128", 32]' }]
  },
  {
    id: "context-not-authenticated",
    does: "Ciphertext opens with any encryption context.",
    law: "KMS-CTX-003",
    patches: [
      {
        file: "src/operation/cryptography/symmetric.ts",
        find: "  given === undefined ? noContext : canonicalContext(given)",
        replace: "  given === undefined ? noContext : canonicalContext(new Map())"
      }
    ]
  },
  {
    id: "context-in-the-order-given",
    does: "A context in another order does not open the ciphertext.",
    law: "KMS-CTX-002",
    patches: [
      {
        file: "src/domain/encryptionContext.ts",
        find: "written(entries.sort(byNameBytes), length)",
        replace: "written(entries, length)"
      },
      { file: "src/domain/encryptionContext.ts", find: "const byNameBytes =", replace: "export const byNameBytes =" }
    ]
  },
  {
    id: "context-names-only",
    does: "Of the context only the names are authenticated.",
    law: "KMS-CTX-003",
    patches: [
      {
        file: "src/domain/encryptionContext.ts",
        find: "value: encoded(value) }\n    length",
        replace: "value: encoded(value.slice(0, 0)) }\n    length"
      }
    ]
  },
  {
    id: "data-key-is-another",
    does: "The data key in the clear is not the one that was encrypted.",
    law: "KMS-DK-001",
    patches: [
      {
        file: "src/operation/cryptography/dataKey.ts",
        find: "({ ...sealed, Plaintext })",
        replace: "({ ...sealed, Plaintext: encodeBase64(services.randomness.bytes(length)) })"
      }
    ]
  },
  {
    id: "nonce-is-constant",
    does: "The same plaintext gives the same ciphertext.",
    law: "KMS-CTX-008",
    patches: [
      {
        file: "src/crypto/software/keys.ts",
        find: "nonce: random.nonce(), plaintext",
        replace: "nonce: new Uint8Array(16).fill(7), plaintext"
      }
    ]
  },
  {
    id: "plaintext-without-limit",
    does: "Encrypt takes plaintext of any length.",
    law: "KMS-CTX-009",
    patches: [
      {
        file: "src/domain/limits.ts",
        find: "export const plaintextBytesMax = 6144",
        replace: "export const plaintextBytesMax = 66_144"
      }
    ]
  },
  {
    id: "decrypt-pads-the-answer",
    does: "Decrypt gives back more than was encrypted.",
    law: "KMS-CTX-001",
    patches: [
      {
        file: "src/operation/cryptography/Decrypt.ts",
        find: "return { Plaintext, KeyId: key.keyId",
        replace: "return { Plaintext: `${Plaintext}\\n`, KeyId: key.keyId"
      }
    ]
  },
  {
    id: "re-encrypt-drops-the-context",
    does: "ReEncrypt encrypts again without the new context.",
    law: "KMS-CTX-010",
    patches: [
      {
        file: "src/operation/cryptography/ReEncrypt.ts",
        find: "      request.DestinationEncryptionContext\n",
        replace: "      undefined\n"
      }
    ]
  },
  {
    id: "ciphertext-names-no-key",
    does: "A ciphertext whose header was altered still opens.",
    law: "KMS-CTX-005",
    patches: [
      {
        file: "src/crypto/message.ts",
        find: "    if (!primitives.equal(derived.commitment, blob.commitment)) return undefined\n",
        replace: ""
      },
      {
        file: "src/crypto/message.ts",
        find: "if (context.length === 0) return blob.header\n",
        replace: "if (context.length === 0) return context\n"
      }
    ]
  },
  {
    id: "context-normalized",
    does: "Names and values of a context are normalized (NFC) before they are authenticated.",
    law: "KMS-CTX-015",
    patches: [
      {
        file: "src/domain/encryptionContext.ts",
        find: "  return utf8.encode(text)\n",
        replace: '  return utf8.encode(text.normalize("NFC"))\n'
      }
    ]
  },
  {
    id: "context-in-lower-case",
    does: "Letter case does not matter in a context.",
    law: "KMS-CTX-015",
    patches: [
      {
        file: "src/domain/encryptionContext.ts",
        find: "  return utf8.encode(text)\n",
        replace: "  return utf8.encode(text.toLowerCase())\n"
      }
    ]
  },
  {
    id: "context-trimmed",
    does: "Blanks around names and values of a context do not matter.",
    law: "KMS-CTX-015",
    patches: [
      {
        file: "src/domain/encryptionContext.ts",
        find: "  return utf8.encode(text)\n",
        replace: "  return utf8.encode(text.trim())\n"
      }
    ]
  },
  {
    id: "context-without-lengths",
    does: "Names and values of a context are joined without their lengths.",
    law: "KMS-CTX-015",
    patches: [
      {
        file: "src/domain/encryptionContext.ts",
        find: "    view.setUint32(at, part.length)\n    bytes.set(part, at + 4)\n    at += 4 + part.length\n",
        replace: "    bytes.set(part, at)\n    at += part.length\n"
      }
    ]
  },
  {
    id: "context-drops-empty-values",
    does: "Pairs with an empty value are left out of a context.",
    law: "KMS-CTX-015",
    patches: [
      {
        file: "src/domain/encryptionContext.ts",
        find: "  for (const [name, value] of context) {\n    const entry",
        replace: '  for (const [name, value] of context) {\n    if (value === "") continue\n    const entry'
      }
    ]
  },
  {
    id: "context-half-of-a-pair",
    does: "Of a character beyond the basic plane only the first half is authenticated.",
    law: "KMS-CTX-015",
    patches: [
      {
        file: "src/domain/encryptionContext.ts",
        find: "  return utf8.encode(text)\n",
        replace: '  return utf8.encode(text.replaceAll(/[\\uDC00-\\uDFFF]/g, ""))\n'
      }
    ]
  }
]
