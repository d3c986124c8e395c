/** Two ways to call one service, in this process and over HTTP, with the API's names and text. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isKmsError } from "../../src/promise.ts"
import type { AnyKmsError, PromiseKms } from "../../src/promise.ts"
import { form, post } from "../server/signed.ts"

export type Request = Readonly<Record<string, string>>

export interface Answer {
  /** `Success`, or the code of the refusal. */
  readonly code: string
  /** The parameter that a refusal names. */
  readonly parameter: string | undefined
  readonly body: Readonly<Record<string, unknown>>
}

export type Ask = (operation: string, request?: Request) => Promise<Answer>

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** A text somewhere inside a reply. */
export const textAt = (body: unknown, ...path: ReadonlyArray<string>): string => {
  let value = body
  for (const name of path) value = isRecord(value) ? value[name] : undefined
  if (typeof value === "string") return value
  throw new Error(`the reply has no text at ${path.join(".")}`)
}

export const inProcess =
  (kms: PromiseKms): Ask =>
  async (operation, request = {}) => {
    const method: unknown = Reflect.get(kms, `${operation.charAt(0).toLowerCase()}${operation.slice(1)}`)
    if (typeof method !== "function") throw new Error(`${operation} is not offered`)
    try {
      const body: unknown = await Reflect.apply(method, kms, [request])
      return { code: "Success", parameter: undefined, body: isRecord(body) ? body : {} }
    } catch (error) {
      if (isKmsError(error)) return { code: error.code, parameter: error.parameter, body: {} }
      throw error
    }
  }

/** The parameter a message names: `The specified parameter "KeyId" is not valid.` */
const named = /"([A-Za-z]+)"/

export const overHttp =
  (url: string): Ask =>
  async (operation, request = {}) => {
    const { status, body } = await post(url, form(operation, request))
    if (status === 200) return { code: "Success", parameter: undefined, body }
    return { code: textAt(body, "Code"), parameter: named.exec(textAt(body, "Message"))?.[1], body }
  }

/** The refusal of a call. A successful call fails the test. */
export const refusal = async (call: Promise<unknown>): Promise<AnyKmsError> => {
  try {
    await call
  } catch (error) {
    if (isKmsError(error)) return error
    throw error
  }
  throw new Error("the call was expected to be refused")
}

/** A refusal by its code and the parameter it names. */
export const refused = async (call: Promise<unknown>): Promise<readonly [string, string | undefined]> => {
  const error = await refusal(call)
  return [error.code, error.parameter]
}

export interface Place extends Disposable {
  readonly store: "memory" | { readonly directory: string }
}

/** A temporary directory for a store, deleted after use. */
export const placeFor = (kind: string): Place => {
  if (kind === "memory") return { store: "memory", [Symbol.dispose]: () => {} }
  const directory = mkdtempSync(join(tmpdir(), "keystate-"))
  return { store: { directory }, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) }
}
