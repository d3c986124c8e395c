/** Simultaneous first starts on an empty database agree, and plant a seed once. A longer run: npm run first-starts. */
import { Effect, Layer } from "effect"
import { describe, expect, it } from "vitest"
import { optionsOf } from "../../../src/index.ts"
import { engineLayer } from "../../../src/main.ts"
import { migratePostgres, postgres } from "../../../src/postgres.ts"
import type { Seed } from "../../../src/seed/format.ts"
import { verifyStore } from "../../../src/verification/verify.ts"
import { exampleText, seedOf } from "../../seed/seeds.ts"
import { disagreements, firstStartsAtOnce } from "./firstStarts.ts"
import { patientMillis, postgresForTests } from "./server.ts"
import { runOn } from "./statements.ts"

const server = postgresForTests()
const rootKey = { kind: "bytes", bytes: new Uint8Array(32).fill(7) } as const
const rounds = 10

describe("three simultaneous first starts", () => {
  it("three simultaneous first starts agree on the root's access key, salt, token tag and clock", async () => {
    for (let round = 0; round < rounds; round++) {
      const starts = await firstStartsAtOnce(await server.newDatabase(), 3)
      expect(disagreements(starts)).toEqual([])
      expect(starts[0]).toMatchObject({ clockKind: "real", salt: expect.stringMatching(/./) })
    }
  })
})

const seeded = (url: string, fixtures: Seed) =>
  Layer.build(
    Layer.fresh(
      engineLayer(optionsOf(postgres(url, { tls: "off", timeoutMillis: patientMillis }), { rootKey, fixtures }))
    )
  )

describe("a seed of two simultaneous starts", () => {
  it("a seed that two starts use is planted once, with one history for each key", async () => {
    const seed = seedOf(exampleText("seed.json"))
    const url = await server.newDatabase()
    await Effect.gen(function* () {
      const [one] = yield* Effect.all([seeded(url, seed), seeded(url, seed)], { concurrency: "unbounded" })
      const report = yield* Effect.provide(verifyStore(), one)
      expect(report).toMatchObject({ keys: seed.keys?.length, findings: [] })
      const { events } = report
      const alone = yield* Effect.promise(() => server.newDatabase())
      const single = yield* Effect.provide(verifyStore(), yield* seeded(alone, seed))
      expect(events).toBe(single.events)
    }).pipe(Effect.scoped, Effect.runPromise)
  })
  it("the next start plants a seed whose first start has ended", async () => {
    const seed = seedOf(exampleText("seed.json"))
    const url = await server.newDatabase()
    await Effect.runPromise(migratePostgres({ url, tls: "off", timeoutMillis: patientMillis }))
    await runOn(url, ["INSERT INTO keystate.meta (name, value) VALUES ('seed.turn', 'another 1000')"])
    const keys = await Effect.runPromise(
      Effect.scoped(
        Effect.flatMap(seeded(url, seed), (engine) =>
          Effect.map(Effect.provide(verifyStore(), engine), (found) => found.keys)
        )
      )
    )
    expect(keys).toBe(seed.keys?.length)
  })
})
