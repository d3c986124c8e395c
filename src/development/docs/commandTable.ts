/** The operations for the command line, generated from the catalogues. */
import { answers, inPrecedence } from "../../domain/errors.ts"
import { apis } from "../../operation/apis.ts"
import type { Api } from "../../operation/apis.ts"
import type { Operation } from "../../operation/operation.ts"

const parametersOf = ({ parameters }: Operation<unknown, object>) =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, { about, form, required }]) => [name, { about, form, required }])
  )

const operationsOf = ({ operations }: Api) =>
  Object.fromEntries(
    Array.from(operations, ([name, operation]) => [
      name,
      {
        about: operation.about,
        errors: inPrecedence(operation.errors).map((code) => `${code} (${answers[code].status})`),
        parameters: parametersOf(operation)
      }
    ])
  )

/** One line of JSON. The command reads it instead of the catalogues, whose handlers load the whole engine. */
export const generateCommandTable = (): string =>
  `${JSON.stringify(
    Object.fromEntries(
      Object.entries(apis).map(([name, api]) => [name, { version: api.version, operations: operationsOf(api) }])
    )
  )}\n`
