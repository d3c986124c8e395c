/** Written sequences of encryption contexts: pairs that are easily taken for one another, and texts that are easily lost. */
import type { Step } from "../steps/step.ts"
import { decrypt, key, make, text } from "./writing.ts"
import type { Script } from "./writing.ts"

type Context = NonNullable<Step["context"]>

/** Two contexts that are not the same, although some services take them for it. */
const lookalikes: ReadonlyArray<readonly [Context, Context]> = [
  // One letter composed (NFC) and decomposed (NFD).
  [{ name: "caf\u00e9" }, { name: "cafe\u0301" }],
  [{ "caf\u00e9": "name" }, { "cafe\u0301": "name" }],
  [{ tenant: "Seven" }, { tenant: "seven" }],
  [{ Tenant: "seven" }, { tenant: "seven" }],
  // The same letters, cut elsewhere.
  [{ a: "bc" }, { ab: "c" }],
  [{ a: "b", c: "d" }, { a: "b,c:d" }],
  [{ a: "b" }, { a: "b", c: "" }],
  [
    { a: "1", b: "2" },
    { a: "2", b: "1" }
  ],
  [{ a: "b" }, { a: "b " }],
  [{ a: "b" }, { " a": "b" }],
  [{ a: "7" }, { a: "07" }],
  // Two characters beyond the basic plane that share their first half.
  [{ sign: "\u{1f511}" }, { sign: "\u{1f512}" }],
  [{ a: "\u0000" }, { a: "" }]
]

/** Names that are members of every JavaScript object are names like any other. */
const inherited: Context = Object.fromEntries(
  ["__proto__", "constructor", "toString", "hasOwnProperty"].map((name) => [name, "own"])
)

const manyPairs: Context = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => [`name${(index * 7) % 40}`, `value ${index}`])
)

/** Contexts that come back as they were given. */
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

export const contextScripts: ReadonlyArray<Script> = [
  [
    make(key),
    ...lookalikes.flatMap(([one, other], index): Script => {
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
  ]
]
