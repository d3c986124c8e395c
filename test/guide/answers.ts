/** Reads the answers of clients: members by their path, and refusals of any client. */

export interface Failure {
  readonly code: string
  readonly status: number
}

export const failureOf = async (call: Promise<unknown>): Promise<Failure> => {
  try {
    await call
  } catch (error) {
    if (typeof error !== "object" || error === null) throw error
    const data: unknown = Reflect.get(error, "data")
    const told = typeof data === "object" && data !== null ? data : error
    const status: unknown = Reflect.get(told, "HttpStatus") ?? Reflect.get(told, "statusCode")
    return { code: String(Reflect.get(told, "Code") ?? Reflect.get(error, "code")), status: Number(status) }
  }
  throw new Error("the call was expected to be refused")
}

export const codeOf = async (call: Promise<unknown>): Promise<string> => (await failureOf(call)).code

/** Codes of simultaneous calls. */
export const codesOf = (calls: ReadonlyArray<Promise<unknown>>): Promise<ReadonlyArray<string>> =>
  Promise.all(calls.map(codeOf))

export const memberOf = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((at, name) => (typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined), value)

/** A text member; any other value fails the test. */
export const textOf = (value: unknown, ...path: ReadonlyArray<string>): string => {
  const found = memberOf(value, ...path)
  if (typeof found !== "string") throw new Error(`${path.join(".")} is no text in ${JSON.stringify(value)}`)
  return found
}
