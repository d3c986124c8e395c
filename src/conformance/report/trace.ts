/** An executed step in a report: the request, the answer, and the state of the key. */
import type { Answer, NativeCall } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import type { Performed } from "../run/testTarget.ts"
import { textOf } from "../steps/reply.ts"
import { masked, maskedNative } from "../steps/masked.ts"
import type { TracedStep } from "./report.ts"
import { gotInWords, stepInWords } from "./words.ts"

/** Values that may be secret are replaced by their length, at any depth. */
const maskedDeep = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(maskedDeep)
  if (typeof value !== "object" || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, maskedDeep(member)] as const)
  return masked(Object.fromEntries(members))
}

const shownAnswer = (answer: Answer): unknown => {
  if (answer.ok) return maskedDeep(answer.response)
  const { code, httpStatus, message } = answer
  return { code, httpStatus, ...(message === undefined ? {} : { message }) }
}

/** A refusal keeps its message. */
const shownNative = ({ call, request, reply }: NativeCall): NativeCall => ({
  call,
  request: maskedNative(request),
  reply: maskedNative(reply)
})

/** A success with a fault: success was expected, but with another reply. */
const expectedIn = ({ expected, got }: Performed, isBroken: boolean): string => {
  if (!isBroken) return expected
  if (expected === "") return "as the model expects"
  return expected === "Success" && got === "Success" ? "Success, with a reply that keeps the law" : expected
}

export const tracedStep = (performed: Performed, number: number, dialect: Dialect): TracedStep => {
  const { step, request, answer, before, after, got, findings } = performed
  const faults = findings.flatMap(({ fault }) => (fault === undefined ? [] : [fault]))
  return {
    number,
    text: stepInWords(step, dialect),
    operation: step.op,
    request: masked(request),
    answer: shownAnswer(answer),
    ...(answer.native === undefined ? {} : { native: answer.native.map(shownNative) }),
    before,
    after,
    told: answer.ok ? (textOf(answer.response, "KeyMetadata.KeyState") ?? "") : "",
    expected: expectedIn(performed, faults.length > 0),
    ...(performed.codes === undefined ? {} : { codes: performed.codes }),
    got: gotInWords(performed) || got,
    ok: faults.length === 0,
    faults
  }
}
