/** How a shell script finds out whether the law is still broken: what it looks at in the answer of the step that broke it. */
import type { Step } from "../../steps/step.ts"
import type { Counterexample, TracedStep } from "../report.ts"

/** A script looks at the outcome of the call, at its reply, or it cannot judge. */
export type Judgement =
  /** The law holds if the outcome is one of these: `Success`, `refused`, or codes. */
  | { readonly looksAt: "outcome"; readonly allowed: ReadonlyArray<string> }
  /** The law holds if this jq expression is true of the reply. */
  | { readonly looksAt: "reply"; readonly test: string }
  | { readonly looksAt: "nothing"; readonly why: string }

const isSuccess = ({ got }: TracedStep): boolean => /^(ok|→)/.test(got)

const ofReply = (test: string): Judgement => ({ looksAt: "reply", test })
const ofOutcome = (...allowed: ReadonlyArray<string>): Judgement => ({ looksAt: "outcome", allowed })

/** Where the dialects keep what a script compares. */
export interface Members {
  /** Whether a signature is valid. */
  readonly valid: string
  /** The code that refuses a signature that is not valid, if that is no reply. */
  readonly invalidCode?: string
}

const memberOf = (answer: unknown, name: string): unknown =>
  typeof answer === "object" && answer !== null ? Reflect.get(answer, name) : undefined

const openings: ReadonlySet<string> = new Set(["Decrypt", "AsymmetricDecrypt"])

/** The text that a ciphertext of these steps holds, if a step gave it to the service. */
const textIn = (replay: ReadonlyArray<Step>, { of, text, twist }: Step): string | undefined => {
  if (twist === "outside") return text
  const made = replay.find(({ makes, op }) => makes !== undefined && makes === of && op.endsWith("ncrypt"))
  return made?.op === "ReEncrypt" ? undefined : made?.text
}

const ofValidity = (isValid: boolean, { valid, invalidCode }: Members): Judgement => {
  if (invalidCode === undefined) return ofReply(`${valid} == ${String(isValid)}`)
  return ofOutcome(isValid ? "Success" : invalidCode)
}

/** A reply of a call that succeeded and broke the law. */
const ofWrongReply = (
  { law, replay }: Counterexample,
  traced: TracedStep,
  step: Step,
  members: Members
): Judgement | undefined => {
  const { told, after, answer } = traced
  if (step.op === "DescribeKey" && told !== "" && after !== "" && told !== after)
    return ofReply(`.KeyMetadata.KeyState == ${JSON.stringify(after)}`)
  if (law === "KMS-DK-003") return ofReply('(.Plaintext // "") == ""')
  if (step.op === "AsymmetricVerify") return ofValidity(memberOf(answer, "Value") !== true, members)
  const text = openings.has(step.op) ? textIn(replay, step) : undefined
  return text === undefined ? undefined : ofReply(`.Plaintext == ${JSON.stringify(text)}`)
}

const cannot = (why: string): Judgement => ({ looksAt: "nothing", why })

const ofRefusal = (law: string, { expected, codes = [], got }: TracedStep): Judgement => {
  if (law === "KMS-MET-010") return cannot("The law is about the HTTP status.")
  if (law === "KMS-LC-026") return ofOutcome("Success", `refused-not-${got}`)
  return expected.startsWith("Success") ? ofOutcome("Success") : ofOutcome(...codes)
}

/** The step that broke the law; the last if the trace does not say which. */
export const decisiveIn = ({ steps, finding }: Counterexample): number => {
  const found = steps.findIndex(({ faults }) => faults.includes(finding))
  return found === -1
    ? Math.max(
        steps.findLastIndex(({ ok }) => !ok),
        steps.length - 1
      )
    : found
}

/** A step that was right: a script that meets another outcome does not reach the step that breaks the law. */
export const reachingOf = ({ expected, operation }: TracedStep, { invalidCode }: Members): ReadonlyArray<string> => {
  if (operation === "AsymmetricVerify" && invalidCode !== undefined) return []
  const isAccepted = expected.startsWith("Success")
  const isRefused = expected !== "" && expected.replace(/^Success( or )?/, "") !== ""
  return [...(isAccepted ? ["Success"] : []), ...(isRefused ? ["refused"] : [])]
}

/** How the script judges the answer of the decisive step. */
export const judgementOf = (found: Counterexample, at: number, members: Members): Judgement => {
  const traced = found.steps[at]
  const step = found.replay[at]
  if (traced === undefined || step === undefined) return cannot("There is no step.")
  if (found.replay.some(({ burst }) => burst !== undefined))
    return cannot("Calls with a ‖ were made at the same time, and a script makes one after another.")
  if (traced.ok) return ofOutcome(...reachingOf(traced, members))
  if (!isSuccess(traced)) return ofRefusal(found.law, traced)
  if (!traced.expected.startsWith("Success")) return ofOutcome("refused")
  return (
    ofWrongReply(found, traced, step, members) ?? cannot("The fault is in the reply, which a script does not compare.")
  )
}
