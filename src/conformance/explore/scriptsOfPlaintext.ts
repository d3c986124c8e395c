/** Fixed sequences about plaintext: text that is easily lost, and the longest permitted text. */
import type { Dialect } from "../dialects/dialect.ts"
import type { Step } from "../steps/step.ts"
import { decrypt, key, make } from "./writing.ts"
import type { Script } from "./writing.ts"

/** Texts that a service may trim, decode, normalize or cut. */
const texts: ReadonlyArray<string> = [
  "not Base64!",
  "AB==",
  "AA",
  "AAECAw",
  "AAEC AwQF",
  "AAEC\r\nAwQF\r\n",
  "-_-_",
  " ",
  "  blanks around  ",
  "line\nends\r\nof\rall kinds\n",
  "\ttab",
  "\u0000",
  "before\u0000after",
  "\ufeffmark",
  "caf\u00e9",
  "cafe\u0301",
  "\u{1f511}",
  '{"a": 1}',
  "%41&b=c+d",
  "Straße",
  "\u0130"
]

const sealed = (more: Partial<Step>, makes: string): Step => ({ op: "Encrypt", key, ...more, makes })

const edges = (more: Partial<Step>, makes: string): Script => [
  sealed({ longest: true, ...more }, makes),
  decrypt(makes),
  { op: "Encrypt", key, twist: "tooLong", ...more }
]

export const plaintexts = ({ plaintextIsText }: Dialect): ReadonlyArray<Script> => [
  [make(key), ...edges({}, "c1"), ...(plaintextIsText ? edges({ isRaw: true }, "c2") : [])],
  ...(plaintextIsText
    ? [
        [
          make(key),
          ...texts.flatMap((text, index): Script => {
            const label = `c${index + 1}`
            return [sealed({ text }, label), decrypt(label)]
          })
        ]
      ]
    : [])
]
