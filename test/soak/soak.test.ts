/** A short soak, and tests of the judge of resident sizes. */
import { describe, expect, it } from "vitest"
import { startService } from "../malformed/service.ts"
import { soak } from "./load.ts"
import { judgeResident } from "./resident.ts"

const megabyte = 2 ** 20
const samples = (count: number, sizeAt: (at: number) => number) =>
  Array.from({ length: count }, (_, at) => sizeAt(at) * megabyte)

describe("a soak", () => {
  it("a soak gets the expected answer to each call of a key's life", async () => {
    const service = await startService(["--clock", "virtual"])
    try {
      const tally = { requests: 0, faults: [] }
      // Four lanes, each with one life: three symmetric keys and one asymmetric key.
      const one = { url: `http://127.0.0.1:${service.plainPort}`, lanes: 4, rate: 10_000 }
      await soak({ ...one, isOver: () => tally.requests > 0 }, tally)
      expect(tally.faults).toEqual([])
      expect(tally.requests).toBeGreaterThan(200)
    } finally {
      await service.stop()
      service.removeStore()
    }
  })
})

describe("the resident size of a soak", () => {
  it("the resident size is flat if garbage alone changes it", () => {
    expect(judgeResident(samples(60, (at) => 200 + (at % 7)))).toMatchObject({ isFlat: true })
  })
  it("the resident size is not flat if it grows by a tenth", () => {
    expect(judgeResident(samples(60, (at) => 200 + at / 2)).isFlat).toBe(false)
  })
  it("the resident size is not flat if one span is smaller", () => {
    expect(judgeResident(samples(60, (at) => (at < 10 ? 180 : 200))).isFlat).toBe(false)
  })
  it("too few samples do not show that the resident size is flat", () => {
    expect(judgeResident(samples(19, () => 200)).isFlat).toBe(false)
    expect(judgeResident([]).isFlat).toBe(false)
  })
})
