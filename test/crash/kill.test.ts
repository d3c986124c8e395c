/** After a kill at every durable write and at random moments, the service has every answered change. */
import { describe, expect, it } from "vitest"
import { patience } from "../patience.ts"
import { isWhole, partOf } from "../sample.ts"
import { boundaries, inScratch, killedAfter, killedAt, visits } from "./killing.ts"

describe("a service killed at a boundary", () => {
  const cases = boundaries.flatMap((name, place) => partOf(visits, 3, place).map((visit) => [name, visit] as const))
  it.each(cases)("a service killed at %s, at visit %i, has every answered change", (name, visit) =>
    inScratch(async (directory) => {
      expect(await killedAt(directory, name, visit)).toEqual([])
    })
  )
})

describe("a service killed at a random moment", () => {
  const kills = Number(process.env["KEYSTATE_TEST_KILLS"] ?? (isWhole ? 100 : 6))
  it(
    "a service killed at random moments has every answered change, several times on one data directory",
    () =>
      inScratch(async (directory) => {
        for (let kill = 0; kill < kills; kill++) {
          expect(await killedAfter(directory, 5 + Math.floor(Math.random() * 200))).toEqual([])
        }
      }),
    2 * patience + kills * 60_000
  )
})
