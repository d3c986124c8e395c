/** A sample of `npm run malformed`, and tests of its judge. */
import { describe, expect, it } from "vitest"
import { patience } from "../patience.ts"
import { seed } from "../sample.ts"
import { attackService } from "./attack.ts"
import { chanceFrom } from "./hostile.ts"
import { faultOf } from "./judge.ts"
import { messageFrom } from "./messages.ts"

describe("malformed requests", () => {
  it("malformed requests get an answer below 500, end no service and damage no store", async () => {
    const { answers, faults } = await attackService({
      requests: 2500,
      seed: 100 + seed,
      lanes: 8,
      limitMillis: patience
    })
    expect(faults).toStrictEqual([])
    // The attack reaches handlers as well as parsers.
    expect(answers.get("200")).toBeGreaterThan(50)
    expect(answers.get("400")).toBeGreaterThan(500)
  })

  it("malformed requests depend only on the seed", () => {
    const says = (number: number): string => messageFrom(chanceFrom(number), { KeyId: ["a"] }).says
    expect(says(7)).toBe(says(7))
    expect(new Set(Array.from({ length: 50 }, (_, i) => says(i))).size).toBeGreaterThan(45)
  })
})

const answer = (status: number, body: string, type = "application/json") =>
  ({ kind: "answer", status, type, body }) as const

describe("the judge of malformed requests", () => {
  it.each([
    ["a hang", { kind: "hang" }],
    ["bytes that are no HTTP", { kind: "garbled", head: "x" }],
    ["an unanswered whole request", { kind: "closed" }],
    ["status 500", answer(500, "{}")],
    ["a stack trace", answer(400, '{"Code":"a","Message":"\\n","RequestId":"c"}\n    at read (/srv/a.js:1:2)')],
    ["a refusal without a code", answer(400, '{"Message":"b","RequestId":"c"}')],
    ["JSON that cannot be read", answer(200, "{")],
    ["XML that cannot be read", answer(200, "<a>", "text/xml")],
    ["a secret", answer(200, '{"a":"a secret of the root"}')]
  ] as const)("the judge of malformed requests reports %s", (_name, given) => {
    expect(faultOf(given, "V1 POST Encrypt", true)).toBeDefined()
  })

  it("the judge of malformed requests accepts a page that names node_modules", () => {
    const page = answer(200, "<!DOCTYPE html><p>Node in node_modules</p>", "text/html; charset=utf-8")
    expect(faultOf(page, "unsigned GET /docs/", true)).toBeUndefined()
  })

  it("the judge of malformed requests accepts a refusal, and a closed connection after half a request", () => {
    expect(faultOf(answer(400, '{"Code":"a","Message":"b","RequestId":"c"}'), "V1 POST Encrypt", true)).toBeUndefined()
    expect(faultOf({ kind: "closed" }, "cut V1", false)).toBeUndefined()
  })
})
