/** The observed states of each thing that clients rely on: the state of each key, an alias, a policy, an access key. */
import type { Operation } from "../../src/conformance/histories/linearizable.ts"

type Sighting = Omit<Operation<string>, "began" | "ended" | "says">

export interface Register {
  readonly name: string
  readonly first: string
  readonly operations: Array<Operation<string>>
}

export const makeRegister = (name: string, first: string): Register => ({ name, first, operations: [] })

/** The content of an answer about one register. */
export interface Told {
  readonly register: Register
  /** Undefined if an answer with this code says nothing. */
  readonly by: (code: string) => Sighting | undefined
  /** The state of the register after a performed but unanswered call; undefined if the call changes nothing. */
  readonly unanswered?: (state: string) => string
  /** A later change that follows from the performed call. */
  readonly later?: (state: string) => string
}

export interface Span {
  readonly began: number
  readonly ended: number
}

const never = Number.POSITIVE_INFINITY

/** Codes that leave open whether the call was performed. */
export const isUnknown = (code: string): boolean => code === "unknown" || code === "ServiceUnavailableTemporary"

export const record = ({ register, by, unanswered, later }: Told, code: string, says: string, span: Span): void => {
  const { began } = span
  const mayHaveHappened = code === "Success" || isUnknown(code)
  if (isUnknown(code)) {
    if (unanswered !== undefined) register.operations.push({ began, ended: never, says: `${says}?`, next: unanswered })
  } else {
    const seen = by(code)
    if (seen !== undefined) register.operations.push({ ...span, says: `${says} ${code}`, ...seen })
  }
  if (later !== undefined && mayHaveHappened) {
    register.operations.push({ began, ended: never, says: `${says}, later`, next: later })
  }
}
