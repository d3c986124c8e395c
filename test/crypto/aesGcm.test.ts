/** AES-GCM of both libraries against Wycheproof. */
import { describe, expect, it } from "vitest"
import { Schema } from "effect"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import { portablePrimitives } from "../../src/crypto/portable/portablePrimitives.ts"
import { decodedFile, fromHex, toHex } from "./material.ts"

const file = "aes_gcm_test.json"

const Vectors = Schema.Struct({
  numberOfTests: Schema.Int,
  testGroups: Schema.Array(
    Schema.Struct({
      ivSize: Schema.Int,
      keySize: Schema.Int,
      tagSize: Schema.Int,
      tests: Schema.Array(
        Schema.Struct({
          tcId: Schema.Int,
          flags: Schema.Array(Schema.String),
          key: Schema.String,
          iv: Schema.String,
          aad: Schema.String,
          msg: Schema.String,
          ct: Schema.String,
          tag: Schema.String,
          result: Schema.Literals(["valid", "invalid"])
        })
      )
    })
  )
})

const Exceptions = Schema.Record(
  Schema.String,
  Schema.Array(
    Schema.Struct({
      flags: Schema.Array(Schema.String),
      ivBits: Schema.optionalKey(Schema.Array(Schema.Int)),
      reason: Schema.NonEmptyString
    })
  )
)

const vectors = decodedFile(`../vectors/wycheproof/${file}`, Vectors)
const exceptions = decodedFile("../vectors/exceptions.json", Exceptions)[file] ?? []
const tests = vectors.testGroups.flatMap((group) => group.tests.map((test) => ({ ...test, ivSize: group.ivSize })))
type Test = (typeof tests)[number]

const isException = ({ flags, ivSize }: Test): boolean =>
  exceptions.some(
    (exception) => flags.some((flag) => exception.flags.includes(flag)) && (exception.ivBits?.includes(ivSize) ?? true)
  )
const followed = tests.filter((test) => !isException(test))

describe.each([nativePrimitives, portablePrimitives])("AES-GCM, $name", ({ aesGcm }) => {
  const open = (test: Test) =>
    aesGcm.open({
      key: fromHex(test.key),
      iv: fromHex(test.iv),
      aad: fromHex(test.aad),
      sealed: fromHex(test.ct + test.tag)
    })
  const seal = (test: Test) => {
    const into = new Uint8Array((test.ct.length + test.tag.length) / 2)
    aesGcm.seal({
      key: fromHex(test.key),
      iv: fromHex(test.iv),
      aad: fromHex(test.aad),
      plaintext: fromHex(test.msg),
      into
    })
    return into
  }

  it("every valid vector opens and is sealed byte for byte, and no invalid one opens", () => {
    expect(tests.length).toBe(vectors.numberOfTests)
    expect(followed.length).toBeGreaterThan(90)
    for (const test of followed) {
      const opened = open(test)
      const isValid = test.result === "valid"
      expect(opened && toHex(opened), `test ${test.tcId}`).toBe(isValid ? test.msg : undefined)
      if (isValid) expect(toHex(seal(test)), `test ${test.tcId}`).toBe(test.ct + test.tag)
    }
  })

  it("every exception is one: what is listed is refused before anything is computed", () => {
    const listed = tests.filter(isException)
    expect(listed.length + followed.length).toBe(tests.length)
    for (const test of listed) {
      expect(() => open(test), `test ${test.tcId}`).toThrow("an IV has 12 bytes")
      expect(() => seal(test), `test ${test.tcId}`).toThrow("an IV has 12 bytes")
    }
  })

  it("a tag is 16 bytes: no prefix of a valid one opens", () => {
    const empty = followed.filter(({ result, ct }) => result === "valid" && ct === "")
    expect(empty.length).toBeGreaterThan(0)
    for (const test of empty) {
      for (let digits = 0; digits < 32; digits += 2) {
        expect(open({ ...test, tag: test.tag.slice(0, digits) })).toBeUndefined()
      }
    }
  })
})
