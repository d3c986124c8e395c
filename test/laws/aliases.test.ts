/** An alias moves at one instant: no call after the acknowledged move uses the old key. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"

const KeyId = "alias/moving"
const Plaintext = "aGVsbG8gd29ybGQ="
/** The number of keys that an Encrypt could confuse; the alias moves through them. */
const keyCount = 5
const readers = 2

interface Seen {
  readonly keyId: string
  /** Moves acknowledged before the call, and moves requested before its answer: the call may see any of these. */
  readonly acknowledged: number
  readonly asked: number
}

/** Moves the alias while readers encrypt under it, and returns what each reader saw. */
const moveAndRead = async (kms: PromiseKms, rounds: number) => {
  const keyIds: Array<string> = []
  for (let made = 0; made < keyCount; made++) keyIds.push((await kms.createKey()).KeyMetadata.KeyId)
  const at = (move: number): string => keyIds[move % keyCount] ?? ""
  await kms.createAlias({ AliasName: KeyId, KeyId: at(0) })
  let asked = 0
  let acknowledged = 0
  const seen: Array<Seen> = []
  const read = async (): Promise<void> => {
    const before = acknowledged
    const sealed = await kms.encrypt({ KeyId, Plaintext })
    seen.push({ keyId: sealed.KeyId, acknowledged: before, asked })
  }
  const isDone = (): boolean => acknowledged >= rounds
  const readOn = async (): Promise<void> => {
    // Calls that are answered from memory must give the move a turn of the event loop.
    for (; !isDone(); await setImmediate()) await read()
  }
  const reading = Promise.all(Array.from({ length: readers }, readOn))
  while (!isDone()) {
    asked++
    const early = read()
    const moved = kms.updateAlias({ AliasName: KeyId, KeyId: at(asked) })
    const late = read()
    await moved
    acknowledged = asked
    await Promise.all([read(), early, late])
  }
  await reading
  return { at, seen }
}

const couldSee = (at: (move: number) => string, { acknowledged, asked }: Seen): ReadonlyArray<string> =>
  Array.from({ length: asked - acknowledged + 1 }, (_, more) => at(acknowledged + more))

describe("aliases that move during a use", () => {
  it.each([
    ["memory", 1000],
    ["sqlite", 100]
  ] as const)("the %s store never shows an outdated key during %i moves of an alias", async (store, rounds) => {
    const directory = mkdtempSync(join(tmpdir(), "keystate-alias-"))
    try {
      await using kms = await createKms({ store: store === "memory" ? "memory" : { directory } })
      const { at, seen } = await moveAndRead(kms, rounds)
      expect(seen.length).toBeGreaterThanOrEqual(3 * rounds)
      expect(seen.filter((one) => !couldSee(at, one).includes(one.keyId))).toEqual([])
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
