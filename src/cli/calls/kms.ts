/** `keystate kms <Operation> --Param value`: the vendor CLI's spelling, JSON out, on a server or a data directory. */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { answers, inPrecedence, isKmsError } from "../../domain/errors.ts"
import { engineLayer } from "../../main.ts"
import { Dispatch } from "../../requests/dispatch.ts"
import { Randomness } from "../../platform/services.ts"
import type { ApiName } from "../../operation/apis.ts"
import { catalogue } from "../../operation/catalogue.ts"
import type { OperationName } from "../../operation/catalogue.ts"
import { fromObject } from "../../operation/parameters.ts"
import { operationNames } from "../../kms.ts"
import { askServer } from "./client.ts"
import { userError } from "../output/userError.ts"
import { defaultRegion, engineFlags, endpointFlag } from "../settings/engineFlags.ts"
import { engineOptions } from "../settings/engineOptions.ts"
import { optionalText } from "../settings/flags.ts"

export const targetFlags = {
  ...engineFlags,
  region: optionalText({
    flag: "region",
    setting: "region",
    about: `Region of the call (default: the server's region, or ${defaultRegion} without --endpoint)`
  }),
  endpoint: endpointFlag("URL of a running server (default: open the data directory)")
} as const

export type Target = Command.Command.Config.Infer<typeof targetFlags>

/** Every parameter is text, as on the wire. The operation reads it and names what is wrong. */
const parameterFlags = (name: OperationName): Record<string, Flag.Flag<Option.Option<string>>> =>
  Object.fromEntries(
    Object.entries(catalogue[name].parameters).map(([parameter, { about, form, required }]) => [
      parameter,
      Flag.String(parameter).pipe(
        Flag.withDescription(`${about} ${required ? "Required" : "Optional"}: ${form}.`),
        Flag.optional
      )
    ])
  )

type Parameters = Readonly<Record<string, string>>

const askHere = (target: Target, operation: string, parameters: Parameters, api: ApiName) =>
  Effect.gen(function* () {
    const region = Option.getOrElse(target.region, () => defaultRegion)
    const options = yield* engineOptions({ ...target, region }, process.env)
    return yield* Effect.gen(function* () {
      const { ask } = yield* Dispatch
      const randomness = yield* Randomness
      return yield* ask({
        api,
        operation,
        source: fromObject(parameters),
        caller: { kind: "root", account: options.realm.account },
        realm: options.realm,
        requestId: randomness.uuid()
      })
    }).pipe(
      Effect.provide(engineLayer(options)),
      Effect.catchTag("StoreUnusable", ({ message }) =>
        Effect.fail(
          userError(`${message}\n  If a server is running on it, call the server: --endpoint http://127.0.0.1:8787`)
        )
      )
    )
  })

/** Carries out one operation. A refusal is printed with its hint. */
export const perform = (target: Target, operation: string, parameters: Parameters, api: ApiName = "kms") =>
  Effect.gen(function* () {
    const { endpoint, region } = target
    if (Option.isNone(endpoint)) return yield* askHere(target, operation, parameters, api)
    // A server finds the region in RegionId (decision 11).
    const addressed = Option.isNone(region) ? parameters : { RegionId: region.value, ...parameters }
    return yield* askServer(endpoint.value, { operation, api, parameters: addressed }, process.env)
  }).pipe(
    Effect.catch((error) => {
      if (isKmsError(error)) {
        const hint = error.hint === undefined ? "" : `\n  ${error.hint}`
        return Effect.fail(userError(`${error.code} (${error.httpStatus}): ${error.message}${hint}`))
      }
      return Effect.fail(userError(error.message))
    })
  )

/** Carries out one operation and prints its reply. */
const carryOut = (target: Target, operation: OperationName, parameters: Readonly<Record<string, string>>) =>
  Effect.flatMap(perform(target, operation, parameters), (reply) => Console.log(JSON.stringify(reply, null, 2)))

/** What it does, and the errors it answers with beside those of every call. */
const described = (name: OperationName): string => {
  const { about, errors } = catalogue[name]
  const listed = inPrecedence(errors).map((code) => `\n    ${code} (${answers[code].status})`)
  return listed.length === 0 ? about : `${about}\n\n  Errors, beside those of every call:${listed.join("")}`
}

const operationCommand = (name: OperationName) =>
  Command.make(name, { target: targetFlags, parameters: parameterFlags(name) }, ({ target, parameters }) =>
    carryOut(
      target,
      name,
      Object.fromEntries(
        Object.entries(parameters).flatMap(([parameter, value]) =>
          Option.isSome(value) ? [[parameter, value.value] as const] : []
        )
      )
    )
  ).pipe(Command.withDescription(described(name)), Command.withShortDescription(catalogue[name].about))

const [first, ...rest] = operationNames.map(operationCommand)
if (first === undefined) throw new Error("the catalogue is not empty")

export const kms = Command.make("kms").pipe(
  Command.withDescription("Call an operation of the KMS API"),
  Command.withSubcommands([first, ...rest]),
  Command.withExamples([
    { command: "keystate kms CreateKey --Description orders", description: "In the data directory" },
    {
      command: "keystate kms DescribeKey --KeyId <id> --endpoint http://127.0.0.1:8787",
      description: "On a running server"
    }
  ])
)
