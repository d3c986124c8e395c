/** `keystate explain`: whether a principal may call an operation, why, and what would change it. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { perform } from "./kms.ts"
import { foldedFlags, targetFlags } from "./target.ts"
import { FoldedFlags } from "../output/help.ts"
import { printReply } from "../output/print.ts"
import { jsonFlag } from "../settings/flags.ts"

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const member = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined)

const listIn = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** A name in brackets is a policy that RAM has no name for. */
const policyNamed = (policy: unknown): string => (policy === "(key policy)" ? "the key's policy" : String(policy))

const checkLine = (check: unknown): ReadonlyArray<string> => {
  const [effect, action, resource] = ["Effect", "Action", "Resource"].map((name) => String(member(check, name)))
  const policy = member(check, "PolicyName")
  const by = policy === undefined ? "" : ` (statement ${String(member(check, "Statement"))} of ${policyNamed(policy)})`
  const advice = member(check, "Advice")
  const line = `  ${(effect ?? "").padEnd(8)} ${action} on ${resource}${by}`
  return advice === undefined ? [line] : [line, `           ${String(advice)}`]
}

const because: Readonly<Record<string, string>> = {
  ok: "no policy and no key state forbids it",
  policy: "by the policies",
  state: "by the state of the key"
}

/** First the decision, then every check, then advice. */
const told = (reply: object): ReadonlyArray<string> => {
  const states = listIn(member(member(reply, "AllowedStates"), "State"))
  const code = member(reply, "RefusalCode")
  const keyState = member(reply, "KeyState")
  const isState = member(reply, "Decision") === "state"
  return [
    `${String(member(reply, "Principal"))}: ${member(reply, "Allowed") === true ? "allowed" : "refused"}, ${because[String(member(reply, "Decision"))] ?? ""}`,
    ...(code === undefined ? [] : [`  ${String(code)}`]),
    ...listIn(member(member(reply, "Checks"), "Check")).flatMap(checkLine),
    ...(keyState === undefined ? [] : [`  the key is ${String(keyState)}; the call needs ${states.join(" or ")}`]),
    ...(isState && isRecord(reply) && reply["RefusalHint"] !== undefined ? [`  ${String(reply["RefusalHint"])}`] : [])
  ]
}

const flags = {
  As: Flag.String("as").pipe(
    Flag.withDescription("Principal: root, the name of a user, or role/NAME"),
    Flag.map(Option.some)
  ),
  Operation: Flag.String("operation").pipe(Flag.withDescription("Name of the operation"), Flag.map(Option.some)),
  KeyId: Flag.String("KeyId").pipe(Flag.withDescription("Key of the call: id, ARN or alias"), Flag.optional),
  DestinationKeyId: Flag.String("DestinationKeyId").pipe(
    Flag.withDescription("Key that ReEncrypt encrypts with"),
    Flag.optional
  ),
  AliasName: Flag.String("AliasName").pipe(Flag.withDescription("Alias of the call"), Flag.optional),
  SourceIp: Flag.String("source-ip").pipe(Flag.withDescription("Address of the client"), Flag.optional)
} as const

export const explain = Command.make("explain", { asked: flags, json: jsonFlag, target: targetFlags }, (settings) => {
  const parameters = Object.entries(settings.asked).flatMap(([name, value]) =>
    Option.isSome(value) ? [[name, value.value] as const] : []
  )
  return Effect.flatMap(perform(settings.target, "ExplainAccess", Object.fromEntries(parameters)), (value) =>
    printReply({ value, normally: settings.json ? "json" : "table", table: told })
  )
}).pipe(
  Command.annotate(FoldedFlags, foldedFlags),
  Command.withExamples([
    {
      command: "keystate explain --as alice --operation Encrypt --KeyId alias/orders",
      description: "May alice encrypt with the key?"
    }
  ])
)
