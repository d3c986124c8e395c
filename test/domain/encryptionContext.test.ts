/** The encryption context: read strictly, and written so that equal maps have equal bytes. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  canonicalContext,
  contextFault,
  contextFromPairs,
  pairsFault,
  parseContext
} from "../../src/domain/encryptionContext.ts"
import { encryptionContextCharsMax } from "../../src/domain/limits.ts"
import { cpuMillisOf } from "../cpuTime.ts"
import { isSameMap, pairs, referenceOf, refusedTexts, spelled, twins } from "./hostileContexts.ts"

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
const canonicalHex = (pairs: Iterable<readonly [string, string]>): string => hex(canonicalContext(new Map(pairs)))

describe("canonical bytes of an encryption context", () => {
  it("two encryption contexts have the same canonical bytes exactly if they are the same map", () => {
    let same = 0
    fc.assert(
      fc.property(twins, ([left, right]) => {
        const isSame = isSameMap(new Map(left), new Map(right))
        if (isSame) same++
        expect(canonicalHex(left) === canonicalHex(right)).toBe(isSame)
      }),
      { numRuns: 4000 }
    )
    expect(same).toBeGreaterThan(500)
  })

  it("canonical bytes of an encryption context are read back, with names in UTF-8 order", () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const bytes = canonicalContext(new Map(given))
        const view = new DataView(bytes.buffer)
        const words: Array<string> = []
        for (let at = 4; at < bytes.length; at += 4 + view.getUint32(at)) {
          words.push(Buffer.from(bytes).toString("latin1", at + 4, at + 4 + view.getUint32(at)))
        }
        const names = words.filter((_, i) => i % 2 === 0)
        // One character of latin1 is one byte, so this is the order of bytes.
        expect(names).toStrictEqual(names.toSorted((a, b) => (a < b ? -1 : 1)))
        const decoded = words.map((word) => Buffer.from(word, "latin1").toString("utf8"))
        const read = new Map(decoded.flatMap((name, i) => (i % 2 === 0 ? [[name, decoded[i + 1] ?? ""] as const] : [])))
        expect(isSameMap(read, new Map(given))).toBe(true)
        if (given.length > 0) expect(view.getUint32(0)).toBe(given.length)
      })
    )
  })

  it("canonical bytes of an encryption context are as documented", () => {
    expect(
      canonicalHex([
        ["b", "2"],
        ["a", ""]
      ])
    ).toBe(["00000002", "00000001", "61", "00000000", "00000001", "62", "00000001", "32"].join(""))
  })

  it("canonical bytes of an encryption context sort astral characters last, unlike UTF-16", () => {
    const [bmp, astral] = ["\uffee", "\u{1f511}"] as const
    expect(astral < bmp).toBe(true)
    const written = Buffer.from(
      canonicalContext(
        new Map([
          [astral, ""],
          [bmp, ""]
        ])
      )
    )
    expect(written.indexOf(bmp)).toBeLessThan(written.indexOf(astral))
  })

  it("an empty map, an absent context and the text {} have no canonical bytes", () => {
    for (const none of [
      undefined,
      new Map<string, string>(),
      parseContext("{}"),
      parseContext(" {\t} "),
      contextFromPairs([])
    ]) {
      expect(canonicalContext(none).length).toBe(0)
    }
  })

  it("an encryption context with half a surrogate pair has no canonical bytes", () => {
    expect(() => canonicalContext(new Map([["\ud800", ""]]))).toThrow("well-formed")
    expect(() => canonicalContext(new Map([["", "\udfff"]]))).toThrow("well-formed")
  })
})

describe("the JSON form of an encryption context", () => {
  it("parseContext reads every map from JSON, in any spelling", () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom("", " ", "\n\t\r "), fc.boolean(), (given, space, escape) => {
        const json = spelled(given, space, escape)
        const read = parseContext(json)
        if (json.length > encryptionContextCharsMax) expect(read).toBeUndefined()
        else expect(read !== undefined && isSameMap(read, new Map(given))).toBe(true)
      })
    )
  })

  it("parseContext agrees with the grammar of JSON about objects of strings", () => {
    const fragments = [
      "{",
      "}",
      '"',
      '"a"',
      '"b"',
      ":",
      ",",
      "1",
      "null",
      "[",
      "]",
      "\\",
      "\\u0041",
      "\\n",
      " ",
      "\u0001",
      "x"
    ]
    let valid = 0
    const judge = (json: string): void => {
      const read = parseContext(json)
      const expected = referenceOf(json)
      if (expected !== undefined) valid++
      expect(read === undefined, json).toBe(expected === undefined)
      if (read !== undefined && expected !== undefined) expect(isSameMap(read, expected), json).toBe(true)
    }
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...fragments), { maxLength: 9 }), (parts) => judge(parts.join(""))),
      { numRuns: 3000 }
    )
    fc.assert(
      fc.property(pairs, fc.nat(), fc.constantFrom(...fragments), (given, at, fragment) => {
        const json = spelled(given, "", false)
        const cut = at % (json.length + 1)
        judge(json)
        judge(json.slice(0, cut) + fragment + json.slice(cut))
        judge(json.slice(0, cut) + json.slice(cut + 1))
      }),
      { numRuns: 1000 }
    )
    expect(valid).toBeGreaterThan(1000)
  })

  it.for(refusedTexts)("parseContext refuses %j", (json) => {
    expect(parseContext(json)).toBeUndefined()
  })

  it("parseContext reads __proto__, constructor and an escaped pair of surrogates as ordinary text", () => {
    const read = parseContext('{"__proto__":"a","constructor":"b","hasOwnProperty":"\\ud83d\\udd11"}')
    expect(read && [...read]).toStrictEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
      ["hasOwnProperty", "\u{1f511}"]
    ])
    expect(canonicalHex([["__proto__", "a"]])).not.toBe(canonicalHex([]))
  })

  it("parseContext reads a name correctly after any earlier text", () => {
    // JSON.parse of V8 14.6 confuses a name with that of an earlier object in its place, if both are one escaped character.
    const names = ["\\\\", '\\"', "\\u0000", "\\n", "\\u0041", "\\u005c"]
    for (const earlier of names) {
      for (const name of names) {
        parseContext(`{"a":"","${earlier}":""}`)
        const read = parseContext(`{"a":"","${name}":""}`)
        expect(read && [...read.keys()]).toStrictEqual(["a", JSON.parse(`"${name}"`)])
      }
    }
  })

  it("parseContext accepts 8192 characters and not one more", () => {
    const ofLength = (chars: number): string => `{"a":"${"b".repeat(chars - '{"a":""}'.length)}"}`
    expect(parseContext(ofLength(8192))?.get("a")?.length).toBe(8184)
    expect(parseContext(ofLength(8193))).toBeUndefined()
    expect(parseContext(`${"{".repeat(8192)}`)).toBeUndefined()
  })

  it("parseContext takes linear time: the worst 8192 characters take less than 20 ms", () => {
    const worst = [
      `{"a":"${"\\u0041".repeat(1300)}"}`,
      `{${Array.from({ length: 900 }, (_, i) => `"${i}":""`).join(",")}}`,
      `{"a":"${"\\\\".repeat(4000)}`,
      " ".repeat(8192),
      `{"${'":"'.repeat(2700)}`
    ]
    for (const json of worst) {
      const millis = Array.from({ length: 5 }, () => cpuMillisOf(() => parseContext(json)))
      expect(Math.min(...millis)).toBeLessThan(20)
    }
  })
})

describe("the flattened form of an encryption context", () => {
  it("contextFromPairs accepts the same maps as parseContext", () => {
    const long = fc.integer({ min: 8100, max: 8200 }).map((chars) => [["a", "b".repeat(chars)] as const])
    fc.assert(
      fc.property(fc.oneof(pairs, long, fc.constant([['"'.repeat(4100), ""] as const])), (given) => {
        const json = `{${given.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`
        const flat = contextFromPairs(given)
        const parsed = parseContext(json)
        expect(flat && [...flat]).toStrictEqual(parsed && [...parsed])
      })
    )
  })

  it("contextFromPairs refuses a repeated name, half a surrogate pair, and more than 8192 characters", () => {
    expect(
      contextFromPairs([
        ["a", "1"],
        ["a", "1"]
      ])
    ).toBeUndefined()
    expect(contextFromPairs([["\ud800", "1"]])).toBeUndefined()
    expect(contextFromPairs([["a", "\udc00"]])).toBeUndefined()
    expect(contextFromPairs([["a", "b".repeat(8184)]])?.size).toBe(1)
    expect(contextFromPairs([["a", "b".repeat(8185)]])).toBeUndefined()
    expect(contextFromPairs([["a", "b".repeat(10_000_000)]])).toBeUndefined()
  })

  it("contextFromPairs counts the comma between two pairs", () => {
    const pairsOf = (chars: number) => [
      ["a", "b".repeat(chars - '{"a":"","c":""}'.length)] as const,
      ["c", ""] as const
    ]
    expect(contextFromPairs(pairsOf(8192))?.size).toBe(2)
    expect(contextFromPairs(pairsOf(8193))).toBeUndefined()
  })

  it("contextFromPairs stops at its limit, for any number of pairs", () => {
    let asked = 0
    const endless = (function* () {
      for (;;) yield [`name ${asked++}`, "value"] as const
    })()
    expect(contextFromPairs(endless)).toBeUndefined()
    expect(asked).toBeLessThan(8192)
  })
})

describe("faults of an encryption context", () => {
  const long = (chars: number): string => `{"a":"${"b".repeat(chars - '{"a":""}'.length)}"}`

  it.for([
    [long(8193), "has 8193 characters as JSON; the limit is 8192"],
    ["[]", "must be a JSON object"],
    ['"text"', "must be a JSON object"],
    ['{"a":1}', "must have only strings as values; a is not a string"],
    ['{"a":"b","c":null}', "must have only strings as values; c is not a string"],
    ['{"a":{"b":"c"}}', "is wrong at a, which is nested deeper than any part of an encryption context"],
    ['{"a":"b"}', "must be a JSON object of strings"]
  ] as const)("contextFault names the fault of the text %j", ([json, fault]) => {
    expect(contextFault(json)).toBe(fault)
  })

  it("contextFault names the place of a syntax error, and no value", () => {
    expect(contextFault('{"a":"secret","a":"b"}')).toMatch(/^is wrong at a, which /)
    expect(contextFault('{"a":"secret"')).not.toMatch(/^is wrong at|secret/)
  })

  it.for([
    [[["a", 1]], "must have only strings as values"],
    [[["\ud800", "b"]], "is not well-formed Unicode: it has half of a surrogate pair"],
    [[["a", "\udc00"]], "is not well-formed Unicode: it has half of a surrogate pair"],
    [
      [
        ["a", "b"],
        ["a", "c"]
      ],
      "gives one name twice"
    ]
  ] as const)("pairsFault names the fault of the pairs %j", ([given, fault]) => {
    expect(pairsFault(given)).toBe(fault)
  })

  it("pairsFault reports pairs that are too long like the same JSON text", () => {
    const given = [["a", "b".repeat(5000)] as const, ['"', "c".repeat(5000)] as const]
    expect(pairsFault(given)).toBe(contextFault(JSON.stringify(Object.fromEntries(given))))
  })
})
