/** The trusted time after each reading: the pure part of a real clock. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { clockStepMillisMax, clockToleranceMillis } from "../../src/domain/limits.ts"
import { adopt, confirm, look, reject, resume, trustedAt } from "../../src/timers/trust.ts"
import type { Trust } from "../../src/timers/trust.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day
const start = Date.UTC(2026, 0, 1)

/** A clock that is off by each of `offsets` in turn, read once a minute. */
const through = (trust: Trust, offsets: ReadonlyArray<number>): { trust: Trust; elapsed: number } =>
  offsets.reduce(
    (before, offset) => {
      const elapsed = before.elapsed + minute
      return { elapsed, trust: look(before.trust, { wall: start + elapsed + offset, elapsed }) }
    },
    { trust, elapsed: trust.elapsed }
  )

const fresh = adopt({ wall: start, elapsed: 0 })
const jump = fc.oneof(
  fc.integer({ min: -20 * minute, max: 20 * minute }),
  fc.integer({ min: -2 * day, max: 2 * day }),
  fc.integer({ min: -40 * year, max: 40 * year })
)

describe("the trusted time", () => {
  it("the trusted time follows a clock that drifts by 500 parts in a million for ten years", () => {
    let trust = fresh
    for (let elapsed = hour; elapsed < 10 * year; elapsed += hour) {
      trust = look(trust, { wall: start + elapsed * 1.0005, elapsed })
      if (trust.mode !== "Followed") break
    }
    expect(trust.mode).toBe("Followed")
  })

  it.each([3 * minute, 14 * minute, -14 * minute])("the trusted time follows a step of %i ms", (offset) => {
    const { trust } = through(fresh, [offset, offset])
    expect(trust.mode).toBe("Followed")
  })

  it("the trusted time adds up small steps, and doubts their sum", () => {
    expect(through(fresh, [14 * minute]).trust.mode).toBe("Followed")
    const { trust } = through(fresh, [14 * minute, 28 * minute])
    expect(trust.doubt).toMatchObject({ direction: "Forward" })
  })

  it.each([20 * minute, hour, 2 * day, year, 30 * year, -20 * minute, -2 * day, -30 * year])(
    "the trusted time uses elapsed time while the clock is off by %i ms, and recovers",
    (offset) => {
      const away = through(fresh, [0, offset, offset])
      expect(away.trust.mode).toBe("Doubted")
      expect(away.trust.doubt?.direction).toBe(offset > 0 ? "Forward" : "Backward")
      expect(trustedAt(away.trust, away.elapsed)).toBe(start + away.elapsed)
      const back = through(away.trust, [0])
      expect(trustedAt(back.trust, back.elapsed)).toBe(start + back.elapsed)
      // A jump of more than a day waits for a command although the clock is right again.
      expect(back.trust.mode).toBe(Math.abs(offset) > clockStepMillisMax ? "Doubted" : "Followed")
    }
  )

  it("the trusted time follows a forward jump of less than a day after an hour", () => {
    const at = (minutes: number) =>
      through(
        fresh,
        Array.from({ length: minutes }, () => 8 * hour)
      ).trust.mode
    expect(at(60)).toBe("Doubted")
    expect(at(61)).toBe("Followed")
    const back = through(
      fresh,
      Array.from({ length: 500 }, () => -8 * hour)
    ).trust
    expect(back.mode).toBe("Doubted")
    const far = through(
      fresh,
      Array.from({ length: 500 }, () => 25 * hour)
    ).trust
    expect(far.mode).toBe("Doubted")
  })

  it("the trusted time stays within the tolerance of elapsed time for any clock, until a confirmation", () => {
    fc.assert(
      fc.property(fc.array(jump, { minLength: 1, maxLength: 50 }), (offsets) => {
        let trust = fresh
        let elapsed = 0
        for (const offset of offsets) {
          elapsed += minute
          trust = look(trust, { wall: start + elapsed + offset, elapsed })
          const drifted = elapsed * 0.001
          expect(Math.abs(trustedAt(trust, elapsed) - (start + elapsed))).toBeLessThanOrEqual(
            clockToleranceMillis + drifted
          )
          const seen = { wall: start + elapsed + offset, elapsed }
          const rejected = reject(trust, seen)
          // A rejection never moves time further ahead than elapsed time.
          expect(trustedAt(rejected, elapsed)).toBeLessThanOrEqual(start + elapsed + clockToleranceMillis + drifted)
          expect(rejected.doubt).toBeUndefined()
          expect(trustedAt(confirm(trust, seen), elapsed)).toBe(seen.wall)
        }
      }),
      { seed: 11 }
    )
  })

  it("the trusted time ignores a rejected clock until the clock agrees with elapsed time", () => {
    const away = through(fresh, [year])
    const rejected = reject(away.trust, { wall: start + away.elapsed + year, elapsed: away.elapsed })
    const later = through(rejected, [year, 2 * year, -year, 30 * year])
    expect(later.trust.mode).toBe("Rejected")
    expect(trustedAt(later.trust, later.elapsed)).toBe(start + later.elapsed)
    expect(through(later.trust, [0]).trust.mode).toBe("Followed")
  })
})

describe("a restart", () => {
  const saved = { mode: "Followed", at: start, base: start, lead: 0, uptime: hour, boot: "a" } as const
  const sameBoot = (down: number, wall: number) =>
    resume(saved, { wall, elapsed: 0, uptime: hour + down, boot: "a", recorded: start })
  const otherBoot = (wall: number, more: Partial<typeof saved> = {}) =>
    resume({ ...saved, ...more }, { wall, elapsed: 0, uptime: minute, boot: "b", recorded: start })

  it("a restart of the service alone trusts any time that the machine counted", () => {
    expect(sameBoot(20 * day, start + 20 * day).mode).toBe("Followed")
    expect(sameBoot(minute, start + 20 * day).doubt).toMatchObject({ direction: "Forward", from: start + minute })
    expect(sameBoot(20 * day, start).doubt).toMatchObject({ direction: "Backward", from: start + 20 * day })
  })

  it("a restart of the machine trusts up to a day, and no step back", () => {
    expect(otherBoot(start + day).mode).toBe("Followed")
    expect(otherBoot(start + day + 1).doubt).toMatchObject({ direction: "Forward", from: start })
    expect(otherBoot(start - minute).mode).toBe("Followed")
    expect(otherBoot(start - hour).doubt).toMatchObject({ direction: "Backward", from: start })
  })

  it("a restart doubts a clock that is behind the newest data", () => {
    const recorded = start + 30 * year
    const back = resume(saved, { wall: start, elapsed: 0, uptime: hour, boot: "a", recorded })
    expect(back.doubt).toMatchObject({ direction: "Backward", from: recorded, to: start })
    const seen = { wall: start, elapsed: 0 }
    expect(trustedAt(reject(back, seen), 0)).toBe(start)
    expect(trustedAt(confirm(back, seen), 0)).toBe(start)
  })

  it("a restart keeps a doubt, and doubts a rejected clock again after the machine was off", () => {
    const away = through(fresh, [year]).trust
    const kept = { ...saved, mode: "Doubted", ...(away.doubt === undefined ? {} : { doubt: away.doubt }) } as const
    for (const boot of ["a", "b"]) {
      const next = resume(kept, { wall: start + minute, elapsed: 0, uptime: hour + minute, boot, recorded: start })
      expect(next.mode).toBe("Doubted")
      expect(trustedAt(next, 0)).toBe(start + minute)
    }
    const rejected = { ...saved, mode: "Rejected" } as const
    const again = (boot: string) =>
      resume(rejected, { wall: start + 5 * hour, elapsed: 0, uptime: hour, boot, recorded: start }).mode
    expect([again("a"), again("b")]).toEqual(["Rejected", "Doubted"])
  })
})
