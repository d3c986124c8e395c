/** Each operation gets a request with every fault, and each line corrects one: faults are reported in order. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { vendorOperations } from "../../src/operation/catalogue.ts"
import { testKms } from "../../src/testing.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { inProcess } from "./doors.ts"
import type { Ask } from "./doors.ts"
import { changes } from "./faultOrder/changes.ts"
import { makeFixture } from "./faultOrder/fixture.ts"
import type { Fixture } from "./faultOrder/fixture.ts"
import { lists } from "./faultOrder/lists.ts"
import { uses } from "./faultOrder/uses.ts"

const faultSequences = { ...changes, ...lists, ...uses }

let kms: PromiseKms
let ask: Ask
let fixture: Fixture
beforeAll(async () => {
  kms = await testKms()
  ask = inProcess(kms)
  fixture = await makeFixture(ask)
})
afterAll(() => kms.close())

describe("the order of faults", () => {
  it.each(Object.entries(faultSequences))(
    "%s reports the faults of a request in the documented order",
    async (operation, stepsOf) => {
      const corrections = await stepsOf(fixture)
      const request = new Map<string, string>()
      const seen: Array<string> = []
      for (const [correction] of corrections) {
        for (const [name, value] of Object.entries(correction)) {
          if (value === undefined) request.delete(name)
          else request.set(name, value)
        }
        const { code, parameter } = await ask(operation, Object.fromEntries(request))
        seen.push(parameter === undefined ? code : `${code} ${parameter}`)
      }
      expect(seen).toEqual(corrections.map(([, answer]) => answer))
      expect(seen.at(-1)).toBe("Success")
    }
  )

  it("the tests of the order of faults cover every operation of the catalogue", () => {
    expect(Object.keys(faultSequences).toSorted()).toEqual(Object.keys(vendorOperations).toSorted())
  })
})
