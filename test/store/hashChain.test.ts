/** The hash chain: one text for one value, one hash for one history, permanently. */
import { createHash, hash } from "node:crypto"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { canonicalJson, chainEntry, chainLines, entryText, genesis, portableHash } from "../../src/records/hashChain.ts"
import { born, keyIdOf } from "../../src/conformance/store/changes.ts"

const native = (text: string): string => hash("sha256", text)

const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => reversed(item))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member)])
  )
}

describe("the hash chain", () => {
  it("the hash chain writes canonical JSON of equal values equally, for any order of keys", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(reversed(value))).toBe(text)
      })
    )
  })

  it("the hash chain writes the names of an object in code unit order", () => {
    const name = fc.string({ unit: "binary", maxLength: 3 }).filter((text) => text !== "__proto__")
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 40 }), (names) => {
        const record = Object.fromEntries(names.map((text, place) => [text, place]))
        const members = names.toSorted().map((text) => `${JSON.stringify(text)}:${record[text]}`)
        expect(canonicalJson(record)).toBe(`{${members.join(",")}}`)
      })
    )
  })

  it("the hash chain writes different texts as different bytes", () => {
    const texts = ["\ud800", "\ud801", "\ufffd", "\\ud800", "a", 'a"', "a\\"].map((text) => canonicalJson(text))
    expect(new Set(texts.map((text) => Buffer.from(text).toString("hex"))).size).toBe(texts.length)
  })

  it("the hash chain has the same hash from the portable code and from OpenSSL", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => portableHash(text) === native(text)))
  })

  it("the hash chain hashes the previous hash and the entry's fields in order of name", () => {
    const { entry } = born({ n: 1 }).change
    const text =
      `{"at":1767225600000,"keyId":"${keyIdOf(1)}","payload":${canonicalJson(entry.payload)},` +
      `"principal":"acs:ram::1:root","requestId":"request 1 of ${keyIdOf(1)}","seq":1}`
    expect(chainEntry(genesis, entry)).toBe(createHash("sha256").update(genesis).update(text).digest("hex"))
    // Permanent: a later release must verify the journals of every release.
    expect(chainEntry(genesis, entry)).toMatchInlineSnapshot(
      `"9cdf029300c077d650bbb49ef3339b823ac047c320b391ec2e4ffc00da85dc3e"`
    )
    expect(chainLines(genesis, ["a", "b"])).toMatchInlineSnapshot(
      `"fb957d891575d3e6a9b20a36eee8237a4fc5e6d806c07a3b992816947fbe91ba"`
    )
  })

  it("the hash chain writes an entry as canonical JSON, with any text", () => {
    const { entry } = born({ n: 1 }).change
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), fc.nat(), (principal, requestId, at) => {
        const other = { ...entry, principal, requestId, at }
        expect(entryText(other, canonicalJson(other.payload))).toBe(canonicalJson(other))
      })
    )
  })

  it("the hash changes for any change of an entry, a line, their order or earlier entries", () => {
    const { entry } = born({ n: 1 }).change
    const variants = [
      chainEntry(genesis, entry),
      chainEntry(portableHash(""), entry),
      chainEntry(genesis, { ...entry, at: entry.at + 1 }),
      chainEntry(genesis, { ...entry, keyId: keyIdOf(2) }),
      chainEntry(genesis, { ...entry, seq: 2 }),
      chainEntry(genesis, { ...entry, principal: "someone" }),
      chainEntry(genesis, { ...entry, requestId: "another" }),
      chainEntry(genesis, born({ n: 2 }).change.entry),
      chainLines(genesis, []),
      chainLines(genesis, ["a", "b"]),
      chainLines(genesis, ["b", "a"]),
      chainLines(genesis, ["ab"]),
      chainLines(genesis, ["a,b"]),
      chainLines(genesis, ['a","b'])
    ]
    expect(new Set(variants).size).toBe(variants.length)
  })
})
