/** The reason why a policy document was refused: one sentence, and the path of the fault. */
import { Result } from "effect"

export interface PolicyFault {
  /** `Statement[0].Condition.IpAddress["acs:SourceIp"]`; empty for the document as a whole. */
  readonly path: string
  /** A whole sentence that names the path. It quotes only the document, shortened. */
  readonly message: string
}

export type Read<A> = Result.Result<A, PolicyFault>

/** `fault("Statement[0].Effect", "must be Allow or Deny")` */
export const fault = (path: string, complaint: string): Result.Result<never, PolicyFault> =>
  Result.fail(sentenceOf(path, complaint))

export const sentenceOf = (path: string, complaint: string): PolicyFault => ({
  path,
  message: `${path === "" ? "The document" : path} ${complaint}.`
})
