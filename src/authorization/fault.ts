/** Why a policy document was refused: one sentence, and the place it speaks of. */
import { Result } from "effect"

export interface PolicyFault {
  /** `Statement[0].Condition.IpAddress["acs:SourceIp"]`; empty for the document as a whole. */
  readonly path: string
  /** A whole sentence that names the path. It quotes the document, shortened, and nothing else. */
  readonly message: string
}

export type Read<A> = Result.Result<A, PolicyFault>

/** `fault("Statement[0].Effect", "must be Allow or Deny")` */
export const fault = (path: string, complaint: string): Result.Result<never, PolicyFault> =>
  Result.fail({ path, message: `${path === "" ? "The document" : path} ${complaint}.` })

const quotedCharsMax = 64

/** A piece of the document, shortened and on one line: a fault is shown in terminals and logs. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > quotedCharsMax ? `${text.slice(0, quotedCharsMax)}…` : text).replaceAll(
    // oxlint-disable-next-line no-control-regex -- what JSON leaves bare and a terminal obeys
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

const plainName = /^[A-Za-z]{1,32}$/

export const memberPath = (path: string, name: string): string => {
  if (!plainName.test(name)) return `${path}[${quoted(name)}]`
  return path === "" ? name : `${path}.${name}`
}

export const itemPath = (path: string, index: number): string => `${path}[${index}]`
