/** UUIDs of the running service: random, version 4, all different. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { randomnessNative } from "../../src/crypto/native/randomness.ts"
import { Randomness } from "../../src/platform/services.ts"

it("a UUID has the form of version 4, all its other bits vary, and no two are equal", async () => {
  const { uuid } = await Effect.runPromise(Effect.provide(Randomness, randomnessNative))
  // More than one pool of random bytes.
  const drawn = Array.from({ length: 10_000 }, uuid)
  for (const text of drawn)
    expect(text).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(drawn).size).toBe(drawn.length)
  const digitsAt = Array.from({ length: 36 }, (_, at) => new Set(drawn.map((text) => text[at])).size)
  expect(digitsAt).toEqual(
    Array.from({ length: 36 }, (_, at) => ({ 8: 1, 13: 1, 14: 1, 18: 1, 19: 4, 23: 1 })[at] ?? 16)
  )
})
