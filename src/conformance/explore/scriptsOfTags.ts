/** Fixed sequences about tags. */
import type { Dialect } from "../dialects/dialect.ts"
import type { Step } from "../steps/step.ts"
import { key, make } from "./writing.ts"
import type { Script } from "./writing.ts"

const untag = (...names: ReadonlyArray<string>): Step => ({
  op: "UntagResource",
  key,
  tags: Object.fromEntries(names.map((name) => [name, ""]))
})

const listTags: Step = { op: "ListResourceTags", key }

/** Values that a service may trim, fold or unescape. */
const valuesOfTags: ReadonlyArray<string> = [
  " blanks around ",
  "Red",
  "red",
  "caf\u00e9",
  "cafe\u0301",
  "",
  "007",
  "<b>&amp;</b>",
  "%41+b=c&d",
  "back\\slash",
  "x".repeat(100)
]

/** Tags by prefix, case and value, and tags of a Disabled key. */
export const tagScripts = ({ longest }: Dialect): ReadonlyArray<Script> => [
  ...(longest === undefined
    ? []
    : [
        [
          make(key),
          { op: "TagResource", key, tags: { ["n".repeat(longest.tagKey)]: "long name" } },
          listTags,
          { op: "TagResource", key, tags: { long: "v".repeat(longest.tagValue) } },
          listTags
        ] satisfies Script
      ]),
  [
    make(key),
    { op: "TagResource", key, tags: { team: "red", Team: "Red", teams: "many", tea: "green", TEAM: "RED" } },
    listTags,
    { op: "TagResource", key, tags: { Team: "blue" } },
    listTags,
    untag("team"),
    listTags,
    untag("tea"),
    listTags,
    untag("TEAM", "absent"),
    listTags
  ],
  [
    make(key),
    make("k2"),
    { op: "TagResource", key, tags: { team: "red", empty: "" } },
    { op: "TagResource", key: "k2", tags: { team: "blue" } },
    listTags,
    { op: "ListResourceTags", key: "k2" },
    untag("team"),
    listTags,
    { op: "ListResourceTags", key: "k2" },
    { op: "TagResource", key, tags: { "a b": "c d", "\u7d20\u6750": "\u{1f511}", quote: '"', comma: "a,b" } },
    listTags,
    { op: "DisableKey", key },
    { op: "TagResource", key, tags: { team: "green" } },
    listTags,
    { op: "ScheduleKeyDeletion", key, days: 7 },
    { op: "TagResource", key, tags: { team: "late" } },
    untag("quote"),
    listTags,
    { op: "CancelKeyDeletion", key },
    listTags
  ],
  [
    make(key),
    { op: "TagResource", key, tags: { one: "1", two: "2", three: "3", four: "4" } },
    untag("one", "three"),
    listTags,
    { op: "DisableKey", key },
    { op: "TagResource", key, tags: { two: "another", five: "5" } },
    listTags,
    untag("two", "five", "absent"),
    listTags,
    { op: "EnableKey", key },
    { op: "TagResource", key, tags: { one: "again" } },
    listTags
  ],
  [
    make(key),
    ...valuesOfTags.flatMap((value): Script => [
      { op: "TagResource", key, tags: { team: value, other: "as it was" } },
      listTags
    ])
  ]
]
