/** Each operation gets a request with every fault, and each line corrects one: faults are reported in order. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { vendorOperations } from "../../src/operation/catalogue.ts"
import { testKms } from "../../src/testing.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { inProcess } from "./doors.ts"
import type { Ask } from "./doors.ts"
import { changes } from "./onions/changes.ts"
import { layFixture } from "./onions/fixture.ts"
import type { Fixture } from "./onions/fixture.ts"
import { lists } from "./onions/lists.ts"
import { uses } from "./onions/uses.ts"

const onions = { ...changes, ...lists, ...uses }

let kms: PromiseKms
let ask: Ask
let fixture: Fixture
beforeAll(async () => {
  kms = await testKms()
  ask = inProcess(kms)
  fixture = await layFixture(ask)
})
afterAll(() => kms.close())

describe("an operation reports the faults of a request in the documented order", () => {
  it.each(Object.entries(onions))("%s", async (operation, layersOf) => {
    const layers = await layersOf(fixture)
    const request = new Map<string, string>()
    const seen: Array<string> = []
    for (const [mend] of layers) {
      for (const [name, value] of Object.entries(mend)) {
        if (value === undefined) request.delete(name)
        else request.set(name, value)
      }
      const { code, parameter } = await ask(operation, Object.fromEntries(request))
      seen.push(parameter === undefined ? code : `${code} ${parameter}`)
    }
    expect(seen).toEqual(layers.map(([, answer]) => answer))
    expect(seen.at(-1)).toBe("Success")
  })

  it("every operation of the catalogue is covered", () => {
    expect(Object.keys(onions).toSorted()).toEqual(Object.keys(vendorOperations).toSorted())
  })
})
