/** What a run leaves to the next about its clock, as text. */
import { Result, Schema } from "effect"
import type { Saved } from "./trust.ts"

const { Finite, Literals, String, Struct, optionalKey } = Schema

const SavedTrust = Struct({
  mode: Literals(["Followed", "Doubted", "Rejected"]),
  at: Finite,
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
  ),
  uptime: Finite,
  boot: optionalKey(String)
})

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(SavedTrust))

export const encodeSaved = ({
  mode,
  at,
  base,
  lead,
  doubt,
  uptime,
  boot
}: Omit<Saved, "boot"> & { boot?: string | undefined }): string =>
  JSON.stringify({ mode, at, base, lead, doubt, uptime, boot })

const instantForm = /^[0-9]{1,16}$/

/** Earlier versions kept the mark as a number, and a doubt as two numbers beside it. */
const earlier = (at: number, doubtText: string): Saved => {
  const plain = { at, base: at, lead: 0, uptime: 0 }
  const [from, to] = doubtText.split(" ").map(Number)
  if (from === undefined || to === undefined) return { mode: "Followed", ...plain }
  const distance = to - from
  const doubt = { direction: "Forward", from, to, furthest: distance, steady: { distance, since: 0 } } as const
  return { mode: "Doubted", ...plain, doubt }
}

/** Undefined if no run left anything. Text that does not decode is a defect: a guess could destroy keys. */
export const decodeSaved = (texts: {
  readonly mark: string | undefined
  readonly doubt: string | undefined
}): Saved | undefined => {
  if (texts.mark === undefined) return undefined
  if (instantForm.test(texts.mark)) return earlier(Number(texts.mark), texts.doubt ?? "")
  const decoded = decode(texts.mark)
  if (Result.isSuccess(decoded)) return decoded.success
  throw new Error(`the clock's mark does not decode: ${decoded.failure.message}`)
}
