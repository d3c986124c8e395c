/** Records that are sent to another thread in columns arrive unchanged, together with their bytes. */
import { deepStrictEqual } from "node:assert"
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { packRecords, unpackRecords } from "../../src/crypto/hsm/thread/packedRecords.ts"
import type { PackedRecords } from "../../src/crypto/hsm/thread/packedRecords.ts"

/** Through a port and back, like between threads. */
const posted = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => {
  const { port1, port2 } = new MessageChannel()
  const message = packRecords(values)
  port1.postMessage(message, [message.memory])
  expect(message.memory.byteLength).toBe(0)
  const received: { readonly message: PackedRecords<A> } | undefined = receiveMessageOnPort(port2)
  port1.close()
  if (received === undefined) throw new Error("a message that was posted is there")
  return unpackRecords(received.message)
}

const bytes = fc.uint8Array({ maxLength: 40 }).map((drawn) => new Uint8Array(drawn))
const leaf = fc.oneof(bytes, fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
const name = fc.string({ minLength: 1 }).filter((text) => text !== "__proto__")
const record = fc.dictionary(name, fc.oneof(leaf, fc.dictionary(name, leaf, { noNullPrototype: true })), {
  noNullPrototype: true
})
const alike = fc.tuple(fc.uniqueArray(name, { maxLength: 4 }), fc.nat({ max: 20 })).chain(([names, count]) =>
  fc.array(fc.record(Object.fromEntries(names.map((each) => [each, leaf])), { noNullPrototype: true }), {
    minLength: count,
    maxLength: count
  })
)

describe("packed records", () => {
  it("packed records arrive unchanged in another thread, with bytes in any member or none", () => {
    fc.assert(
      fc.property(fc.oneof(alike, fc.array(record), fc.array(fc.oneof(record, leaf, fc.array(leaf)))), (values) => {
        // Vitest's toStrictEqual takes a member named "constructor" for the type of its record.
        deepStrictEqual(posted(values), values)
      })
    )
  })

  it("packed records keep members that have the names of Object.prototype", () => {
    const values: ReadonlyArray<unknown> = [
      { constructor: {} },
      { constructor: { toString: "a" } },
      { hasOwnProperty: 1, valueOf: null }
    ]
    deepStrictEqual(posted(values), values)
  })

  it("packed records may be many calls of one kind and one of another", () => {
    const call = (n: number) => ({
      call: "unseal",
      asks: { name: { id: Uint8Array.of(n), label: "a" }, sealed: new Uint8Array(n) }
    })
    const calls = [call(1), call(2), { call: "ping", asks: {} }, call(3)]
    expect(posted(calls)).toStrictEqual(calls)
    expect(posted([call(0), call(5), call(9)])).toStrictEqual([call(0), call(5), call(9)])
  })
})
