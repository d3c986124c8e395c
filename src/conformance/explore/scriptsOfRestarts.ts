/** Fixed sequences about restarts: keys in every state, and dates after a restart. */
import type { Profile } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import type { Step } from "../steps/step.ts"
import { day, decrypt, key, look, make, text, wait } from "./writing.ts"
import type { Script } from "./writing.ts"

const restart: Step = { op: "Restart" }

const looks: Script = [look(), { op: "ListResourceTags", key }, { op: "ListKeyVersions", key }]

/** Everything that a key may have when the service is restarted. */
const marked: Script = [
  make(key, "symmetric", { text: "what it is for" }),
  { op: "TagResource", key, tags: { team: "red", Tier: "gold" } },
  { op: "Encrypt", key, text, makes: "c1" },
  { op: "GenerateDataKey", key, context: { tenant: "7" }, makes: "c2" }
]

const states = ({ window }: Dialect): ReadonlyArray<Script> => [
  [],
  [{ op: "DisableKey", key }],
  [
    { op: "DisableKey", key },
    { op: "EnableKey", key }
  ],
  [{ op: "ScheduleKeyDeletion", key, days: window.minimum }],
  [
    { op: "ScheduleKeyDeletion", key, days: window.minimum },
    { op: "CancelKeyDeletion", key }
  ],
  [{ op: "ScheduleKeyDeletion", key, days: window.minimum }, wait(window.minimum * day)],
  [
    { op: "SetDeletionProtection", key, on: true },
    { op: "UpdateKeyDescription", key, text: "something else" }
  ],
  [
    { op: "UntagResource", key, tags: { team: "" } },
    { op: "TagResource", key, tags: { Tier: "silver" } }
  ]
]

/** The key is brought back after the restart, from any state. */
const back: Script = [
  { op: "CancelKeyDeletion", key },
  { op: "EnableKey", key },
  ...looks,
  decrypt("c1"),
  { op: "Encrypt", key, text, makes: "c3" },
  decrypt("c3")
]

/** Time passes after the restart, and deadlines are performed as if there had been no restart. */
const later = (dialect: Dialect): ReadonlyArray<Script> => [
  [
    ...marked,
    { op: "ScheduleKeyDeletion", key, days: dialect.window.minimum },
    ...looks,
    restart,
    ...looks,
    wait(dialect.window.minimum * day - 1000),
    look(),
    restart,
    wait(1000),
    look(),
    restart,
    { op: "CancelKeyDeletion", key },
    decrypt("c1")
  ]
]

const ofAliases: Script = [
  make(key),
  make("k2"),
  { op: "CreateAlias", key, alias: "a1" },
  { op: "CreateAlias", key, alias: "a2" },
  { op: "UpdateAlias", key: "k2", alias: "a1" },
  { op: "DeleteAlias", alias: "a2" },
  restart,
  { op: "Encrypt", by: "a1", text },
  { op: "Encrypt", by: "a2", text },
  { op: "ListAliasesByKeyId", key },
  { op: "CreateAlias", key, alias: "a2" },
  { op: "UpdateAlias", key, alias: "a1" },
  restart,
  { op: "Encrypt", by: "a1", text, makes: "c1" },
  decrypt("c1")
]

const ofMaterial: Script = [
  make(key, "external"),
  { op: "GetParametersForImport", key, makes: "t1" },
  restart,
  { op: "ImportKeyMaterial", key, of: "t1", days: 3 },
  { op: "Encrypt", key, text, makes: "c1" },
  look(),
  restart,
  look(),
  decrypt("c1"),
  { op: "ImportKeyMaterial", key, of: "t1", twist: "otherMaterial" },
  { op: "DeleteKeyMaterial", key },
  look(),
  restart,
  look(),
  decrypt("c1"),
  { op: "ImportKeyMaterial", key, of: "t1", twist: "otherMaterial" },
  { op: "ImportKeyMaterial", key, of: "t1", days: 3 },
  restart,
  wait(3 * day + 1000),
  look()
]

const ofRotation = ({ rotationDays: { minimum } }: Dialect): Script => [
  make(key, "symmetric", { days: minimum }),
  { op: "Encrypt", key, text, makes: "c1" },
  ...looks,
  restart,
  ...looks,
  wait(minimum * day),
  ...looks,
  { op: "Encrypt", key, text, makes: "c2" },
  restart,
  ...looks,
  decrypt("c1"),
  decrypt("c2"),
  { op: "UpdateRotationPolicy", key, on: false },
  look(),
  restart,
  wait(2 * minimum * day),
  ...looks
]

const ofEncryption: Script = [
  make(key, "RSA_2048 encrypt"),
  { op: "ListKeyVersions", key },
  { op: "AsymmetricEncrypt", key, version: `${key}.v1`, text, makes: "c1" },
  { op: "AsymmetricDecrypt", key, version: `${key}.v1`, of: "c1" },
  look(),
  restart,
  { op: "AsymmetricDecrypt", key, version: `${key}.v1`, of: "c1" },
  look()
]

const ofPairs: Script = [
  make(key, "EC_P256"),
  { op: "ListKeyVersions", key },
  { op: "AsymmetricSign", key, version: `${key}.v1`, text, makes: "s1" },
  { op: "AsymmetricVerify", key, version: `${key}.v1`, of: "s1" },
  { op: "GetPublicKey", key, version: `${key}.v1` },
  look(),
  restart,
  look(),
  { op: "AsymmetricVerify", key, version: `${key}.v1`, of: "s1" },
  { op: "GetPublicKey", key, version: `${key}.v1` },
  { op: "CreateKeyVersion", key },
  wait(7 * day),
  { op: "CreateKeyVersion", key },
  restart,
  { op: "ListKeyVersions", key },
  { op: "AsymmetricVerify", key, version: `${key}.v1`, of: "s1" }
]

export const restartScripts = (dialect: Dialect, has: (profile: Profile) => boolean): ReadonlyArray<Script> => [
  ...states(dialect).map((state): Script => [
    ...marked,
    ...state,
    ...looks,
    restart,
    ...looks,
    decrypt("c1"),
    decrypt("c2"),
    ...back
  ]),
  ...later(dialect),
  ...(has("aliases") ? [ofAliases] : []),
  ...(has("import") ? [ofMaterial] : []),
  ...(has("rotation") ? [ofRotation(dialect)] : []),
  ...(has("asymmetric") ? [ofPairs, ofEncryption] : [])
]
