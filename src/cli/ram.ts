/** `keystate ram`: accounts, users, roles, policies and access keys, on a server or a data directory. */
import { readFileSync } from "node:fs"
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { CliError } from "effect/cli"
import { page } from "../domain/limits.ts"
import { catalogue } from "../operation/catalogue.ts"
import type { OperationName } from "../operation/catalogue.ts"
import { perform, targetFlags } from "./kms.ts"
import { readable } from "./readable.ts"
import { userError } from "./settings.ts"

/** How a parameter is written: the subject of the command, or a flag; a document may be a file. */
interface Written {
  readonly as: "argument" | "flag" | "optional flag" | "document" | "optional document"
  readonly name: string
}

type Parameters = Readonly<Record<string, Written>>

interface Row {
  readonly command: string
  readonly operation: OperationName
  readonly parameters?: Parameters
  /** Parameters that are the same for every call. */
  readonly fixed?: Readonly<Record<string, string>>
}

const subject = (name: string): Written => ({ as: "argument", name })
const flag = (name: string): Written => ({ as: "flag", name })

const wholePage = { PageSize: String(page.sizeMaximum) }
const user = { UserName: flag("user") } as const
const accessKey = { UserAccessKeyId: subject("access-key-id"), ...user } as const
const document = { PolicyName: subject("name"), PolicyDocument: { as: "document", name: "document" } } as const

const groups: Readonly<Record<string, ReadonlyArray<Row>>> = {
  account: [
    { command: "create", operation: "CreateAccount", parameters: { AccountId: { as: "optional flag", name: "id" } } },
    { command: "list", operation: "ListAccounts", fixed: wholePage }
  ],
  user: [
    { command: "create", operation: "CreateUser", parameters: { UserName: subject("name") } },
    { command: "delete", operation: "DeleteUser", parameters: { UserName: subject("name") } },
    { command: "list", operation: "ListUsers", fixed: wholePage },
    { command: "policies", operation: "ListPoliciesForUser", parameters: { UserName: subject("name") } }
  ],
  role: [
    { command: "create", operation: "CreateRole", parameters: { RoleName: subject("name") } },
    { command: "delete", operation: "DeleteRole", parameters: { RoleName: subject("name") } },
    { command: "list", operation: "ListRoles", fixed: wholePage },
    { command: "policies", operation: "ListPoliciesForRole", parameters: { RoleName: subject("name") } }
  ],
  policy: [
    { command: "create", operation: "CreatePolicy", parameters: document },
    { command: "update", operation: "UpdatePolicy", parameters: document },
    { command: "delete", operation: "DeletePolicy", parameters: { PolicyName: subject("name") } },
    { command: "show", operation: "GetPolicy", parameters: { PolicyName: subject("name") } },
    { command: "list", operation: "ListPolicies", fixed: wholePage },
    {
      command: "attach-to-user",
      operation: "AttachPolicyToUser",
      parameters: { PolicyName: subject("name"), ...user }
    },
    {
      command: "detach-from-user",
      operation: "DetachPolicyFromUser",
      parameters: { PolicyName: subject("name"), ...user }
    },
    {
      command: "attach-to-role",
      operation: "AttachPolicyToRole",
      parameters: { PolicyName: subject("name"), RoleName: flag("role") }
    },
    {
      command: "detach-from-role",
      operation: "DetachPolicyFromRole",
      parameters: { PolicyName: subject("name"), RoleName: flag("role") }
    }
  ],
  "access-key": [
    { command: "create", operation: "CreateAccessKey", parameters: user },
    { command: "activate", operation: "UpdateAccessKey", parameters: accessKey, fixed: { Status: "Active" } },
    { command: "deactivate", operation: "UpdateAccessKey", parameters: accessKey, fixed: { Status: "Inactive" } },
    { command: "delete", operation: "DeleteAccessKey", parameters: accessKey },
    { command: "list", operation: "ListAccessKeys", parameters: user }
  ]
}

const assumeRole: Row = {
  command: "assume-role",
  operation: "AssumeRole",
  parameters: {
    RoleName: subject("role"),
    RoleSessionName: flag("session"),
    Policy: { as: "optional document", name: "policy" },
    DurationSeconds: { as: "optional flag", name: "seconds" }
  }
}

/** A document in the argument itself, or `@path` of a file that holds it. */
const documentOf = (written: string): Effect.Effect<string, CliError.UserError> =>
  written.startsWith("@")
    ? Effect.try({
        try: () => readFileSync(written.slice(1), "utf8"),
        catch: () => userError(`The policy document ${written.slice(1)} cannot be read.`)
      })
    : Effect.succeed(written)

const aboutOf = (operation: OperationName, parameter: string): string => {
  const found = Object.entries(catalogue[operation].parameters).find(([name]) => name === parameter)
  return found === undefined ? "" : `${found[1].about} ${found[1].form}`
}

const parameterOf = (operation: OperationName, parameter: string, { as, name }: Written) => {
  const about = aboutOf(operation, parameter)
  const isDocument = as === "document" || as === "optional document"
  const described = isDocument ? `${about}, or @file` : about
  if (as === "argument") {
    return Argument.String(name).pipe(
      Argument.withDescription(described),
      Argument.map((given) => Option.some(given))
    )
  }
  const written = Flag.String(name).pipe(Flag.withDescription(described))
  return as === "optional flag" || as === "optional document"
    ? Flag.optional(written)
    : Flag.map(written, (given) => Option.some(given))
}

export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDescription("Print the reply as JSON"),
  Flag.withDefault(false)
)

const printed = (reply: object, json: boolean): string => {
  if (json) return JSON.stringify(reply, null, 2)
  const lines = readable(reply)
  return lines.length === 0 ? "done" : lines.join("\n")
}

const commandOf = ({ command, operation, parameters = {}, fixed = {} }: Row) => {
  const given = Object.fromEntries(
    Object.entries(parameters).map(([name, written]) => [name, parameterOf(operation, name, written)])
  )
  return Command.make(command, { target: targetFlags, given, json: jsonFlag }, (settings) =>
    Effect.gen(function* () {
      const asked: Record<string, string> = { ...fixed }
      for (const [name, value] of Object.entries(settings.given)) {
        if (Option.isNone(value)) continue
        const isDocument = parameters[name]?.as.endsWith("document") === true
        asked[name] = isDocument ? yield* documentOf(value.value) : value.value
      }
      yield* Console.log(printed(yield* perform(settings.target, operation, asked), settings.json))
    })
  ).pipe(Command.withDescription(catalogue[operation].about))
}

const groupOf = (name: string, rows: ReadonlyArray<Row>) => {
  const [first, ...rest] = rows.map(commandOf)
  if (first === undefined) throw new Error(`the group ${name} is not empty`)
  return Command.make(name).pipe(Command.withDescription(`Manage: ${name}`), Command.withSubcommands([first, ...rest]))
}

export const ram = Command.make("ram").pipe(
  Command.withDescription("Manage who may do what: accounts, users, roles, policies and access keys"),
  Command.withSubcommands([
    commandOf(assumeRole),
    ...Object.entries(groups).map(([name, rows]) => groupOf(name, rows))
  ]),
  Command.withExamples([
    { command: "keystate ram user create alice", description: "A user, who may do nothing yet" },
    { command: "keystate ram policy create readers --document @readers.json", description: "A policy from a file" },
    { command: "keystate ram access-key create --user alice", description: "The secret is shown once" }
  ])
)
