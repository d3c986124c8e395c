/** The counts of audit records by operation, outcome, principal and key, and which operations count as reads. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeFacetCounter } from "../../src/audit/facets.ts"
import { apis, recordedName } from "../../src/operation/apis.ts"
import { filterNames, isWanted } from "../../src/records/auditLine.ts"
import type { AuditEntry, AuditFilter } from "../../src/records/auditLine.ts"
import { isReadOperation } from "../../src/records/readOperations.ts"

const entry: fc.Arbitrary<AuditEntry> = fc.record({
  seq: fc.constant(1),
  line: fc.constant(1),
  time: fc.constant("2026-01-01T00:00:00.000Z"),
  at: fc.integer({ min: 0, max: 9 }),
  requestId: fc.constant("r"),
  principal: fc.constantFrom("clock", "acs:ram::1:root", "acs:ram::1:user/app"),
  operation: fc.constantFrom("Encrypt", "DescribeKey", "DisableKey"),
  keyId: fc.constantFrom("one", "two", null),
  outcome: fc.constantFrom("Success", "Rejected.Disabled"),
  before: fc.constant(null),
  after: fc.constant(null)
})

const filter: fc.Arbitrary<AuditFilter> = fc.record(
  {
    principal: fc.constantFrom("clock", "orders-app"),
    operation: fc.constantFrom("Encrypt", "DescribeKey"),
    keyId: fc.constant("one"),
    outcome: fc.constant("Success"),
    since: fc.integer({ min: 0, max: 9 }),
    until: fc.integer({ min: 0, max: 9 }),
    refused: fc.boolean(),
    withoutReads: fc.boolean()
  },
  { requiredKeys: [] }
)

describe("counts", () => {
  it("the count of a value is the number of records that the filter would find with this value", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), filter, (entries, given) => {
        const counter = makeFacetCounter(given)
        for (const one of entries) counter.add(one)
        const { facets, total } = counter.counts(10)
        expect(total).toBe(entries.filter((one) => isWanted(one, given)).length)
        for (const name of filterNames) {
          const { more, values } = facets[name]
          expect(more).toEqual({ values: 0, count: 0 })
          const possible = new Set(entries.map((one) => one[name]).filter((value) => value !== null))
          const expected = [...possible].map((value) => ({
            value,
            count: entries.filter((one) => isWanted(one, { ...given, [name]: value })).length
          }))
          const byValue = (a: { readonly value: string }, b: { readonly value: string }) => (a.value < b.value ? -1 : 1)
          expect(values.toSorted(byValue)).toEqual(expected.filter(({ count }) => count > 0).toSorted(byValue))
          expect(values.map(({ count }) => count)).toEqual(values.map(({ count }) => count).toSorted((a, b) => b - a))
        }
      })
    )
  })

  it("counts show the most frequent values and the chosen one, and add up the others", () => {
    const counter = makeFacetCounter({ operation: "c" })
    const [one] = fc.sample(entry, 1)
    if (one === undefined) throw new Error("a sample has one entry")
    for (const operation of ["a", "a", "a", "b", "b", "c", "d"]) counter.add({ ...one, operation })
    expect(counter.counts(1).facets.operation).toEqual({
      values: [
        { value: "a", count: 3 },
        { value: "c", count: 1 }
      ],
      more: { values: 2, count: 3 }
    })
  })
})

describe("an operation", () => {
  const operations = (["kms", "ram", "sts"] as const).flatMap((api) =>
    [...apis[api].operations].map(([name, { changes, uses }]) => ({
      recorded: recordedName(api, name) ?? name,
      isActing: changes || uses
    }))
  )

  it("an operation that changes something or uses a key is not a read", () => {
    expect(operations.filter(({ isActing, recorded }) => isActing && isReadOperation(recorded))).toEqual([])
  })

  it("an operation that neither changes nor uses anything is a read, with these exceptions", () => {
    const others = operations.filter(({ isActing, recorded }) => !isActing && !isReadOperation(recorded))
    expect(others.map(({ recorded }) => recorded).toSorted()).toMatchInlineSnapshot(`
      [
        "AdvanceClock",
        "AdvanceClockToNextDeadline",
        "AssumeRole",
        "ConfirmClock",
        "FreezeClock",
        "GetParametersForImport",
        "OpenKmsService",
        "RejectClock",
        "ResumeClock",
        "UnbindMFADevice",
        "sts:AssumeRole",
      ]
    `)
  })
})
