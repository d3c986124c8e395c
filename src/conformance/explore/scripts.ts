/** Written sequences: laws that chance finds too seldom, at the edges of time, length and identity. */
import type { Dialect } from "../dialect.ts"
import type { Profile } from "../adapter.ts"
import { kindOf } from "../kinds.ts"
import type { Step, Twist } from "../step.ts"

const day = 86_400_000
const key = "k1"
const text = "aGVsbG8gd29ybGQ="
const make = (makes: string, kind = "symmetric", more: Partial<Step> = {}): Step => ({
  op: "CreateKey",
  makes,
  kind,
  ...more
})
const look = (of = key): Step => ({ op: "DescribeKey", key: of })
const wait = (millis: number): Step => ({ op: "Advance", key, millis })
const decrypt = (of: string, twist?: Twist, bytes?: number): Step => ({
  op: "Decrypt",
  of,
  ...(twist === undefined ? {} : { twist }),
  ...(bytes === undefined ? {} : { bytes })
})

type Script = ReadonlyArray<Step>

const ciphertexts: ReadonlyArray<Script> = [
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
    { op: "GenerateDataKey", key, twist: "tooLong" },
    { op: "GenerateDataKey", key, makes: "e1" },
    { op: "ExportDataKey", of: "e1" },
    { op: "GenerateAndExportDataKey", key, makes: "e2" },
    decrypt("e2"),
    { op: "ExportDataKey", of: "e2" }
  ]
]

const lives = ({ window }: Dialect): ReadonlyArray<Script> => [
  [
    make(key),
    make("k2"),
    { op: "CreateAlias", key, alias: "a1" },
    { op: "ScheduleKeyDeletion", key, days: window.minimum },
    look(),
    wait(window.minimum * day - 1000),
    look(),
    { op: "ListKeys" },
    wait(1000),
    look(),
    { op: "CancelKeyDeletion", key },
    { op: "EnableKey", key },
    { op: "Encrypt", key, text },
    { op: "ListKeys" },
    { op: "ListAliases" },
    { op: "CreateAlias", key: "k2", alias: "a1" },
    { op: "DescribeKey", by: "a1" }
  ],
  [
    make(key),
    { op: "ScheduleKeyDeletion", key, twist: "tooShort" },
    { op: "ScheduleKeyDeletion", key, twist: "tooLong" },
    look(),
    { op: "ScheduleKeyDeletion", key, days: window.maximum },
    look(),
    { op: "CancelKeyDeletion", key },
    look(),
    { op: "EnableKey", key },
    { op: "ScheduleKeyDeletion", key },
    look(),
    { op: "ScheduleKeyDeletion", key, days: window.minimum },
    look()
  ],
  [
    make(key),
    { op: "ScheduleKeyDeletion", key, days: window.minimum },
    wait(day),
    { op: "CancelKeyDeletion", key },
    wait(31 * day),
    look(),
    { op: "EnableKey", key },
    { op: "Encrypt", key, text, makes: "c1" },
    decrypt("c1")
  ],
  [
    make(key),
    { op: "SetDeletionProtection", key, on: true },
    { op: "ScheduleKeyDeletion", key, days: window.minimum },
    look(),
    { op: "SetDeletionProtection", key, on: false },
    { op: "ScheduleKeyDeletion", key, days: window.minimum },
    look()
  ],
  [
    make(key, "symmetric", { text: "what it is for" }),
    look(),
    { op: "UpdateKeyDescription", key, text: "something else" },
    look(),
    { op: "DisableKey", key },
    { op: "DisableKey", key },
    look(),
    { op: "EnableKey", key },
    { op: "EnableKey", key },
    look()
  ]
]

const imports: ReadonlyArray<Script> = [
  [
    make(key, "external"),
    look(),
    { op: "Encrypt", key, text },
    { op: "GetParametersForImport", key, makes: "t1" },
    { op: "ImportKeyMaterial", key, of: "t1", twist: "garbage" },
    { op: "ImportKeyMaterial", key, of: "t1", twist: "wrongLength" },
    { op: "ImportKeyMaterial", key, of: "t1", twist: "tampered" },
    { op: "ImportKeyMaterial", key, of: "t1", twist: "pastExpiry" },
    look(),
    { op: "ImportKeyMaterial", key, of: "t1" },
    look(),
    { op: "Encrypt", key, text, makes: "c1" },
    { op: "ImportKeyMaterial", key, of: "t1", twist: "otherMaterial" },
    { op: "DeleteKeyMaterial", key },
    look(),
    decrypt("c1"),
    { op: "ImportKeyMaterial", key, of: "t1", twist: "otherMaterial" },
    look(),
    { op: "ImportKeyMaterial", key, of: "t1" },
    look(),
    decrypt("c1")
  ],
  [
    make(key, "external"),
    make("k2", "external"),
    { op: "GetParametersForImport", key, makes: "t1" },
    { op: "GetParametersForImport", key: "k2", makes: "t2" },
    { op: "ImportKeyMaterial", key, of: "t2" },
    look(),
    { op: "ImportKeyMaterial", key, of: "t1" },
    { op: "DisableKey", key },
    { op: "ImportKeyMaterial", key, of: "t1" },
    look(),
    { op: "DeleteKeyMaterial", key },
    look(),
    { op: "ImportKeyMaterial", key, of: "t1" },
    look()
  ],
  [
    make(key, "external"),
    { op: "GetParametersForImport", key, makes: "t1" },
    { op: "ImportKeyMaterial", key, of: "t1", days: 3 },
    look(),
    wait(2 * day),
    look(),
    { op: "Encrypt", key, text, makes: "c1" },
    wait(day + 1000),
    look(),
    decrypt("c1"),
    { op: "ImportKeyMaterial", key, of: "t1" },
    { op: "GetParametersForImport", key, makes: "t2" },
    { op: "ImportKeyMaterial", key, of: "t2" },
    look(),
    decrypt("c1")
  ],
  [
    make(key, "external"),
    { op: "DeleteKeyMaterial", key },
    look(),
    { op: "GetParametersForImport", key, makes: "t1" },
    { op: "ImportKeyMaterial", key, of: "t1", days: 3 },
    { op: "DisableKey", key },
    wait(3 * day + 1000),
    look()
  ],
  [
    make(key, "external"),
    { op: "GetParametersForImport", key, makes: "t1" },
    wait(day - 2000),
    { op: "ImportKeyMaterial", key, of: "t1" },
    look(),
    wait(2000),
    { op: "ImportKeyMaterial", key, of: "t1" },
    look()
  ],
  [
    make(key, "external"),
    { op: "GetParametersForImport", key, makes: "t1" },
    { op: "ImportKeyMaterial", key, of: "t1" },
    { op: "Encrypt", key, text, makes: "c1" },
    { op: "ScheduleKeyDeletion", key, days: 7 },
    { op: "DeleteKeyMaterial", key },
    look(),
    { op: "ImportKeyMaterial", key, of: "t1" },
    { op: "CancelKeyDeletion", key },
    look(),
    { op: "ImportKeyMaterial", key, of: "t1" },
    decrypt("c1")
  ]
]

const rotations = ({ rotationDays: { minimum } }: Dialect): ReadonlyArray<Script> => [
  [
    make(key, "symmetric", { days: minimum }),
    look(),
    { op: "Encrypt", key, text, makes: "c1" },
    wait(minimum * day - 1000),
    look(),
    wait(1000),
    look(),
    { op: "Encrypt", key, text, makes: "c2" },
    { op: "ListKeyVersions", key },
    decrypt("c1"),
    decrypt("c2"),
    { op: "ReEncrypt", of: "c1", to: key, makes: "c3" },
    decrypt("c3"),
    { op: "DescribeKeyVersion", key, version: `${key}.v1` },
    { op: "DescribeKeyVersion", key, version: `${key}.v2` }
  ],
  [
    make(key),
    { op: "UpdateRotationPolicy", key, twist: "tooShort" },
    { op: "UpdateRotationPolicy", key, twist: "tooLong" },
    { op: "CreateKey", makes: "k3", twist: "tooShort" },
    { op: "UpdateRotationPolicy", key, on: true, days: minimum },
    look(),
    { op: "DisableKey", key },
    look(),
    wait((minimum + 1) * day),
    look(),
    { op: "ListKeyVersions", key },
    { op: "EnableKey", key },
    look(),
    { op: "ListKeyVersions", key },
    { op: "UpdateRotationPolicy", key, on: false },
    wait(2 * minimum * day),
    look(),
    { op: "ListKeyVersions", key }
  ],
  [
    make(key, "symmetric", { days: minimum }),
    make("k2", "symmetric", { days: minimum + 1 }),
    make("k3"),
    { op: "ScheduleKeyDeletion", key: "k3", days: 7 },
    wait((minimum + 2) * day),
    look(),
    look("k2"),
    look("k3"),
    { op: "ListKeyVersions", key: "k2" }
  ]
]

const pairScripts = (kind: string): ReadonlyArray<Script> => {
  const { signs, encrypts } = kindOf(kind)
  const v1 = `${key}.v1`
  const v2 = `${key}.v2`
  const begin: Script = [make(key, kind), { op: "ListKeyVersions", key }, { op: "GetPublicKey", key, version: v1 }]
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
  const signing: Script = [
    ...begin,
    { op: "AsymmetricSign", key, version: v1, text, makes: "s1" },
    { op: "AsymmetricVerify", key, version: v1, of: "s1" },
    { op: "AsymmetricVerify", key, version: v1, of: "s1", twist: "otherDigest" },
    ...[5, 50, 100].map((bytes): Step => ({
      op: "AsymmetricVerify",
      key,
      version: v1,
      of: "s1",
      twist: "tampered",
      bytes
    })),
    { op: "AsymmetricSign", key, version: v1, text, twist: "otherAlgorithm" },
    { op: "DescribeKeyVersion", key, twist: "unknownVersion" },
    ...renew,
    { op: "AsymmetricVerify", key, version: v1, of: "s1" },
    { op: "AsymmetricVerify", key, version: v2, of: "s1" },
    { op: "AsymmetricSign", key, version: v2, text, makes: "s2" },
    { op: "AsymmetricVerify", key, version: v2, of: "s2" },
    { op: "AsymmetricSign", key, version: v1, text, makes: "s3" },
    { op: "AsymmetricVerify", key, version: v1, of: "s3" }
  ]
  const encrypting: Script = [
    ...begin,
    { op: "AsymmetricEncrypt", key, version: v1, text, makes: "c1" },
    { op: "AsymmetricDecrypt", key, version: v1, of: "c1" },
    ...[10, 50, 100].map((bytes): Step => ({
      op: "AsymmetricDecrypt",
      key,
      version: v1,
      of: "c1",
      twist: "tampered",
      bytes
    })),
    { op: "AsymmetricDecrypt", key, version: v1, text, twist: "outside" },
    { op: "AsymmetricEncrypt", key, version: v1, text, twist: "otherAlgorithm" },
    ...renew,
    { op: "AsymmetricDecrypt", key, version: v1, of: "c1" }
  ]
  const two: Script = [
    make(key, kind),
    make("k2", kind),
    { op: "ListKeyVersions", key },
    { op: "ListKeyVersions", key: "k2" },
    { op: "GetPublicKey", key, version: v1 },
    { op: "GetPublicKey", key: "k2", version: "k2.v1" },
    { op: "DescribeKeyVersion", key, version: "k2.v1" },
    ...(signs === undefined
      ? []
      : ([
          { op: "AsymmetricSign", key, version: v1, text, makes: "s1" },
          { op: "AsymmetricVerify", key: "k2", version: "k2.v1", of: "s1" }
        ] as const))
  ]
  return [...(signs === undefined ? [] : [signing]), ...(encrypts === undefined ? [] : [encrypting]), two]
}

const namings: ReadonlyArray<Script> = [
  [
    make(key),
    make("k2"),
    { op: "CreateAlias", key, alias: "a1" },
    { op: "CreateAlias", key, alias: "a1" },
    { op: "CreateAlias", key: "k2", alias: "a1" },
    { op: "CreateAlias", key, alias: "a2", twist: "badName" },
    { op: "Encrypt", by: "a1", text, makes: "c1" },
    { op: "DescribeKey", by: "a1" },
    { op: "ListAliasesByKeyId", key },
    { op: "ListAliases" },
    { op: "UpdateAlias", key: "k2", alias: "a1" },
    { op: "Encrypt", by: "a1", text, makes: "c2" },
    decrypt("c1"),
    decrypt("c2"),
    { op: "ListAliasesByKeyId", key },
    { op: "ListAliasesByKeyId", key: "k2" },
    { op: "DisableKey", key: "k2" },
    { op: "Encrypt", by: "a1", text },
    { op: "DeleteAlias", alias: "a1" },
    { op: "Encrypt", by: "a1", text },
    { op: "DeleteAlias", alias: "a1" },
    { op: "CreateAlias", key, alias: "a1" },
    { op: "Encrypt", by: "a1", text, makes: "c3" },
    decrypt("c3"),
    { op: "Encrypt", by: "a7", text },
    { op: "UpdateAlias", key, alias: "a7" }
  ]
]

const tags: Script = [
  make(key),
  { op: "TagResource", key, tags: { team: "red", tier: "gold" } },
  { op: "ListResourceTags", key },
  { op: "TagResource", key, tags: { team: "blue" } },
  { op: "ListResourceTags", key },
  { op: "UntagResource", key, tags: { tier: "" } },
  { op: "ListResourceTags", key },
  { op: "UntagResource", key, tags: { none: "" } },
  { op: "ListResourceTags", key }
]

const nobody = { name: "nobody", permits: [], key: "*" } as const
const reader = { name: "reader", permits: ["Encrypt", "DescribeKey"], key } as const

const access: Script = [
  make(key),
  make("k2"),
  { op: "Encrypt", key, text, makes: "c1" },
  { op: "Encrypt", key, text, as: nobody },
  { op: "Decrypt", of: "c1", as: nobody },
  { op: "DisableKey", key, as: nobody },
  look(),
  { op: "ScheduleKeyDeletion", key, days: 7, as: nobody },
  look(),
  { op: "Encrypt", key, text, as: reader },
  { op: "DescribeKey", key, as: reader },
  { op: "Encrypt", key: "k2", text, as: reader },
  { op: "DisableKey", key, as: reader },
  { op: "Decrypt", of: "c1", as: reader },
  look(),
  { op: "DisableKey", key },
  { op: "Encrypt", key, text, as: reader }
]

export const scripts = (given: {
  readonly dialect: Dialect
  readonly profiles: ReadonlyArray<Profile>
  readonly kinds: ReadonlyArray<string>
}): ReadonlyArray<Script> => {
  const { dialect, kinds } = given
  const has = (profile: Profile): boolean => given.profiles.includes(profile)
  return [
    ...ciphertexts,
    ...lives(dialect),
    tags,
    ...(has("aliases") ? namings : []),
    ...(has("import") ? imports : []),
    ...(has("rotation") ? rotations(dialect) : []),
    ...kinds.filter((kind) => kindOf(kind).identity.kind === "asymmetric").flatMap(pairScripts),
    ...(has("policy") ? [access] : [])
  ]
}
