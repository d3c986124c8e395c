/** Fixed sequences about encryption contexts: pairs that are easily confused, and texts that are easily lost. */
import type { Step } from "../steps/step.ts"
import { decrypt, key, make, text } from "./writing.ts"
import type { Script } from "./writing.ts"

type Context = NonNullable<Step["context"]>

/** Two different contexts that some services treat as equal. */
const lookalikes: ReadonlyArray<readonly [Context, Context]> = [
  // One letter, composed (NFC) and decomposed (NFD).
  [{ name: "caf\u00e9" }, { name: "cafe\u0301" }],
  [{ "caf\u00e9": "name" }, { "cafe\u0301": "name" }],
  [{ tenant: "Seven" }, { tenant: "seven" }],
  [{ Tenant: "seven" }, { tenant: "seven" }],
  // The same characters, divided differently.
  [{ a: "bc" }, { ab: "c" }],
  [{ a: "b" }, { a: "b", c: "" }],
  [
    { a: "1", b: "2" },
    { a: "2", b: "1" }
  ],
  [{ a: "b" }, { a: "b " }],
  [{ a: "b" }, { " a": "b" }],
  [{ a: "7" }, { a: "07" }],
  // Two characters beyond the basic plane with the same first half.
  [{ sign: "\u{1f511}" }, { sign: "\u{1f512}" }],
  [{ a: "\u0000" }, { a: "" }],
  // Name and value exchanged.
  [{ a: "b" }, { b: "a" }],
  [Object.fromEntries([["__proto__", "own"]]), {}],
  // Compatibility forms, and invisible characters.
  [{ a: "\uff41" }, { a: "a" }],
  [{ a: "Stra\u00dfe" }, { a: "Strasse" }],
  [{ a: "b\u200bc" }, { a: "bc" }],
  [{ a: "\ufeffb" }, { a: "b" }],
  [{ a: "b\u00a0c" }, { a: "b c" }],
  [{ a: "b\tc" }, { a: "b c" }],
  [{ a: "b  c" }, { a: "b c" }],
  [{ a: "b\r\nc" }, { a: "b\nc" }],
  [{ a: "b\n" }, { a: "b" }],
  // Texts that some services unescape or convert.
  [{ a: "%62" }, { a: "b" }],
  [{ a: "b+c" }, { a: "b c" }],
  [{ a: "&amp;" }, { a: "&" }],
  [{ a: "\\u0062" }, { a: "b" }],
  [{ a: "1.0" }, { a: "1" }],
  [{ a: "1e1" }, { a: "10" }],
  [{ a: "null" }, { a: "" }],
  [{ a: "True" }, { a: "true" }]
]

/** How a service might join the parts of a context: between name and value, and between pairs. */
const joints: ReadonlyArray<readonly [string, string]> = [
  ["=", "&"],
  ["=", ";"],
  ["=", ","],
  [":", ","],
  [":", ";"],
  ["=", "\n"],
  ["\u0000", "\u0000"],
  ["\u001f", "\u001e"],
  [" ", " "],
  ["/", "/"],
  ["|", "|"],
  ['":"', '","']
]

/** Two pairs, and one pair with the same text if a service joins the parts this way. */
const joined: ReadonlyArray<readonly [Context, Context]> = joints.map(([inside, between]) => [
  { a: "b", c: "d" },
  { a: `b${between}c${inside}d` }
])

const long = (length: number, last: string): string => `${"x".repeat(length - 1)}${last}`

const pairs = (count: number, last: string): Context =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${10 + index}`, index === count - 1 ? last : "v"]))

/** Contexts that differ only at their end. */
const differentAtTheEnd: ReadonlyArray<readonly [Context, Context]> = [
  ...[65, 129, 257, 1025, 4001].map((length): readonly [Context, Context] => [
    { a: long(length, "y") },
    { a: long(length, "z") }
  ]),
  ...[65, 257, 1025].map((length): readonly [Context, Context] => [
    { [long(length, "y")]: "b" },
    { [long(length, "z")]: "b" }
  ]),
  ...[2, 6, 11, 33].map((count): readonly [Context, Context] => [pairs(count, "one"), pairs(count, "other")])
]

/** Names that every JavaScript object inherits are ordinary names. */
const inherited: Context = Object.fromEntries(
  ["__proto__", "constructor", "toString", "hasOwnProperty"].map((name) => [name, "own"])
)

const manyPairs: Context = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => [`name${(index * 7) % 40}`, `value ${index}`])
)

/** Contexts that must be returned unchanged. */
const plain: ReadonlyArray<Context> = [
  inherited,
  manyPairs,
  { "": "empty name" },
  { "empty value": "" },
  { "\u{1f511}": "\u{10ffff}" },
  { quote: '"', backslash: "\\", slash: "/", line: "a\nb", tab: "\t", delete: "\u007f", separator: "\u2028" },
  { "name with blanks": " value with blanks " },
  { plus: "a+b", percent: "%41", ampersand: "a&b=c" }
]

const sealedIn = (context: Context, makes: string): Step => ({ op: "Encrypt", key, text, context, makes })

const openedIn = (context: Context, of: string): Step => ({ op: "Decrypt", of, context, twist: "givenContext" })

const mixed: Context = { Tenant: " Caf\u00e9 ", a: "bc", empty: "" }

/** Contexts that nearly equal the mixed one. */
const nearlyMixed: ReadonlyArray<Context> = [
  { tenant: " Caf\u00e9 ", a: "bc", empty: "" },
  { Tenant: "Caf\u00e9", a: "bc", empty: "" },
  { Tenant: " Cafe\u0301 ", a: "bc", empty: "" },
  { Tenant: " Caf\u00e9 ", ab: "c", empty: "" },
  { Tenant: " Caf\u00e9 ", a: "bc" },
  {}
]

/** The same context in every operation that has one. */
const everywhere: Script = [
  sealedIn(mixed, "c1"),
  { op: "GenerateDataKey", key, context: mixed, makes: "c2" },
  { op: "GenerateDataKeyWithoutPlaintext", key, context: mixed, makes: "c3" },
  { op: "ReEncrypt", of: "c1", to: "k2", context: mixed, makes: "c4" },
  { op: "GenerateAndExportDataKey", key, context: mixed, makes: "c6" },
  ...["c1", "c2", "c3", "c4", "c6"].flatMap((label) => [
    decrypt(label),
    decrypt(label, "noContext"),
    ...nearlyMixed.map((context) => openedIn(context, label))
  ]),
  { op: "ExportDataKey", of: "c2" },
  ...(["noContext", "otherContext"] as const).flatMap((twist): Script => [
    { op: "ReEncrypt", of: "c2", to: "k2", context: {}, makes: "c5", twist },
    { op: "ExportDataKey", of: "c3", twist }
  ])
]

export const contextScripts: ReadonlyArray<Script> = [
  [
    make(key),
    ...[...lookalikes, ...joined, ...differentAtTheEnd].flatMap(([one, other], index): Script => {
      const [first, second] = [`c${2 * index + 1}`, `c${2 * index + 2}`]
      return [
        sealedIn(one, first),
        openedIn(other, first),
        decrypt(first),
        sealedIn(other, second),
        openedIn(one, second)
      ]
    })
  ],
  [
    make(key),
    ...plain.flatMap((context, index): Script => {
      const label = `c${index + 1}`
      return [sealedIn(context, label), decrypt(label), decrypt(label, "reorderedContext"), decrypt(label, "noContext")]
    })
  ],
  [make(key), make("k2"), ...everywhere]
]
