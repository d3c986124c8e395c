/** Written sequences of lives: deletion to the second, imports, rotations. */
import type { Dialect } from "../dialect.ts"
import { day, decrypt, key, look, make, text, wait } from "./writing.ts"
import type { Script } from "./writing.ts"

export const lives = ({ window }: Dialect): ReadonlyArray<Script> => [
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

export const imports: ReadonlyArray<Script> = [
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

export const rotations = ({ rotationDays: { minimum } }: Dialect): ReadonlyArray<Script> => [
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
