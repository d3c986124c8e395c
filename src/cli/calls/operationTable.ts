/** The operations of each API as the command line needs them: texts and parameters, without their handlers. */
import type { ApiName } from "../../operation/apis.ts"
import table from "./operations.json" with { type: "json" }

export interface ListedParameter {
  readonly about: string
  readonly form: string
  readonly required: boolean
}

export interface ListedOperation {
  readonly about: string
  /** Each code with its HTTP status, apart from the errors of every call. */
  readonly errors: ReadonlyArray<string>
  readonly parameters: Readonly<Record<string, ListedParameter>>
}

interface ListedApi {
  readonly version: string
  readonly operations: Readonly<Record<string, ListedOperation>>
}

const apis: Readonly<Record<ApiName, ListedApi>> = table

export const versionOf = (api: ApiName): string => apis[api].version

export const operationNamesOf = (api: ApiName): ReadonlyArray<string> => Object.keys(apis[api].operations)

/** An operation of the API. Throws for a name that the API does not have. */
export const listed = (api: ApiName, name: string): ListedOperation => {
  const found = Object.hasOwn(apis[api].operations, name) ? apis[api].operations[name] : undefined
  if (found === undefined) throw new Error(`${name} is not an operation of ${api}`)
  return found
}
