/** Fixed sequences about material: imports and their expiry. */
import type { Dialect } from "../dialects/dialect.ts"
import { day, decrypt, key, look, make, text, wait } from "./writing.ts"
import type { Script } from "./writing.ts"

/** Each wrapping algorithm, and for each token material that is wrapped with another one. */
export const wrappings = (dialect: Dialect): ReadonlyArray<Script> =>
  dialect.wrappings.map((algorithm, index): Script => {
    const other = dialect.wrappings[(index + 1) % dialect.wrappings.length] ?? algorithm
    return [
      make(key, "external"),
      { op: "GetParametersForImport", key, algorithm, makes: "t1" },
      { op: "ImportKeyMaterial", key, of: "t1", algorithm: other },
      look(),
      { op: "ImportKeyMaterial", key, of: "t1", algorithm },
      look()
    ]
  })

export const imports: ReadonlyArray<Script> = [
  [
    make(key, "external"),
    { op: "GetParametersForImport", key, makes: "t1" },
    { op: "ImportKeyMaterial", key, of: "t1", twist: "zeroExpiry" },
    look(),
    { op: "ImportKeyMaterial", key, of: "t1", days: 3 },
    look(),
    { op: "ImportKeyMaterial", key, of: "t1", twist: "zeroExpiry" },
    look()
  ],
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
  // Several tokens of one key are valid at the same time, each for its own 24 hours.
  [
    make(key, "external"),
    { op: "GetParametersForImport", key, makes: "t1", algorithm: "RSAES_OAEP_SHA_256" },
    wait(day / 2),
    { op: "GetParametersForImport", key, makes: "t2", algorithm: "RSAES_OAEP_SHA_256" },
    { op: "ImportKeyMaterial", key, of: "t1" },
    { op: "DeleteKeyMaterial", key },
    { op: "ImportKeyMaterial", key, of: "t2" },
    { op: "DeleteKeyMaterial", key },
    { op: "ImportKeyMaterial", key, of: "t1" },
    look(),
    { op: "DisableKey", key },
    { op: "ImportKeyMaterial", key, of: "t2", days: 2 },
    look(),
    wait(day / 2),
    { op: "ImportKeyMaterial", key, of: "t1" },
    { op: "ImportKeyMaterial", key, of: "t2", days: 3 },
    { op: "EnableKey", key },
    look()
  ],
  // An import sets a new expiry: a later one, or no expiry.
  [
    make(key, "external"),
    { op: "GetParametersForImport", key, makes: "t1" },
    { op: "ImportKeyMaterial", key, of: "t1", days: 3 },
    { op: "ImportKeyMaterial", key, of: "t1", days: 5 },
    look(),
    wait(3 * day + 1000),
    look(),
    { op: "Encrypt", key, text },
    wait(2 * day),
    look(),
    { op: "Encrypt", key, text }
  ],
  [
    make(key, "external"),
    { op: "GetParametersForImport", key, makes: "t1" },
    { op: "ImportKeyMaterial", key, of: "t1", days: 3 },
    { op: "ImportKeyMaterial", key, of: "t1" },
    look(),
    wait(4 * day),
    look(),
    { op: "Encrypt", key, text }
  ],
  // An expiry years away, and the description of a key whose material was deleted before its expiry.
  [
    make(key, "external"),
    { op: "GetParametersForImport", key, makes: "t1" },
    { op: "ImportKeyMaterial", key, of: "t1", days: 3650 },
    look(),
    { op: "DeleteKeyMaterial", key },
    look(),
    { op: "ImportKeyMaterial", key, of: "t1" },
    look()
  ],
  // Material expires in every state of its key.
  [
    make(key, "external"),
    { op: "GetParametersForImport", key, makes: "t1" },
    { op: "ImportKeyMaterial", key, of: "t1", days: 3 },
    { op: "Encrypt", key, text, makes: "c1" },
    { op: "ScheduleKeyDeletion", key, days: 7 },
    wait(3 * day + 1000),
    look(),
    { op: "CancelKeyDeletion", key },
    look(),
    decrypt("c1"),
    { op: "Encrypt", key, text }
  ],
  [
    make(key, "external"),
    { op: "GetParametersForImport", key, makes: "t1" },
    { op: "ImportKeyMaterial", key, of: "t1" },
    { op: "Encrypt", key, text, makes: "c1" },
    { op: "ScheduleKeyDeletion", key, days: 7 },
    look(),
    { op: "DeleteKeyMaterial", key },
    look(),
    { op: "ImportKeyMaterial", key, of: "t1" },
    { op: "CancelKeyDeletion", key },
    look(),
    { op: "ImportKeyMaterial", key, of: "t1" },
    decrypt("c1")
  ]
]
