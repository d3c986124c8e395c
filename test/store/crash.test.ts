/** A store that is killed at any moment keeps every acknowledged write, and shows no partial write. */
import { spawn } from "node:child_process"
import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { verifyStore } from "../../src/verification/verify.ts"
import { storeFailpoints } from "../../src/store/failpoints.ts"
import { Store, StoreUnusable } from "../../src/store/store.ts"
import type { Promised } from "../crash/committer.ts"
import { keyIdOf, sealedOf } from "../../src/conformance/store/changes.ts"
import { programOf } from "../programs.ts"
import { newDirectory, sqliteIn } from "./places.ts"

const committer = await programOf("committer")

interface Killing {
  readonly directory: string
  /** The failpoint at which the process kills itself, and the number of the visit. */
  readonly at?: { readonly name: string; readonly nth: number }
  /** The number of acknowledgements before the kill from outside. */
  readonly afterPromises?: number
  /** Code to run while the process lives, after its first acknowledgement. */
  readonly meanwhile?: () => Promise<void>
}

interface Killed {
  readonly signal: string | null
  readonly promises: ReadonlyArray<Promised>
  readonly complaints: string
}

/** Starts a committer and waits until it has ended. */
const killOne = ({ directory, at, afterPromises, meanwhile }: Killing): Promise<Killed> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [committer, directory, at?.name ?? "none", String(at?.nth ?? 1)])
    let said = ""
    let complaints = ""
    let visit: Promise<void> | undefined
    child.stderr.on("data", (chunk: Buffer) => {
      complaints += chunk.toString()
    })
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString()
      visit ??= meanwhile?.()
      if (afterPromises !== undefined && said.split("\n").length > afterPromises) {
        Promise.resolve(visit).then(() => child.kill("SIGKILL"), reject)
      }
    })
    child.on("error", reject)
    child.on("close", (_code, signal) => {
      // The kill may have truncated the last line; that write was not acknowledged.
      const lines = said.split("\n").slice(0, -1)
      resolve({ signal, complaints, promises: lines.map((line): Promised => JSON.parse(line)) })
    })
  })

const checkCounts = Effect.fnUntraced(function* (promises: ReadonlyArray<Promised>) {
  const store = yield* Store
  const promised = { audit: 0, nonces: 0, meta: 0, ram: 0 }
  for (const one of promises) if ("count" in one) promised[one.of] = one.count
  const segments = yield* store.auditSegments({ afterSeq: 0, limit: 1_000_000 })
  const lines = segments.flatMap((segment) => segment.lines).filter((line) => line.startsWith("line "))
  const nonces = (yield* store.nonces(0)).flatMap((batch) => batch.lines)
  const [counter] = yield* store.ramRecords
  const kept = {
    audit: lines.length,
    nonces: nonces.length,
    meta: Number((yield* store.meta("count")) ?? 0),
    ram: Number(counter?.record ?? 0)
  }
  expect(lines).toEqual(lines.map((_, i) => `line ${i + 1}`))
  expect(nonces).toEqual(nonces.map((_, i) => `nonce ${i + 1}`))
  for (const of of ["audit", "nonces", "meta", "ram"] as const) {
    // One write was in progress: it is present completely or not at all.
    expect([of, promised[of], promised[of] + 1].slice(1)).toContain(kept[of])
  }
})

const checkKeys = Effect.fnUntraced(function* (promises: ReadonlyArray<Promised>) {
  const store = yield* Store
  const heads = new Map<string, ReadonlyArray<string>>()
  for (const one of promises) if (one.of === "change") heads.set(one.keyId, [...(heads.get(one.keyId) ?? []), one.head])
  for (const keyId of yield* store.allKeyIds({ after: undefined, limit: 1_000_000 })) {
    const promised = heads.get(keyId) ?? []
    const kept = (yield* store.journal({ keyId, afterSeq: 0, limit: 100 })).map(({ hash }) => hash)
    expect(kept.slice(0, promised.length)).toEqual(promised)
    expect(kept.length - promised.length).toBeLessThanOrEqual(1)
    heads.delete(keyId)
  }
  expect([...heads.keys()]).toEqual([])
})

/** A counted failure stays counted as long as its session exists. */
const checkFailures = Effect.fnUntraced(function* (promises: ReadonlyArray<Promised>) {
  const store = yield* Store
  for (const one of promises) {
    const session = one.of === "failure" ? yield* store.importSession(`session ${one.n}`) : undefined
    if (session !== undefined) expect(session.failures).toBe(1)
  }
})

const checkErasure = Effect.fnUntraced(function* (promises: ReadonlyArray<Promised>) {
  const store = yield* Store
  const owed = new Set((yield* store.owed).map(({ keyId }) => keyId))
  for (const one of promises) if (one.of === "settled") expect(owed.has(keyIdOf(one.n))).toBe(false)
})

/** Material with an acknowledged scrub is in no file, in any state of the log at the kill. */
const checkFiles = (directory: string, promises: ReadonlyArray<Promised>): void => {
  const bytes = readdirSync(directory).map((name) => readFileSync(join(directory, name)))
  for (const one of promises) {
    if (one.of !== "scrubbed") continue
    const scrap = sealedOf(one.n * 1000).subarray(32, 48)
    expect(bytes.some((file) => file.includes(scrap))).toBe(false)
  }
}

const check = Effect.fnUntraced(function* (directory: string, { signal, promises, complaints }: Killed) {
  expect([signal, complaints]).toEqual(["SIGKILL", ""])
  expect(promises.length).toBeGreaterThan(0)
  checkFiles(directory, promises)
  yield* Effect.gen(function* () {
    expect((yield* verifyStore()).findings).toEqual([])
    yield* checkCounts(promises)
    yield* checkKeys(promises)
    yield* checkErasure(promises)
    yield* checkFailures(promises)
  }).pipe(Effect.provide(Layer.fresh(sqliteIn(directory))))
})

describe("a store whose process is killed", () => {
  for (const [i, name] of storeFailpoints.entries()) {
    it.effect(`a store killed at ${name} has every acknowledged write and no partial one`, () =>
      Effect.gen(function* () {
        const directory = newDirectory()
        // A later visit, with earlier writes to lose, and another number at each failpoint.
        const killed = yield* Effect.promise(() => killOne({ directory, at: { name, nth: 5 + 3 * i } }))
        yield* check(directory, killed)
      })
    )
  }

  for (const afterPromises of [1, 40, 150, 400, 900]) {
    it.effect(`a store killed after ${afterPromises} acknowledgements has all acknowledged writes`, () =>
      Effect.gen(function* () {
        const directory = newDirectory()
        yield* check(directory, yield* Effect.promise(() => killOne({ directory, afterPromises })))
      })
    )
  }

  it.effect("a store is locked while its process lives, and needs no cleanup after a kill", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      const refusals: Array<unknown> = []
      const meanwhile = () =>
        Effect.runPromise(Effect.flip(Effect.provide(Store, Layer.fresh(sqliteIn(directory))))).then((refusal) => {
          refusals.push(refusal)
        })
      const killed = yield* Effect.promise(() => killOne({ directory, afterPromises: 10, meanwhile }))
      expect(refusals).toEqual([expect.any(StoreUnusable)])
      yield* check(directory, killed)
    })
  )
})
