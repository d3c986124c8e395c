/** The metrics of a server of several processes: one value for each name and labels. */
import { expect, it } from "vitest"
import { acrossWorkers } from "../../src/monitoring/described.ts"
import { lasting, merged } from "../../src/monitoring/merge.ts"
import { family, histogram, single } from "../../src/monitoring/series.ts"

const requests = "keystate_requests_total"

it("merged metrics add counters with the same labels in any order", () => {
  const one = family(requests, [[{ operation: "Encrypt", code: "Success" }, 3]])
  const two = family(requests, [
    [{ code: "Success", operation: "Encrypt" }, 4],
    [{ code: "Rejected.Disabled", operation: "Encrypt" }, 1]
  ])
  expect(merged([one, two]).map((sample) => Reflect.get(sample, "value"))).toEqual([7, 1])
})

it.each([
  ["own", "keystate_deadlines_overdue", 2],
  ["sum", "keystate_keys_awake", 6],
  ["highest", "nodejs_eventloop_utilization", 3],
  ["lowest", "keystate_store_writable", 1]
] as const)("merged metrics combine gauges with the rule %s", (rule, name, expected) => {
  expect(acrossWorkers(name)).toBe(rule)
  expect(merged([2, 3, 1].map((value) => single(name, value)))).toEqual(single(name, expected))
})

it("merged metrics add histograms bucket by bucket", () => {
  const of = (counts: ReadonlyArray<number>, sum: number, total: number) =>
    histogram("keystate_proof_seconds", { bounds: [1, 2], counts, sum, total }, {})
  expect(merged([of([1, 2], 3.5, 4), of([0, 5], 9, 5)])).toEqual(of([1, 7], 12.5, 9))
})

it("metrics keep the counts of an ended process, and none of its gauges", () => {
  const kept = single("keystate_adoptions_total", 5)
  expect(lasting([...kept, ...single("keystate_keys_awake", 1)])).toEqual(kept)
})
