/** A step, an answer and a sequence in words. */
import type { Performed } from "../run/session.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { kindIn, operationIn } from "../dialects/inDialect.ts"
import type { Step, Twist } from "../steps/step.ts"

const twists: Readonly<Record<Twist, string>> = {
  tampered: "altered",
  truncated: "cut short",
  otherContext: "in another context",
  noContext: "without its context",
  reorderedContext: "with its context in another order",
  unknownKey: "of a key that does not exist",
  tooShort: "below the range",
  tooLong: "beyond the range",
  otherMaterial: "with other material",
  wrongLength: "of the wrong length",
  garbage: "with what does not unwrap",
  pastExpiry: "with an expiry that is past",
  otherDigest: "of another digest",
  outside: "encrypted outside",
  badName: "with a name that is none",
  otherAlgorithm: "by an algorithm the key does not have",
  unknownVersion: "of a version that does not exist"
}

export const span = (millis: number): string => {
  const units: ReadonlyArray<readonly [string, number]> = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["s", 1000],
    ["ms", 1]
  ]
  let left = millis
  const parts = units.flatMap(([unit, size]) => {
    const count = Math.floor(left / size)
    left -= count * size
    return count === 0 ? [] : [`${count}${unit}`]
  })
  return parts.join(" ") || "0s"
}

const quoted = (text: string): string => `"${text.length > 24 ? `${text.slice(0, 21)}…` : text}"`

/** `Encrypt k1 "00"`. */
export const stepInWords = (step: Step, dialect: Dialect): string =>
  [
    operationIn(dialect, step.op, step.on),
    step.kind === undefined || step.kind === "symmetric" ? "" : `(${kindIn(dialect, step.kind)})`,
    step.as === undefined ? "" : `as ${step.as.name}`,
    step.op === "Advance" ? span(step.millis ?? 0) : (step.by ?? step.key ?? ""),
    (dialect.shows.versions ? step.version : undefined) ?? "",
    step.of ?? "",
    step.alias ?? "",
    step.to === undefined ? "" : `to ${step.to}`,
    step.on === undefined || dialect.words?.off[step.op === "Advance" ? "CreateKey" : step.op] !== undefined
      ? ""
      : step.on
        ? "on"
        : "off",
    step.days === undefined || step.on === false
      ? ""
      : `${step.days}d${step.unit === undefined ? "" : ` in ${step.unit}`}`,
    step.algorithm ?? "",
    step.page === undefined ? "" : `page ${step.page}`,
    step.bytes === undefined || step.twist !== undefined
      ? ""
      : `${step.bytes} bytes${step.named === true ? ", by name" : ""}`,
    step.text === undefined || step.twist === "tooLong" ? "" : quoted(step.text),
    step.context === undefined || Object.keys(step.context).length === 0 ? "" : JSON.stringify(step.context),
    step.tags === undefined ? "" : Object.keys(step.tags).join(","),
    step.twist === undefined ? "" : `(${twists[step.twist]})`,
    step.burst === undefined ? "" : `‖ client ${(step.client ?? 0) + 1}`
  ]
    .filter((part) => part !== "")
    .join(" ")

/** What a step came to, in one word or two. */
export const gotInWords = ({ step, answer, got }: Performed): string =>
  step.op === "Advance" ? "" : answer.ok && step.makes !== undefined ? `→ ${step.makes}` : answer.ok ? "ok" : got
