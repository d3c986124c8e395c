/** Fixed sequences about lifecycles: switching, descriptions, and deletion to the second. */
import type { Dialect } from "../dialects/dialect.ts"
import type { Step } from "../steps/step.ts"
import { day, decrypt, key, look, make, text, wait } from "./writing.ts"
import type { Script } from "./writing.ts"

/** All keys fit on one page as long as they are few. */
export const listing = ({ window, pages }: Dialect): Script => [
  make(key),
  make("k2"),
  make("k3"),
  { op: "DisableKey", key: "k2" },
  { op: "ScheduleKeyDeletion", key: "k3", days: window.minimum },
  { op: "ListKeys" },
  ...(pages ? [1, 2, 3].map((page): Step => ({ op: "ListKeys", page })) : [])
]

/** Several keys are deleted at one date. */
const deletedAtOnce = (days: number): Script => [
  ...["k1", "k2", "k3", "k4"].map((label) => make(label)),
  ...["k1", "k2", "k3"].map((label): Step => ({ op: "ScheduleKeyDeletion", key: label, days })),
  wait(days * day - 1000),
  ...["k1", "k2", "k3"].map(look),
  wait(1000),
  ...["k1", "k2", "k3", "k4"].map(look)
]

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
  deletedAtOnce(window.minimum),
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
