/** The interface through which registers call nodes: engines of this process, or processes over HTTP. */
import type { Effect } from "effect"
import type { ApiName } from "../../src/operation/apis.ts"

export interface Signer {
  readonly accessKeyId: string
  readonly secret: string
}

export interface Call {
  readonly api: ApiName
  readonly action: string
  readonly parameters: Readonly<Record<string, string>>
}

export interface Reply {
  /** The code of a refusal, or `Success`. */
  readonly code: string
  /** The members of an answer. */
  readonly body: unknown
}

/** `lost` if the call may have been performed, `unsent` if the call was certainly not performed. */
export type Outcome = Reply | "lost" | "unsent"

export interface Door {
  readonly name: string
  readonly ask: (asker: "root" | Signer, call: Call) => Effect.Effect<Outcome>
}

export const versions: Readonly<Record<ApiName, string>> = {
  kms: "2016-01-20",
  ram: "2015-05-01",
  sts: "2015-04-01"
}

/** A member of an answer, by its path. */
export const memberOf = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (inner, name) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, name) : undefined),
    value
  )

const call =
  (api: ApiName) =>
  (action: string, parameters: Readonly<Record<string, string>> = {}): Call => ({ api, action, parameters })

export const kms = call("kms")
export const ram = call("ram")
export const sts = call("sts")
