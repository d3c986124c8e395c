/** The stored text about the clock that a run leaves for the next. */
import { Result, Schema } from "effect"
import type { Agreed, Mark } from "./agreed.ts"
import type { Saved, Trust } from "./trust.ts"

const { Boolean, Finite, Int, Literals, Record, String, Struct, optionalKey } = Schema

const trustFields = {
  mode: Literals(["Followed", "Doubted", "Rejected"]),
  base: Finite,
  lead: Finite,
  doubt: optionalKey(
    Struct({
      direction: Literals(["Forward", "Backward"]),
      from: Finite,
      to: Finite,
      furthest: Finite,
      steady: Struct({ distance: Finite, since: Finite })
    })
  )
}

const savedFields = { ...trustFields, at: Finite, uptime: Finite, boot: optionalKey(String) }

/** Engines that share a store add the number of the agreement, and the store's clock. */
const SavedTrust = Struct({ ...savedFields, serial: optionalKey(Int), wall: optionalKey(Finite) })
const Marks = Record(String, Struct({ ...savedFields, serial: Int, wall: Finite }))
const AgreedTrust = Struct({ ...trustFields, serial: Int, decided: Int, isGuess: Boolean, wall: Finite })

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(SavedTrust))
const decodeMarksIn = Schema.decodeUnknownResult(Schema.fromJsonString(Marks))
const decodeAgreedIn = Schema.decodeUnknownResult(Schema.fromJsonString(AgreedTrust))

type Kept = Omit<Saved, "boot"> & {
  readonly boot?: string | undefined
  readonly serial?: number | undefined
  readonly wall?: number | undefined
}

const trustOf = ({ base, doubt, lead, mode }: Pick<Trust, "base" | "doubt" | "lead" | "mode">) => ({
  mode,
  base,
  lead,
  ...(doubt === undefined ? {} : { doubt })
})

export const encodeSaved = ({ at, boot, serial, uptime, wall, ...trust }: Kept): string =>
  JSON.stringify({ ...trustOf(trust), at, uptime, boot, serial, wall })

export const encodeAgreed = ({ decided, isGuess, serial, wall, ...trust }: Agreed): string =>
  JSON.stringify({ serial, decided, isGuess, wall, ...trustOf(trust) })

/** Undefined for any other text: the engines have no agreement. */
export const decodeAgreed = (text: string | undefined): Agreed | undefined =>
  text === undefined ? undefined : Result.getOrUndefined(decodeAgreedIn(text))

/** The number of machine marks in the store. */
const marksMax = 256

export type Marks = Readonly<Record<string, Mark>>

/** The counts of machines, by the run of each. Empty for text in another form: the machine then counted nothing. */
export const decodeMarks = (text: string | undefined): Marks =>
  text === undefined ? {} : Result.getOrElse(decodeMarksIn(text), () => ({}))

/** Stores only the newest marks. */
export const encodeMarks = (marks: Marks): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(marks)
        .toSorted(([, left], [, right]) => right.at - left.at)
        .slice(0, marksMax)
    )
  )

const instantForm = /^[0-9]{1,16}$/

/** Earlier versions stored the mark as a number, and a doubt as two numbers beside it. */
const earlier = (at: number, doubtText: string): Saved => {
  const plain = { at, base: at, lead: 0, uptime: 0 }
  const [from, to] = doubtText.split(" ").map(Number)
  if (from === undefined || to === undefined) return { mode: "Followed", ...plain }
  const distance = to - from
  const doubt = { direction: "Forward", from, to, furthest: distance, steady: { distance, since: 0 } } as const
  return { mode: "Doubted", ...plain, doubt }
}

/** Undefined if no run left anything. Text that does not decode is a defect, because a guess could destroy keys. */
export const decodeSaved = (texts: {
  readonly mark: string | undefined
  readonly doubt: string | undefined
}): (Saved & Partial<Pick<Mark, "serial" | "wall">>) | undefined => {
  if (texts.mark === undefined) return undefined
  if (instantForm.test(texts.mark)) return earlier(Number(texts.mark), texts.doubt ?? "")
  const decoded = decode(texts.mark)
  if (Result.isSuccess(decoded)) return decoded.success
  throw new Error(`the clock's mark does not decode: ${decoded.failure.message}`)
}
