/** Fixed sequences about rotations, to the second. */
import type { Dialect } from "../dialects/dialect.ts"
import { day, decrypt, key, look, make, text, wait } from "./writing.ts"
import type { Script } from "./writing.ts"

const longRotations = ({ minimum, maximum }: Dialect["rotationDays"]): ReadonlyArray<Script> => [
  // The longest interval, at creation and later.
  [
    make(key),
    { op: "UpdateRotationPolicy", key, on: true, days: maximum },
    look(),
    make("k2", "symmetric", { days: maximum }),
    look("k2")
  ],
  // A key that is Disabled for a part of the interval rotates at its date.
  [
    make(key, "symmetric", { days: minimum }),
    wait(2 * day),
    { op: "DisableKey", key },
    wait(day),
    { op: "EnableKey", key },
    look(),
    wait((minimum - 3) * day),
    look()
  ],
  // An interval is changed while the policy is on, before and after a rotation.
  [
    make(key, "symmetric", { days: minimum }),
    { op: "UpdateRotationPolicy", key, on: true, days: 2 * minimum },
    look(),
    wait(minimum * day + 1000),
    look(),
    wait(minimum * day),
    look(),
    { op: "UpdateRotationPolicy", key, on: true, days: minimum + 1 },
    look(),
    { op: "UpdateRotationPolicy", key, on: true, days: minimum },
    look(),
    wait(minimum * day),
    look(),
    { op: "ListKeyVersions", key }
  ],
  // Ciphertext of every version opens after several rotations, and moves to the newest version.
  [
    make(key, "symmetric", { days: minimum }),
    ...["c1", "c2", "c3", "c4", "c5"].flatMap((label): Script => [
      { op: "Encrypt", key, text, makes: label },
      { op: "GenerateDataKey", key, makes: `${label}.d` },
      wait(minimum * day + 1000),
      look()
    ]),
    ...["c1", "c2", "c3", "c4", "c5"].flatMap((label): Script => [
      decrypt(label),
      decrypt(`${label}.d`),
      { op: "ExportDataKey", of: `${label}.d` },
      { op: "ReEncrypt", of: label, to: key, makes: `${label}.r` },
      decrypt(`${label}.r`)
    ]),
    { op: "DisableKey", key },
    { op: "EnableKey", key },
    { op: "ScheduleKeyDeletion", key, days: 7 },
    { op: "CancelKeyDeletion", key },
    ...["c1", "c3", "c5"].map((label) => decrypt(label))
  ]
]

/** An interval that is no number of days. */
const otherIntervals = (minimum: number, units: Dialect["intervalUnits"]): ReadonlyArray<Script> =>
  units.includes("h")
    ? [
        [
          make(key),
          { op: "UpdateRotationPolicy", key, on: true, days: minimum + 0.25, unit: "h" },
          look(),
          wait(minimum * day),
          look(),
          wait(day / 4),
          look()
        ]
      ]
    : []

export const rotations = ({ rotationDays: { minimum, maximum }, intervalUnits }: Dialect): ReadonlyArray<Script> => [
  intervalUnits.flatMap((unit, index): Script => {
    const made = `k${index + 1}`
    return [make(made), { op: "UpdateRotationPolicy", key: made, on: true, days: minimum, unit }, look(made)]
  }),
  ...otherIntervals(minimum, intervalUnits),
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
  ...longRotations({ minimum, maximum }),
  // A large step of the clock: each rotation on the way happens at its own date, for two keys in turn.
  [
    make(key, "symmetric", { days: minimum }),
    make("k2", "symmetric", { days: minimum + 1 }),
    wait(8 * minimum * day + 1000),
    look(),
    look("k2"),
    { op: "ListKeyVersions", key },
    { op: "ListKeyVersions", key: "k2" }
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
