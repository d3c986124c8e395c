/** Steps, answers and sequences as text. */
import type { Place, WireForm } from "../adapters/adapter.ts"
import type { Performed } from "../run/testTarget.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { kindIn, operationIn } from "../dialects/inDialect.ts"
import { isDeed } from "../steps/step.ts"
import type { Reference, Step, Twist } from "../steps/step.ts"

export const twistsInWords: Readonly<Record<Twist, string>> = {
  tampered: "altered",
  truncated: "cut short",
  otherContext: "in another context",
  noContext: "without its context",
  givenContext: "in this context",
  reorderedContext: "with its context in another order",
  unknownKey: "of a key that does not exist",
  tooShort: "below the range",
  tooLong: "beyond the range",
  lengthened: "with a byte behind it",
  otherMaterial: "with other material",
  wrongLength: "of the wrong length",
  unknownSpec: "of a KeySpec that does not exist",
  bothLengths: "with another length by KeySpec",
  garbage: "with what does not unwrap",
  pastExpiry: "with an expiry that is past",
  zeroExpiry: "with an expiry of 0",
  otherDigest: "of another digest",
  outside: "encrypted outside",
  badName: "with an invalid name",
  otherAlgorithm: "by an algorithm the key does not have",
  unknownVersion: "of a version that does not exist",
  pageTooSmall: "with pages of none",
  pageTooLarge: "with pages beyond the range",
  pageZero: "of page 0"
}

const references: Readonly<Record<Reference, string>> = {
  arn: "by its ARN",
  arnOfAnotherAccount: "by its ARN in another account",
  arnOfAnotherRegion: "by its ARN in another region",
  upperCase: "by its id in capitals",
  cutShort: "by its id cut short",
  withBlank: "by its id and a blank"
}

const forms: Readonly<Record<WireForm, string>> = {
  sound: "signed as it should be",
  repeated: "the same bytes again",
  stale: "signed 16 minutes ago",
  early: "signed 16 minutes ahead",
  altered: "with a parameter that was not signed",
  otherSecret: "signed with another secret",
  unsigned: "without a signature",
  otherRegion: "addressed to another region"
}

const placesInWords: Readonly<Record<Place, string>> = {
  otherAccount: "(as another account)",
  otherRegion: "(in another region)"
}

const rightsInWords = ({
  permits,
  denies,
  key,
  alias,
  condition,
  denyCondition,
  isOff
}: NonNullable<Step["as"]>): string =>
  [
    permits.length === 0
      ? "nothing"
      : `${permits.join(",")} on ${[key, alias].filter((label) => label !== undefined).join(" and ")}`,
    condition !== undefined && `under a condition that is ${condition}`,
    denies !== undefined && `but not ${denies.join(",")}`,
    denyCondition !== undefined && `under a condition that is ${denyCondition}`,
    isOff === true && "with its access key switched off"
  ]
    .filter((text) => typeof text === "string")
    .join(" ")

const span = (millis: number): string => {
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

/** Escapes make characters that look alike distinguishable. */
const inAscii = (json: string): string =>
  json.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

const quoted = (text: string): string => {
  const whole = inAscii(JSON.stringify(text)).slice(1, -1)
  return `"${whole.length > 24 ? `${whole.slice(0, 21)}…` : whole}"`
}

type Part = (step: Step, dialect: Dialect) => string | false | undefined

/** The parts of a line in order; each is empty if the step lacks it. */
const parts: ReadonlyArray<Part> = [
  (step, dialect) => operationIn(dialect, step.op, step.on),
  ({ kind }, dialect) => kind !== undefined && kind !== "symmetric" && `(${kindIn(dialect, kind)})`,
  ({ as, op }) => as !== undefined && `${op === "Grant" ? "to" : "as"} ${as.name}`,
  ({ from }) => from !== undefined && placesInWords[from],
  ({ fills, room = 0 }) => fills !== undefined && `${fills} up to the quota${room === 0 ? "" : `, less ${room}`}`,
  ({ op, millis = 0, by, key }) => (op === "Advance" ? span(millis) : (op !== "ReEncrypt" && by) || key),
  ({ reference }) => reference !== undefined && `(${references[reference]})`,
  ({ version }, dialect) => dialect.shows.versions && version,
  ({ of }) => of,
  ({ alias }) => alias,
  ({ to, by, op }) => (op === "ReEncrypt" && by !== undefined ? `to ${by}` : to !== undefined && `to ${to}`),
  ({ on, op }, dialect) => on !== undefined && !hasOwnOff(op, dialect) && (on ? "on" : "off"),
  ({ days, on, unit }) => days !== undefined && on !== false && `${days}d${unit === undefined ? "" : ` in ${unit}`}`,
  ({ algorithm }) => algorithm,
  ({ filters }) =>
    filters !== undefined && `with ${filters.map(({ Key, Values }) => `${Key} ${Values.join(" or ")}`).join(" and ")}`,
  ({ page, size }) => page !== undefined && `page ${page}${size === undefined ? "" : ` of ${size}`}`,
  ({ bytes, twist, named }) =>
    bytes !== undefined && twist === undefined && `${bytes} bytes${named === true ? ", by name" : ""}`,
  ({ text, twist }) => text !== undefined && twist !== "tooLong" && quoted(text),
  ({ longest, isRaw }) => longest === true && `of the longest length${isRaw === true ? ", not Base64" : ""}`,
  ({ context = {} }) => Object.keys(context).length > 0 && inAscii(JSON.stringify(context)),
  ({ op, as }) => op === "Grant" && as !== undefined && rightsInWords(as),
  ({ policy }) => policy?.map(({ effect, user, operations }) => `${effect} ${user} ${operations.join(",")}`).join("; "),
  ({ tags }) => tags !== undefined && Object.keys(tags).join(","),
  ({ wire }) => wire !== undefined && `(${forms[wire.form]}, signature ${wire.signature})`,
  ({ twist }) => twist !== undefined && `(${twistsInWords[twist]})`,
  ({ isDryRun }) => isDryRun === true && "(as a dry run)",
  ({ burst, client = 0 }) => burst !== undefined && `‖ client ${client + 1}`
]

/** Whether the dialect has a separate operation for disabling. */
const hasOwnOff = (op: Step["op"], dialect: Dialect): boolean => !isDeed(op) && dialect.words?.off[op] !== undefined

/** `Encrypt k1 "00"`. */
export const stepInWords = (step: Step, dialect: Dialect): string =>
  parts
    .map((part) => part(step, dialect))
    .filter((text) => typeof text === "string" && text !== "")
    .join(" ")

/** The outcome of a step, in one or two words. */
export const gotInWords = ({ step, answer, got }: Performed): string => {
  if (isDeed(step.op)) return ""
  if (!answer.ok) return got
  return step.makes === undefined ? "ok" : `→ ${step.makes}`
}
