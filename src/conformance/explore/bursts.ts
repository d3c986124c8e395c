/** Bursts: a key is prepared, then several clients send conflicting calls at the same time. */
import fc from "fast-check"
import type { OperationName } from "../adapters/adapter.ts"
import { accessBursts } from "./scriptsOfAccess.ts"
import { isDeed } from "../steps/step.ts"
import type { Step } from "../steps/step.ts"

const key = "k1"
const text = "AAECAwQ="

const lead: ReadonlyArray<Step> = [
  { op: "CreateKey", makes: key },
  { op: "CreateKey", makes: "k2" },
  { op: "Encrypt", key, text, makes: "c1" }
]

/** The configuration of the key when the burst begins. */
const starts: ReadonlyArray<ReadonlyArray<Step>> = [
  [],
  [{ op: "DisableKey", key }],
  [{ op: "ScheduleKeyDeletion", key, days: 7 }]
]

const calls: ReadonlyArray<Step> = [
  { op: "DisableKey", key },
  { op: "EnableKey", key },
  { op: "ScheduleKeyDeletion", key, days: 7 },
  { op: "CancelKeyDeletion", key },
  { op: "Encrypt", key, text },
  { op: "Decrypt", of: "c1" },
  { op: "GenerateDataKey", key },
  { op: "DescribeKey", key },
  { op: "CreateAlias", key, alias: "a1" },
  { op: "CreateAlias", key: "k2", alias: "a1" },
  { op: "UpdateAlias", key: "k2", alias: "a1" },
  { op: "Encrypt", by: "a1", text },
  { op: "SetDeletionProtection", key, on: true },
  { op: "DisableKey", key },
  { op: "Encrypt", key, text },
  { op: "TagResource", key, tags: { one: "1" } },
  { op: "TagResource", key, tags: { two: "2" } },
  { op: "UpdateKeyDescription", key, text: "during the burst" }
]

/** A revocation against a use, and changes of different attributes of one key; part of every run. */
const written: ReadonlyArray<ReadonlyArray<ReadonlyArray<Step>>> = [
  [
    [
      { op: "DisableKey", key },
      { op: "Encrypt", key, text }
    ],
    [
      { op: "Decrypt", of: "c1" },
      { op: "Decrypt", of: "c1" },
      { op: "Decrypt", of: "c1" }
    ]
  ],
  [
    [
      { op: "ScheduleKeyDeletion", key, days: 7 },
      { op: "Decrypt", of: "c1" }
    ],
    [
      { op: "Encrypt", key, text },
      { op: "GenerateDataKey", key }
    ]
  ],
  [
    [{ op: "CreateAlias", key, alias: "a1" }],
    [{ op: "CreateAlias", key: "k2", alias: "a1" }],
    [{ op: "CreateAlias", key, alias: "a1" }]
  ],
  [
    [
      { op: "ScheduleKeyDeletion", key, days: 7 },
      { op: "CancelKeyDeletion", key }
    ],
    [
      { op: "DisableKey", key },
      { op: "EnableKey", key }
    ]
  ],
  [
    [{ op: "TagResource", key, tags: { one: "1" } }],
    [{ op: "TagResource", key, tags: { two: "2" } }],
    [{ op: "TagResource", key, tags: { three: "3" } }]
  ],
  [
    [{ op: "UpdateKeyDescription", key, text: "during the burst" }],
    [{ op: "DisableKey", key }],
    [{ op: "TagResource", key, tags: { one: "1" } }]
  ]
]

/** An alias is moved while it is used. */
const moving: ReadonlyArray<ReadonlyArray<Step>> = [
  [
    { op: "UpdateAlias", key: "k2", alias: "a1" },
    { op: "Encrypt", by: "a1", text }
  ],
  [
    { op: "Encrypt", by: "a1", text },
    { op: "DescribeKey", by: "a1" },
    { op: "Encrypt", by: "a1", text }
  ],
  [{ op: "UpdateAlias", key, alias: "a1" }]
]

const burstOf = (clients: ReadonlyArray<ReadonlyArray<Step>>): ReadonlyArray<Step> =>
  clients.flatMap((steps, client) => steps.map((step) => ({ ...step, burst: 1, client })))

export const bursts = (given: {
  readonly seed: number
  readonly runs: number
  readonly parallel: number
  readonly has: ReadonlySet<OperationName>
  /** Whether the adapter can change rights. */
  readonly grants: boolean
}): ReadonlyArray<ReadonlyArray<Step>> => {
  const { parallel, has } = given
  if (parallel < 2) return []
  const known = calls.filter(({ op }) => !isDeed(op) && has.has(op))
  const clients = fc.array(fc.array(fc.constantFrom(...known), { minLength: 1, maxLength: 2 }), {
    minLength: 2,
    maxLength: parallel
  })
  const drawn = fc.sample(fc.tuple(fc.constantFrom(...starts), clients), {
    seed: given.seed,
    numRuns: Math.max(1, given.runs)
  })
  const after: ReadonlyArray<Step> = [
    { op: "DescribeKey", key },
    ...(has.has("ListAliasesByKeyId") ? [{ op: "ListAliasesByKeyId" as const, key }] : []),
    { op: "Decrypt", of: "c1" }
  ]
  return [
    ...(has.has("UpdateAlias")
      ? [[...lead, { op: "CreateAlias" as const, key, alias: "a1" }, ...burstOf(moving), ...after]]
      : []),
    ...(given.grants ? accessBursts(has.has("SetKeyPolicy")) : []),
    ...written.map((steps) => [...lead, ...burstOf(steps), ...after]),
    ...drawn.map(([start, steps]) => [...lead, ...start, ...burstOf(steps), ...after])
  ]
}
