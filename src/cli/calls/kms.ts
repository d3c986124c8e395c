/** `keystate kms <Operation> --Param value`: the vendor's flags, JSON output, on a server or a data directory. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { ApiName } from "../../operation/apis.ts"
import { askServer } from "./client.ts"
import { listed, operationNamesOf } from "./operationTable.ts"
import { confirmed, yesFlag } from "../output/confirm.ts"
import { printReply, replyOf } from "../output/print.ts"
import { refusedBy } from "./refusedBy.ts"
import { targetFlags } from "./target.ts"
import type { Called, Parameters, Target } from "./target.ts"

/** Every parameter is text, as on the wire. The operation parses it and reports errors. */
const parameterFlags = (name: string): Record<string, Flag.Flag<Option.Option<string>>> =>
  Object.fromEntries(
    Object.entries(listed("kms", name).parameters).map(([parameter, { about, form, required }]) => [
      parameter,
      Flag.String(parameter).pipe(
        Flag.withDescription(`${about} ${required ? "Required" : "Optional"}: ${form}.`),
        Flag.optional
      )
    ])
  )

/** Only a call without a server loads the engine. */
const askHere = (target: Target, called: Called) =>
  Effect.flatMap(
    Effect.promise(() => import("./here.ts")),
    (here) => here.ask(target, called)
  )

/** Performs one operation on a server, which finds the region in RegionId (decision 11). */
const askAt = (endpoint: string, region: Option.Option<string>, { parameters, ...called }: Called) => {
  const addressed = Option.isNone(region) ? parameters : { RegionId: region.value, ...parameters }
  return askServer(endpoint, { ...called, parameters: addressed }, process.env)
}

/** Performs one operation on a server. A refusal is printed with its hint. */
export const performAt = (endpoint: string, region: Option.Option<string>, called: Called) =>
  Effect.catch(askAt(endpoint, region, called), (error) => Effect.fail(refusedBy(error)))

/** Performs one operation. A refusal is printed with its hint. */
export const perform = (target: Target, operation: string, parameters: Parameters, api: ApiName = "kms") =>
  Option.match(target.endpoint, {
    onNone: () =>
      Effect.catch(askHere(target, { api, operation, parameters }), (error) => Effect.fail(refusedBy(error))),
    onSome: (endpoint) => performAt(endpoint, target.region, { api, operation, parameters })
  })

/** Performs one operation and prints its reply. */
const carryOut = (target: Target, operation: string, parameters: Parameters) =>
  Effect.flatMap(perform(target, operation, parameters), (reply) => printReply(replyOf(operation, reply, "json")))

/** A description of the operation, and its errors apart from those of every call. */
const described = (name: string): string => {
  const { about, errors } = listed("kms", name)
  const lines = errors.map((error) => `\n    ${error}`)
  return lines.length === 0 ? about : `${about}\n\n  Errors, beside those of every call:${lines.join("")}`
}

/** The question for the user before the call. */
const questions: Readonly<Record<string, string>> = {
  ScheduleKeyDeletion: "The key stops working now, and is deleted when its waiting period ends. Continue?",
  DeleteKeyMaterial: "Nothing can be decrypted until the same material is imported again. Continue?",
  DeleteAlias: "Calls that use the alias fail from now on. Continue?"
}

/** `--yes`, for operations that ask for confirmation. */
const sureFlag = (name: string): { readonly sure?: typeof yesFlag } =>
  questions[name] === undefined ? {} : { sure: yesFlag }

const operationCommand = (name: string) =>
  Command.make(
    name,
    { parameters: parameterFlags(name), ...sureFlag(name), target: targetFlags },
    ({ target, parameters, sure = false }) => {
      const question = questions[name]
      const given = Object.entries(parameters).flatMap(([parameter, value]) =>
        Option.isSome(value) ? [[parameter, value.value] as const] : []
      )
      return Effect.andThen(
        question === undefined ? Effect.void : confirmed(question, sure),
        carryOut(target, name, Object.fromEntries(given))
      )
    }
  ).pipe(Command.withDescription(described(name)), Command.withShortDescription(listed("kms", name).about))

const [first, ...rest] = operationNamesOf("kms").map(operationCommand)
if (first === undefined) throw new Error("the API has operations")

export const kms = Command.make("kms").pipe(
  Command.withSubcommands([first, ...rest]),
  Command.withExamples([
    { command: "keystate kms CreateKey --Description orders", description: "In the data directory" },
    {
      command: "keystate kms DescribeKey --KeyId <id> --endpoint http://127.0.0.1:8787",
      description: "On a running server"
    }
  ])
)
