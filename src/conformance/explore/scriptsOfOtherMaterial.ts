/** Fixed sequences of imports that must be refused: other material, and altered material. */
import { day, decrypt, key, look, make, text, wait } from "./writing.ts"
import type { Script } from "./writing.ts"

/** Every wrong import, each followed by a description of the key and a use of the first material. */
const wrongImports = (of: string): Script =>
  (["otherMaterial", "wrongLength", "garbage", "tampered", "pastExpiry"] as const).flatMap((twist): Script => [
    { op: "ImportKeyMaterial", key, of, twist },
    look(),
    decrypt("c1")
  ])

const begun: Script = [
  make(key, "external"),
  { op: "GetParametersForImport", key, makes: "t1" },
  { op: "ImportKeyMaterial", key, of: "t1" },
  { op: "Encrypt", key, text, makes: "c1" }
]

/**
 * A key accepts only its first material again, also after that material was deleted or expired, in every state of the
 * key.
 */
export const otherMaterials: ReadonlyArray<Script> = [
  [...begun, ...wrongImports("t1"), { op: "ImportKeyMaterial", key, of: "t1", days: 3 }, look(), decrypt("c1")],
  [
    ...begun,
    { op: "DisableKey", key },
    look(),
    { op: "GetParametersForImport", key, makes: "t2" },
    ...wrongImports("t2"),
    { op: "ImportKeyMaterial", key, of: "t2" },
    look(),
    { op: "EnableKey", key },
    decrypt("c1")
  ],
  [
    ...begun,
    { op: "DeleteKeyMaterial", key },
    { op: "GetParametersForImport", key, makes: "t2" },
    ...wrongImports("t2"),
    { op: "ImportKeyMaterial", key, of: "t2" },
    look(),
    decrypt("c1")
  ],
  [
    make(key, "external"),
    { op: "GetParametersForImport", key, makes: "t1" },
    { op: "ImportKeyMaterial", key, of: "t1", days: 2 },
    { op: "Encrypt", key, text, makes: "c1" },
    wait(2 * day + 1000),
    look(),
    { op: "GetParametersForImport", key, makes: "t2" },
    ...wrongImports("t2"),
    { op: "ImportKeyMaterial", key, of: "t2", days: 2 },
    look(),
    decrypt("c1"),
    wait(2 * day + 1000),
    look(),
    decrypt("c1")
  ],
  [
    ...begun,
    { op: "ScheduleKeyDeletion", key, days: 7 },
    { op: "GetParametersForImport", key, makes: "t2" },
    ...wrongImports("t2"),
    { op: "ImportKeyMaterial", key, of: "t2" },
    { op: "CancelKeyDeletion", key },
    look(),
    { op: "ImportKeyMaterial", key, of: "t2", twist: "otherMaterial" },
    look(),
    decrypt("c1")
  ]
]
