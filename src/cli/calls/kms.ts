/** `keystate kms <Operation> --Param value`: the vendor's flags, JSON output, on a server or a data directory. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { ApiName } from "../../operation/apis.ts"
import { askServer } from "./client.ts"
import { listed, operationNamesOf } from "./operationTable.ts"
import type { ListedParameter } from "./operationTable.ts"
import { confirmed, yesFlag } from "../output/confirm.ts"
import { FoldedFlags } from "../output/help.ts"
import { contentOf } from "../output/input.ts"
import { printReply, replyOf } from "../output/print.ts"
import { refusedBy } from "./refusedBy.ts"
import { foldedFlags, targetFlags } from "./target.ts"
import type { Called, Parameters, Target } from "./target.ts"

/** A text in one of these forms never begins with `@`, and is never `-`. */
const isFromFile = ({ form }: ListedParameter): boolean => /^(Base64|JSON)/.test(form)

const isRefused = ({ form }: ListedParameter): boolean => form.startsWith("not supported")

/** Required parameters come first, and those that every call refuses last. */
const rankOf = (parameter: ListedParameter): number => (isRefused(parameter) ? 2 : Number(!parameter.required))

/** Every parameter is text, as on the wire. The operation parses it and reports errors. */
const parameterFlags = (name: string): Record<string, Flag.Flag<Option.Option<string>>> =>
  Object.fromEntries(
    Object.entries(listed("kms", name).parameters)
      .toSorted(([, one], [, other]) => rankOf(one) - rankOf(other))
      .map(([parameter, about]) => {
        const form = isFromFile(about) ? `${about.form}, @FILE or -` : about.form
        const flag = Flag.String(parameter).pipe(
          Flag.withDescription(`${about.about} ${about.required ? "Required" : "Optional"}: ${form}.`)
        )
        return [parameter, about.required ? Flag.map(flag, Option.some) : Flag.optional(flag)]
      })
  )

/** The texts of parameters, with those from files. The end of a file's last line is not part of the text. */
const textsOf = Effect.fnUntraced(function* (name: string, given: Readonly<Record<string, Option.Option<string>>>) {
  const texts: Record<string, string> = {}
  for (const [parameter, value] of Object.entries(given)) {
    if (Option.isNone(value)) continue
    const about = listed("kms", name).parameters[parameter]
    const isRead = about !== undefined && isFromFile(about)
    texts[parameter] = isRead ? (yield* contentOf(value.value, "The file")).replace(/\r?\n$/, "") : value.value
  }
  return texts
})

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
    ({ target, parameters, sure = false }) =>
      Effect.gen(function* () {
        const question = questions[name]
        if (question !== undefined) yield* confirmed(question, sure)
        yield* carryOut(target, name, yield* textsOf(name, parameters))
      })
  ).pipe(
    Command.withDescription(described(name)),
    Command.withShortDescription(listed("kms", name).about),
    Command.annotate(FoldedFlags, foldedFlags)
  )

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
