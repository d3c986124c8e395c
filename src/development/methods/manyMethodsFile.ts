/** The library's methods for many requests, as named interfaces with documentation. */
import { manyRequestsMax } from "../../domain/limits.ts"
import { manyMethods } from "../../operation/many.ts"
import type { ManyMethodName } from "../../operation/many.ts"

const methods = Object.entries(manyMethods).map(([name, operation]) => ({ name, operation }))

/** `EncryptMany` for `encryptMany`. */
const typeName = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`

const limit = manyRequestsMax.toLocaleString("en")

/** What each method does. */
const abouts: Readonly<Record<ManyMethodName, string>> = {
  encryptMany: "Encrypts many texts.",
  decryptMany: "Decrypts many ciphertext blobs.",
  generateDataKeys: "Makes many data keys."
}

const aboutOf = (name: string): string => {
  const about = Object.entries(abouts).find(([known]) => known === name)?.[1]
  if (about === undefined) throw new Error(`${name} has no description`)
  return about
}

const typesText = methods
  .map(
    ({ name, operation }) =>
      `/** The requests of ${name}: up to ${limit} requests of ${operation}. */\n` +
      `export type ${typeName(name)}Request = ReadonlyArray<${operation}Request>\n\n` +
      `/** The results of ${name}, in the order of its requests. */\n` +
      `export type ${typeName(name)}Response = ReadonlyArray<ItemResult<${operation}Response, ${operation}Error>>\n`
  )
  .join("\n")

const declarations = (result: (name: string) => string): string =>
  methods
    .map(
      ({ name, operation }) =>
        `  /**\n   * ${aboutOf(name)} Each request has the result, the audit record and the request id of one ${operation}.\n` +
        `   * A refused request does not affect the others. More than ${limit} requests are refused as a whole.\n   */\n` +
        `  readonly ${name}: (requests: ${typeName(name)}Request) => ${result(`${typeName(name)}Response`)}\n`
    )
    .join("")

const imported = methods
  .flatMap(({ operation }) => [`${operation}Error`, `${operation}Request`, `${operation}Response`])
  .toSorted()

/** The text of the file. */
export const manyMethodsFile = (notice: string): string =>
  `/** The methods of the library that take many requests. ${notice} */\n` +
  `import type { Effect } from "effect"\n` +
  `import type { KmsError } from "../../domain/errors.ts"\n` +
  `import type { ItemResult } from "../many.ts"\n` +
  `import type {\n  ${imported.join(",\n  ")}\n} from "./kms/cryptography.ts"\n\n` +
  `export type { ItemResult } from "../many.ts"\n\n` +
  `${typesText}\n` +
  `/** Operations for many requests, as effects. */\n` +
  `export interface KmsManyMethods {\n` +
  `${declarations((response) => `Effect.Effect<${response}, KmsError<"InvalidParameter">>`)}}\n\n` +
  `/** Operations for many requests, as promises. */\n` +
  `export interface KmsManyPromiseMethods {\n${declarations((response) => `Promise<${response}>`)}}\n`
