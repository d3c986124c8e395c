/** The commands of `keystate ram`: the operation that each one calls, and how its parameters are written. */
import { Effect } from "effect"
import type { CliError } from "effect/cli"
import { AccountId } from "../../domain/ids.ts"
import { page, ramPage } from "../../domain/limits.ts"
import type { ApiName } from "../../operation/apis.ts"
import { trustOf } from "../../ram/trust.ts"
import { perform } from "./kms.ts"
import type { Target } from "./target.ts"

/** How a parameter is given: as the argument of the command or as a flag. A document may come from a file. */
export interface Written {
  readonly as: "argument" | "flag" | "optional flag" | "document" | "optional document"
  readonly name: string
}

export type Parameters = Readonly<Record<string, Written>>

export interface Row {
  readonly command: string
  /** The API of the operation; RAM if absent. */
  readonly api?: ApiName
  readonly operation: string
  readonly parameters?: Parameters
  /** Fixed parameters, which have no flag. */
  readonly fixed?: Readonly<Record<string, string>>
  /** Prints only "done". */
  readonly quiet?: true
  /** Adds parameters whose default depends on the caller. */
  readonly complete?: (target: Target, asked: GivenParameters) => Effect.Effect<GivenParameters, CliError.UserError>
}

export type GivenParameters = Readonly<Record<string, string>>

const subject = (name: string): Written => ({ as: "argument", name })
const flag = (name: string): Written => ({ as: "flag", name })
const optionalFlag = (name: string): Written => ({ as: "optional flag", name })
const document = { as: "document", name: "document" } as const
const trust = { as: "optional document", name: "trust" } as const

const wholePage = { MaxItems: String(ramPage.maximum) }
const custom = { PolicyType: "Custom" }
const userName = { UserName: subject("name") } as const
const groupName = { GroupName: subject("name") } as const
const roleName = { RoleName: subject("name") } as const
const policyName = { PolicyName: subject("name") } as const
const ofUser = { UserName: flag("user") } as const
const accessKey = { UserAccessKeyId: subject("access-key-id"), ...ofUser } as const
const policy = { ...policyName, PolicyType: optionalFlag("type") } as const
const member = { GroupName: subject("group"), ...ofUser } as const
const version = { ...policyName, VersionId: subject("version") } as const

const creates = (operation: string, parameters: Parameters, more: Partial<Row> = {}): Row => ({
  command: "create",
  operation,
  quiet: true,
  parameters,
  ...more
})

/** The commands that exist for users, groups and roles alike. */
const common = (noun: "User" | "Group" | "Role", parameters: Parameters): ReadonlyArray<Row> => [
  { command: "show", operation: `Get${noun}`, parameters },
  { command: "delete", operation: `Delete${noun}`, parameters },
  { command: "list", operation: `List${noun}s`, fixed: wholePage },
  { command: "policies", operation: `ListPoliciesFor${noun}`, parameters }
]

/** A role that is created without a trust policy can be assumed by the users and roles of its account. */
const withTrust: Row["complete"] = (target, asked) =>
  "AssumeRolePolicyDocument" in asked
    ? Effect.succeed(asked)
    : Effect.map(perform(target, "GetCallerIdentity", {}, "sts"), (caller) => {
        const account = AccountId.make(String(Reflect.get(caller, "AccountId")))
        return { ...asked, AssumeRolePolicyDocument: trustOf(account) }
      })

const holders = [
  { holder: "user", parameter: "UserName" },
  { holder: "group", parameter: "GroupName" },
  { holder: "role", parameter: "RoleName" }
] as const

const attachments = holders.flatMap(({ holder, parameter }): ReadonlyArray<Row> => {
  const suffix = `${holder.charAt(0).toUpperCase()}${holder.slice(1)}`
  const parameters = { ...policy, [parameter]: flag(holder) }
  return [
    { command: `attach-to-${holder}`, operation: `AttachPolicyTo${suffix}`, parameters, fixed: custom },
    { command: `detach-from-${holder}`, operation: `DetachPolicyFrom${suffix}`, parameters, fixed: custom }
  ]
})

export const groups: Readonly<Record<string, ReadonlyArray<Row>>> = {
  account: [
    {
      command: "create",
      api: "kms",
      operation: "CreateAccount",
      parameters: { AccountId: optionalFlag("id") }
    },
    { command: "list", api: "kms", operation: "ListAccounts", fixed: { PageSize: String(page.sizeMaximum) } }
  ],
  user: [
    creates("CreateUser", {
      ...userName,
      DisplayName: optionalFlag("display-name"),
      Email: optionalFlag("email"),
      Comments: optionalFlag("comments")
    }),
    ...common("User", userName),
    { command: "rename", operation: "UpdateUser", quiet: true, parameters: { ...userName, NewUserName: flag("to") } },
    { command: "groups", operation: "ListGroupsForUser", parameters: userName }
  ],
  group: [
    creates("CreateGroup", { ...groupName, Comments: optionalFlag("comments") }),
    ...common("Group", groupName),
    { command: "add-user", operation: "AddUserToGroup", parameters: member },
    { command: "remove-user", operation: "RemoveUserFromGroup", parameters: member },
    { command: "users", operation: "ListUsersForGroup", parameters: groupName, fixed: wholePage }
  ],
  role: [
    creates(
      "CreateRole",
      {
        ...roleName,
        AssumeRolePolicyDocument: trust,
        Description: optionalFlag("description"),
        MaxSessionDuration: optionalFlag("max-session")
      },
      { complete: withTrust }
    ),
    ...common("Role", roleName),
    {
      command: "update",
      operation: "UpdateRole",
      quiet: true,
      parameters: {
        ...roleName,
        NewAssumeRolePolicyDocument: trust,
        NewDescription: optionalFlag("description"),
        NewMaxSessionDuration: optionalFlag("max-session")
      }
    }
  ],
  policy: [
    creates("CreatePolicy", { ...policyName, PolicyDocument: document, Description: optionalFlag("description") }),
    {
      command: "update",
      operation: "CreatePolicyVersion",
      quiet: true,
      parameters: { ...policyName, PolicyDocument: document },
      fixed: { SetAsDefault: "true", RotateStrategy: "DeleteOldestNonDefaultVersionWhenLimitExceeded" }
    },
    { command: "delete", operation: "DeletePolicy", parameters: policyName, fixed: { CascadingDelete: "true" } },
    { command: "show", operation: "GetPolicy", parameters: policy, fixed: custom },
    {
      command: "list",
      operation: "ListPolicies",
      parameters: { PolicyType: optionalFlag("type") },
      fixed: { ...wholePage, ...custom }
    },
    { command: "versions", operation: "ListPolicyVersions", parameters: policy, fixed: custom },
    { command: "set-default-version", operation: "SetDefaultPolicyVersion", parameters: version },
    { command: "delete-version", operation: "DeletePolicyVersion", parameters: version },
    { command: "entities", operation: "ListEntitiesForPolicy", parameters: policy, fixed: custom },
    ...attachments
  ],
  "access-key": [
    { command: "create", operation: "CreateAccessKey", parameters: ofUser },
    { command: "activate", operation: "UpdateAccessKey", parameters: accessKey, fixed: { Status: "Active" } },
    { command: "deactivate", operation: "UpdateAccessKey", parameters: accessKey, fixed: { Status: "Inactive" } },
    { command: "delete", operation: "DeleteAccessKey", parameters: accessKey },
    { command: "list", operation: "ListAccessKeys", parameters: ofUser }
  ]
}

const session = {
  RoleSessionName: flag("session"),
  Policy: { as: "optional document", name: "policy" },
  DurationSeconds: optionalFlag("seconds")
} as const satisfies Parameters

/** The root of an account issues a session of a role of the account; STS does not let a root assume roles. */
export const issue: Row = {
  command: "assume-role",
  api: "kms",
  operation: "AssumeRole",
  parameters: { RoleName: subject("role"), ...session }
}

/** A user or a session assumes a role of this account or of another one. */
export const assume: Row = {
  command: "assume-role-arn",
  api: "sts",
  operation: "AssumeRole",
  parameters: { RoleArn: subject("arn"), ...session, ExternalId: optionalFlag("external-id") }
}

export const whoami: Row = { command: "whoami", api: "sts", operation: "GetCallerIdentity" }
