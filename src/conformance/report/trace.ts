/** A step as it went, for reports: what was sent, what came back, where the key stood. */
import type { Dialect } from "../dialects/dialect.ts"
import type { Performed } from "../run/bench.ts"
import { masked } from "../steps/request.ts"
import type { TracedStep } from "./report.ts"
import { gotInWords, stepInWords } from "./words.ts"

export const tracedStep = (performed: Performed, number: number, dialect: Dialect): TracedStep => {
  const { step, request, before, after, expected, got, findings } = performed
  return {
    number,
    text: stepInWords(step, dialect),
    operation: step.op,
    request: masked(request),
    before,
    after,
    expected:
      findings.find(({ fault }) => fault !== undefined)?.fault === undefined
        ? expected
        : expected || "as the model says",
    got: gotInWords(performed) || got,
    ok: findings.length === 0
  }
}
