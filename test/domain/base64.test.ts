/** Base64 of the JavaScript engine and of our own code, which older Nodes use, agree. */
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { decodeBase64, encodeBase64, encodeBase64Url } from "../../src/encoding/base64.ts"

/** The coder of the engine, which Node 24 and older do not have. */
const places = [
  [Uint8Array, "fromBase64"],
  [Uint8Array.prototype, "toBase64"]
] as const

const without = (): (() => void) => {
  const kept = places.map(([owner, name]) => [owner, name, Object.getOwnPropertyDescriptor(owner, name)] as const)
  for (const [owner, name] of places) Reflect.deleteProperty(owner, name)
  return () => {
    for (const [owner, name, descriptor] of kept) {
      if (descriptor !== undefined) Object.defineProperty(owner, name, descriptor)
    }
  }
}

const refused = [
  "A",
  "AA",
  "AAA",
  "AAB=",
  "AB==",
  "AA==\n",
  " AAA",
  "AA=A",
  "====",
  "AA-_",
  "AAAA=",
  "é===",
  "AAAA AA="
]

describe.each([
  ["with the engine's coder", false],
  ["without the engine's coder", true]
])("Base64 %s", (_, isHidden) => {
  let restore = (): void => {}
  beforeEach(() => {
    if (isHidden) restore = without()
  })
  afterEach(() => {
    restore()
    restore = () => {}
  })

  it("Base64 encodes like Node's Buffer and decodes its own text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = encodeBase64(bytes)
        expect(text).toBe(Buffer.from(bytes).toString("base64"))
        expect(decodeBase64(text)).toEqual(bytes)
        expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"))
      })
    )
  })

  it("Base64 decodes six kilobytes", () => {
    const bytes = Uint8Array.from({ length: 6144 }, (_each, at) => at % 256)
    expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes)
  })

  it.each(refused)("Base64 refuses %j", (text) => {
    expect(decodeBase64(text)).toBeUndefined()
  })
})
