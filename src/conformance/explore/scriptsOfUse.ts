/** Fixed sequences about uses: ciphertexts and their contexts, data keys, asymmetric keys. */
import { kindOf } from "../model/kinds.ts"
import type { Step } from "../steps/step.ts"
import { day, decrypt, key, look, make, text, wait } from "./writing.ts"
import type { Script } from "./writing.ts"

const dataKeys = ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateAndExportDataKey"] as const

export const ciphertexts: ReadonlyArray<Script> = [
  [
    make(key),
    { op: "Encrypt", key, text, context: { tenant: "7", purpose: "orders" }, makes: "c1" },
    decrypt("c1"),
    decrypt("c1", "reorderedContext"),
    decrypt("c1", "otherContext"),
    decrypt("c1", "noContext"),
    ...[0, 3, 10, 25, 40, 60, 80, 95, 100].map((at) => decrypt("c1", "tampered", at)),
    decrypt("c1", "truncated"),
    decrypt("c1"),
    look()
  ],
  [
    make(key),
    make("k2"),
    { op: "Encrypt", key, text, makes: "c1" },
    { op: "Encrypt", key: "k2", text, makes: "c2" },
    { op: "Encrypt", key, text, makes: "c3" },
    decrypt("c1"),
    decrypt("c2"),
    decrypt("c3"),
    decrypt("c1", "otherContext"),
    // Without a context, the other authenticated data must be enough.
    ...[0, 3, 10, 25, 40, 50, 60, 70, 80, 95, 100].map((at) => decrypt("c1", "tampered", at)),
    { op: "Encrypt", key, twist: "tooLong" },
    { op: "Encrypt", key, text: "", makes: "c4" },
    { op: "Encrypt", twist: "unknownKey", text },
    { op: "DisableKey", twist: "unknownKey" }
  ],
  [
    make(key),
    make("k2"),
    { op: "Encrypt", key, text, context: { tenant: "7" }, makes: "c1" },
    { op: "ReEncrypt", of: "c1", to: "k2", context: { tenant: "8" }, makes: "c2" },
    decrypt("c2"),
    decrypt("c2", "otherContext"),
    { op: "ReEncrypt", of: "c1", to: "k2", twist: "otherContext" },
    { op: "ReEncrypt", of: "c1", to: "k2", twist: "noContext" },
    { op: "ReEncrypt", of: "c1", to: key, makes: "c3" },
    decrypt("c3"),
    { op: "DisableKey", key: "k2" },
    { op: "ReEncrypt", of: "c1", to: "k2" },
    { op: "ReEncrypt", of: "c2", to: key },
    decrypt("c1")
  ],
  [
    make(key),
    ...[1, 16, 24, 32, 1024].flatMap((bytes, index): Script => [
      { op: "GenerateDataKey", key, bytes, makes: `c${index}` },
      decrypt(`c${index}`),
      { op: "GenerateDataKeyWithoutPlaintext", key, bytes, makes: `h${index}` },
      decrypt(`h${index}`)
    ]),
    ...[16, 32].flatMap((bytes): Script => [
      { op: "GenerateDataKey", key, bytes, named: true, makes: `n${bytes}` },
      decrypt(`n${bytes}`),
      { op: "GenerateDataKeyWithoutPlaintext", key, bytes, named: true, makes: `m${bytes}` },
      decrypt(`m${bytes}`)
    ]),
    ...dataKeys.flatMap((op): Script => [
      { op, key, makes: `d${op.length}` },
      decrypt(`d${op.length}`),
      { op, key, twist: "tooLong" },
      { op, key, twist: "unknownSpec" },
      { op, key, bytes: 16, twist: "bothLengths", makes: `b${op.length}` },
      decrypt(`b${op.length}`)
    ]),
    // Longer data keys than the receiver's key can carry.
    { op: "GenerateDataKey", key, bytes: 191, makes: "x1" },
    { op: "ExportDataKey", of: "x1" },
    { op: "GenerateDataKey", key, bytes: 190, makes: "x2" },
    { op: "ExportDataKey", of: "x2" },
    { op: "GenerateAndExportDataKey", key, bytes: 191 },
    { op: "GenerateDataKey", key, makes: "e1" },
    { op: "ExportDataKey", of: "e1" },
    { op: "GenerateAndExportDataKey", key, makes: "e2" },
    decrypt("e2"),
    { op: "ExportDataKey", of: "e2" }
  ]
]

const v1 = `${key}.v1`
const v2 = `${key}.v2`

const begin = (kind: string): Script => [
  make(key, kind),
  { op: "ListKeyVersions", key },
  { op: "GetPublicKey", key, version: v1 }
]

/** A second version, refused until the minimum interval between versions is over. */
const renew: Script = [
  { op: "CreateKeyVersion", key },
  wait(7 * day - 1000),
  { op: "CreateKeyVersion", key },
  wait(1000),
  { op: "CreateKeyVersion", key },
  { op: "ListKeyVersions", key },
  { op: "GetPublicKey", key, version: v2 },
  { op: "GetPublicKey", key, version: v1 }
]

const altered = (op: "AsymmetricVerify" | "AsymmetricDecrypt", of: string, places: ReadonlyArray<number>): Script =>
  places.map((bytes): Step => ({ op, key, version: v1, of, twist: "tampered", bytes }))

const signing = (kind: string): Script => [
  ...begin(kind),
  { op: "AsymmetricSign", key, version: v1, text, makes: "s1" },
  { op: "AsymmetricVerify", key, version: v1, of: "s1" },
  { op: "AsymmetricVerify", key, version: v1, of: "s1", twist: "otherDigest" },
  { op: "AsymmetricVerify", key, version: v1, of: "s1", twist: "wrongLength" },
  { op: "AsymmetricVerify", key, version: v1, of: "s1", twist: "tooLong" },
  ...altered("AsymmetricVerify", "s1", [5, 50, 100]),
  { op: "AsymmetricVerify", key, version: v1, of: "s1", twist: "lengthened" },
  { op: "AsymmetricSign", key, version: v1, text, twist: "otherAlgorithm" },
  { op: "AsymmetricSign", key, version: v1, text, twist: "wrongLength" },
  { op: "AsymmetricSign", key, version: v1, text, twist: "tooLong" },
  { op: "DescribeKeyVersion", key, twist: "unknownVersion" },
  ...renew,
  { op: "AsymmetricVerify", key, version: v1, of: "s1" },
  { op: "AsymmetricVerify", key, version: v2, of: "s1" },
  { op: "AsymmetricSign", key, version: v2, text, makes: "s2" },
  { op: "AsymmetricVerify", key, version: v2, of: "s2" },
  { op: "AsymmetricSign", key, version: v1, text, makes: "s3" },
  { op: "AsymmetricVerify", key, version: v1, of: "s3" }
]

/** RSA pairs decrypt only by the algorithm of the encryption. */
const hashes: Script = [
  { op: "AsymmetricEncrypt", key, version: v1, text, algorithm: "RSAES_OAEP_SHA_1", makes: "h1" },
  { op: "AsymmetricDecrypt", key, version: v1, of: "h1", algorithm: "RSAES_OAEP_SHA_1" },
  { op: "AsymmetricDecrypt", key, version: v1, of: "h1", algorithm: "RSAES_OAEP_SHA_256" },
  { op: "AsymmetricDecrypt", key, version: v1, of: "c1", algorithm: "RSAES_OAEP_SHA_1" }
]

/** Ciphertext of a pair moves to a symmetric key. */
const movesToSymmetric: Script = [
  make("k2"),
  { op: "ReEncrypt", key, version: v1, of: "c1", to: "k2", makes: "m1" },
  decrypt("m1")
]

const encrypting = (kind: string, hasVersions: boolean): Script => [
  ...begin(kind),
  { op: "AsymmetricEncrypt", key, version: v1, text, makes: "c1" },
  { op: "AsymmetricDecrypt", key, version: v1, of: "c1" },
  { op: "AsymmetricEncrypt", key, version: v1, longest: true, makes: "c2" },
  { op: "AsymmetricDecrypt", key, version: v1, of: "c2" },
  ...altered("AsymmetricDecrypt", "c1", [10, 50, 100]),
  { op: "AsymmetricDecrypt", key, version: v1, text, twist: "outside" },
  { op: "AsymmetricEncrypt", key, version: v1, text, twist: "otherAlgorithm" },
  // Both depend on parameters that only an API with versions of pairs has.
  ...(hasVersions && kindOf(kind).encrypts === "RSAES_OAEP_SHA_256" ? hashes : []),
  ...(hasVersions ? movesToSymmetric : []),
  ...renew,
  { op: "AsymmetricDecrypt", key, version: v1, of: "c1" },
  { op: "AsymmetricEncrypt", key, version: v1, text, makes: "c3" },
  { op: "AsymmetricDecrypt", key, version: v1, of: "c3" },
  { op: "AsymmetricEncrypt", key, version: v2, text, makes: "c4" },
  { op: "AsymmetricDecrypt", key, version: v2, of: "c4" }
]

/** Every operation of a pair by its ARN and, if there are aliases, by its alias and the ARN of that. */
const byOtherNames = (kind: string, hasAliases: boolean): Script => {
  const { signs, encrypts } = kindOf(kind)
  const asked: Script = [
    { op: "GetPublicKey", key, version: v1 },
    { op: "DescribeKeyVersion", key, version: v1 },
    { op: "ListKeyVersions", key },
    ...(signs === undefined
      ? []
      : ([
          { op: "AsymmetricSign", key, version: v1, text },
          { op: "AsymmetricVerify", key, version: v1, of: "s1" }
        ] as const)),
    ...(encrypts === undefined
      ? []
      : ([
          { op: "AsymmetricEncrypt", key, version: v1, text },
          { op: "AsymmetricDecrypt", key, version: v1, of: "c1" }
        ] as const))
  ]
  return [
    ...begin(kind),
    ...(hasAliases ? [{ op: "CreateAlias", key, alias: "a1" } as const] : []),
    ...(signs === undefined ? [] : [{ op: "AsymmetricSign", key, version: v1, text, makes: "s1" } as const]),
    ...(encrypts === undefined ? [] : [{ op: "AsymmetricEncrypt", key, version: v1, text, makes: "c1" } as const]),
    ...asked.map((step): Step => ({ ...step, reference: "arn" })),
    ...(hasAliases
      ? asked.flatMap((step): Script => [
          { ...step, by: "a1" },
          { ...step, by: "a1", reference: "arn" }
        ])
      : [])
  ]
}

/** Two keys of one kind: the second must not verify a signature of the first. */
const two = (kind: string): Script => [
  make(key, kind),
  make("k2", kind),
  { op: "ListKeyVersions", key },
  { op: "ListKeyVersions", key: "k2" },
  { op: "GetPublicKey", key, version: v1 },
  { op: "GetPublicKey", key: "k2", version: "k2.v1" },
  { op: "DescribeKeyVersion", key, version: "k2.v1" },
  ...(kindOf(kind).signs === undefined
    ? []
    : ([
        { op: "AsymmetricSign", key, version: v1, text, makes: "s1" },
        { op: "AsymmetricVerify", key: "k2", version: "k2.v1", of: "s1" }
      ] as const))
]

/** Operations on a version are refused after its key was deleted. */
const gone = (kind: string): Script => {
  const asked: Script = [
    { op: "DescribeKeyVersion", key, version: v1 },
    { op: "ListKeyVersions", key },
    { op: "GetPublicKey", key, version: v1 },
    ...(kindOf(kind).signs === undefined ? [] : [{ op: "AsymmetricVerify", key, version: v1, of: "s1" } as const])
  ]
  return [
    ...begin(kind),
    ...(kindOf(kind).signs === undefined
      ? []
      : [{ op: "AsymmetricSign", key, version: v1, text, makes: "s1" } as const]),
    ...asked,
    { op: "ScheduleKeyDeletion", key, days: 7 },
    ...asked,
    wait(7 * day),
    ...asked
  ]
}

export const pairScripts = (
  kind: string,
  { hasAliases, hasVersions }: { readonly hasAliases: boolean; readonly hasVersions: boolean }
): ReadonlyArray<Script> => {
  const { signs, encrypts } = kindOf(kind)
  return [
    ...(signs === undefined ? [] : [signing(kind)]),
    ...(encrypts === undefined ? [] : [encrypting(kind, hasVersions)]),
    two(kind),
    byOtherNames(kind, hasAliases),
    ...(kindOf(kind).costly === true ? [] : [gone(kind)])
  ]
}
