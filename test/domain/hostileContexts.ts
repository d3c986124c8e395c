/** Encryption contexts that resemble each other, invalid texts, and a second reader of JSON. */
import fc from "fast-check"

/** Names and values that have confused parsers: look-alikes, sort order, separators, JSON inside JSON. */
const hostile = [
  "__proto__",
  "constructor",
  "toString",
  "",
  "0",
  "1",
  "10",
  "a",
  "b",
  "ab",
  "a=b",
  "a&b",
  'b","c":"d',
  "\u0000",
  "\\",
  '"',
  "/",
  "\u00e9",
  "e\u0301",
  "\uffee",
  "\ue000",
  "\u{1f511}",
  "\u{10ffff}",
  "\ufffd",
  "\u2028",
  "k".repeat(300)
]
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostile) },
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ maxLength: 3 })
)
export const pairs = fc.uniqueArray(fc.tuple(text, text), { maxLength: 6, selector: ([name]) => name })
/** Two contexts that are often almost equal. */
export const twins = fc.oneof(
  fc.tuple(pairs, pairs),
  pairs.chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length }))),
  pairs.chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given))),
  fc
    .tuple(pairs, text, text)
    .map(([given, name, value]) => [given, [...new Map([[name, value], ...given.slice(1)])]] as const)
)

export const isSameMap = (left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): boolean =>
  left.size === right.size && [...left].every(([name, value]) => right.get(name) === value)

/** Equivalent JSON with other white space and escapes. */
export const spelled = (given: ReadonlyArray<readonly [string, string]>, space: string, escape: boolean): string => {
  const quoted = (word: string): string =>
    escape
      ? `"${Array.from({ length: word.length }, (_, i) => `\\u${word.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`
      : JSON.stringify(word)
  const members = given.map(([name, value]) => `${space}${quoted(name)}${space}:${space}${quoted(value)}${space}`)
  return `${space}{${space}${members.join(",")}}${space}`
}

/** Text that is not a flat object of well-formed strings with unique names. */
export const refusedTexts: ReadonlyArray<string> = [
  "",
  " ",
  "null",
  "[]",
  '"a"',
  "{",
  "}",
  '{"a"}',
  '{"a":}',
  '{"a":"b",}',
  '{,"a":"b"}',
  '{"a":"b" "c":"d"}',
  '{"a":1}',
  '{"a":null}',
  '{"a":true}',
  '{"a":["b"]}',
  '{"a":{"b":"c"}}',
  '{"a":"b"}{}',
  '{"a":"b"} x',
  '{"a":"b"',
  '{"a":"b',
  '{"a":"b\\',
  "{'a':'b'}",
  '{a:"b"}',
  '{"a":"b","a":"b"}',
  '{"a":"b","\\u0061":"c"}',
  '{"__proto__":"a","__proto__":"b"}',
  '{"a":"\\x41"}',
  '{"a":"\\u12"}',
  '{"a":"\\u+041"}',
  '{"a":"\\u 041"}',
  '{"a":"\\U0041"}',
  '{"a":"\\ud800"}',
  '{"a":"\\udc00\\ud800"}',
  '{"\\ud83d":"a"}',
  '{"a":"\ud800"}',
  '{"a":"\\ud83d" }',
  '{"a":"line\nbreak"}',
  '{"a":"tab\there"}',
  '\ufeff{"a":"b"}',
  '\u00a0{"a":"b"}',
  '{"a":"b"}\u0000',
  "// comment\n{}"
]

const quoted = String.raw`"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"`
const space = String.raw`[ \t\n\r]*`
const member = `${space}${quoted}${space}:${space}${quoted}${space}`
const flatObject = new RegExp(`^${space}\\{(?:${space}|${member}(?:,${member})*)\\}${space}$`)

/** The grammar of RFC 8259 cut down to flat objects of strings, as one expression. Members are decoded one by one. */
export const referenceOf = (json: string): ReadonlyMap<string, string> | undefined => {
  if (!flatObject.test(json)) return undefined
  const words = (json.match(new RegExp(quoted, "g")) ?? []).map((word) => String(JSON.parse(word)))
  const members = new Map(words.flatMap((name, i) => (i % 2 === 0 ? [[name, words[i + 1] ?? ""] as const] : [])))
  const isStrict = words.every((word) => word.isWellFormed()) && members.size * 2 === words.length
  return isStrict ? members : undefined
}
