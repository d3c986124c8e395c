/** External test vectors: those that we follow exactly, and our decisions in `exceptions.json`. */
import { expect } from "vitest"
import { Schema } from "effect"
import { decodedFile, fromHex } from "./material.ts"

const Scalar = Schema.Union([Schema.String, Schema.Number])

const Exceptions = Schema.Record(
  Schema.String,
  Schema.Array(
    Schema.Struct({
      /** A test with one of these flags, in a group with these fields. */
      flags: Schema.optionalKey(Schema.Array(Schema.String)),
      where: Schema.optionalKey(Schema.Record(Schema.String, Schema.Array(Scalar))),
      /** The result in the file. */
      ours: Schema.optionalKey(Schema.Literals(["valid", "invalid"])),
      reason: Schema.NonEmptyString
    })
  )
)

const exceptions = decodedFile("../vectors/exceptions.json", Exceptions)

const text = Schema.optionalKey(Schema.String)

const VectorTest = Schema.Struct({
  tcId: Schema.Int,
  flags: Schema.optionalKey(Schema.Array(Schema.String)),
  result: Schema.Literals(["valid", "invalid", "acceptable"]),
  msg: text,
  ct: text,
  sig: text,
  label: text,
  key: text,
  iv: text,
  aad: text,
  tag: text,
  public: text,
  private: text,
  shared: text,
  curve: text,
  hash: text,
  privateKey: text,
  publicKey: text,
  id: text,
  za: text,
  k: text,
  r: text,
  s: text,
  c1: text,
  c2: text,
  c3: text,
  der: text,
  digest: text,
  sig_p1363: text
})
type VectorTest = typeof VectorTest.Type

const Group = Schema.Struct({
  sha: text,
  mgfSha: text,
  publicKeyDer: text,
  privateKeyPkcs8: text,
  sLen: Schema.optionalKey(Schema.Int),
  keySize: Schema.optionalKey(Schema.Int),
  ivSize: Schema.optionalKey(Schema.Int)
})
type Group = typeof Group.Type

const Wycheproof = Schema.Struct({
  numberOfTests: Schema.Int,
  testGroups: Schema.Array(Schema.Struct({ ...Group.fields, tests: Schema.Array(VectorTest) }))
})

const Set = Schema.Struct({ numberOfTests: Schema.Int, tests: Schema.Array(VectorTest) })

export interface Vector {
  readonly group: Group
  readonly test: VectorTest
  /** The required result here. */
  readonly isValid: boolean
  readonly isException: boolean
}

/** The bytes of a field that every test of the file has. */
export const field = (hex: string | undefined): Uint8Array => {
  if (hex === undefined) throw new Error("the file has this field in every test")
  return fromHex(hex)
}

const decided = (file: string, group: Group, test: VectorTest): Vector => {
  const fields = new Map<string, unknown>(Object.entries({ ...group, ...test }))
  const exception = (exceptions[file] ?? []).find(({ flags, where }) => {
    const isFlagged = flags === undefined || (test.flags ?? []).some((flag) => flags.includes(flag))
    return (
      isFlagged && Object.entries(where ?? {}).every(([name, values]) => values.some((v) => v === fields.get(name)))
    )
  })
  const ours = exception === undefined ? test.result : (exception.ours ?? "invalid")
  return { group, test, isValid: ours === "valid", isException: exception !== undefined }
}

/** Every "acceptable" case needs a decision, and every decision a case. */
const requireDecided = (file: string, vectors: ReadonlyArray<Vector>, count: number): ReadonlyArray<Vector> => {
  expect(vectors.length).toBe(count)
  for (const { test, isValid, isException } of vectors) {
    const differs = test.result === "acceptable" || (test.result === "valid") !== isValid
    expect(isException, `${file} ${test.tcId} is an exception exactly if it differs`).toBe(differs)
  }
  return vectors
}

/** Every test of a Wycheproof file, with its group. */
export const wycheproof = (file: string): ReadonlyArray<Vector> => {
  const { numberOfTests, testGroups } = decodedFile(`../vectors/wycheproof/${file}`, Wycheproof)
  const vectors = testGroups.flatMap((group) => group.tests.map((test) => decided(file, group, test)))
  return requireDecided(file, vectors, numberOfTests)
}

/** Every test of an SM set or of the known ECDSA signatures. */
export const vectorSet = (file: string): ReadonlyArray<Vector> => {
  const { numberOfTests, tests } = decodedFile(`../vectors/sm-and-kat/${file}`, Set)
  return requireDecided(
    file,
    tests.map((test) => decided(file, {}, test)),
    numberOfTests
  )
}
