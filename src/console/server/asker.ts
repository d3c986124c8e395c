/** Sends a signed-in caller's operations through the same `dispatch` as the API: same permissions, same audit log. */
import { Effect } from "effect"
import type { CallRequest } from "../../requests/callUnderWay.ts"
import type { Dispatch, Reply } from "../../requests/dispatch.ts"
import type { Caller } from "../../authorization/caller.ts"
import type { Circumstances } from "../../authorization/access.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import type { Realm } from "../../domain/ids.ts"
import type { Randomness } from "../../platform/services.ts"
import type { ApiName } from "../../operation/apis.ts"
import type { OperationName } from "../../operation/catalogue.ts"
import { fromObject } from "../../operation/parameters.ts"
import type { Refusal } from "../protocol.ts"

export interface Asker {
  readonly caller: Caller
  readonly realm: Realm
  readonly circumstances: Circumstances
  /** An operation of KMS, unless `api` names another API. */
  readonly ask: (operation: string, parameters: object, api?: ApiName) => Effect.Effect<Reply, AnyKmsError>
  /** Checks and records that the caller reads a list of keys. `subject` names the list in the one audit record. */
  readonly lookAt: (subject: string) => Effect.Effect<void, AnyKmsError>
  /** The answer of a known operation as plain data. */
  readonly read: (operation: OperationName, parameters: object) => Effect.Effect<Data, AnyKmsError>
}

/** The members of a reply by name. */
export type Data = Readonly<Record<string, unknown>>

export const makeAsker = (
  dispatch: Dispatch["Service"],
  randomness: Randomness["Service"],
  from: {
    readonly caller: Caller
    readonly realm: Realm
    readonly circumstances: Circumstances
    readonly accessKeyId: string | undefined
  }
): Asker => {
  const ask = (operation: string, parameters: object, more: Pick<CallRequest, "api" | "subject">) =>
    dispatch.ask({ ...from, ...more, operation, source: fromObject(parameters), requestId: randomness.uuid() })
  return {
    ...from,
    ask: (operation, parameters, api = "kms") => ask(operation, parameters, { api }),
    lookAt: (subject) => Effect.asVoid(ask("ListKeys", { PageSize: 1 }, { subject })),
    read: (name, given) => Effect.map(ask(name, given, {}), dataOf)
  }
}

const isData = (value: unknown): value is Data => typeof value === "object" && value !== null && !Array.isArray(value)

export const dataOf = (value: unknown): Data => (isData(value) ? value : {})
export const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])
/** The members that are texts. */
export const textsOf = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(dataOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === "string")
  )
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

export const refusalOf = (error: AnyKmsError): Refusal => ({
  code: error.code,
  message: error.message,
  httpStatus: error.httpStatus,
  ...(error.hint === undefined ? {} : { hint: error.hint }),
  ...(error.requestId === undefined ? {} : { requestId: error.requestId })
})
