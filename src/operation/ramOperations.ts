/** Keystate's own: accounts, users and their access keys, roles and their sessions (the vendor's are RAM and STS). */
import { Effect, Redacted } from "effect"
import { AccountId, isAccountId } from "../domain/ids.ts"
import { sessionNameChars, sessionPolicyCharsMax, sessionSeconds } from "../domain/limits.ts"
import { formatInstant } from "../domain/time.ts"
import type { AccessKeyPair, Named } from "./accessControl.ts"
import { operation, serverOperation } from "./operation.ts"
import { paging } from "./paging.ts"
import { defaulted, integer, oneOf, optional, required, text, wireBytesPerAsciiChar } from "./parameters.ts"
import { actorOf, pageOf, RoleName, UserAccessKeyId, UserName } from "./ramParameters.ts"

const root = { on: "root" } as const

const accountId = {
  read: (given: unknown): AccountId | undefined =>
    typeof given === "string" && isAccountId(given) ? AccountId.make(given) : undefined,
  form: "1 to 16 digits",
  wireBytesMax: 16 * wireBytesPerAsciiChar
} as const

const pairShown = ({ accessKeyId, secret }: AccessKeyPair) => ({
  AccessKeyId: accessKeyId,
  AccessKeySecret: Redacted.value(secret)
})

const done = Effect.as({})
const since = ({ createdAt }: Named): string => formatInstant(createdAt)

export const CreateAccount = serverOperation({
  about: "Makes another account. Its root's secret is shown this once. Only the root of the server's own account may.",
  changes: true,
  Request: { AccountId: optional(accountId, "Its id; made up if absent.") },
  handle: (request, call) =>
    Effect.map(call.world.access.createAccount(actorOf(call), { id: request.AccountId }), ({ id, pair }) => ({
      Account: { AccountId: id, RootAccessKey: pairShown(pair) }
    }))
})

export const ListAccounts = operation({
  about: "Lists all accounts, for the root of the server's own; for another's root, its own.",
  Request: paging,
  permission: root,
  handle: (request, call) =>
    Effect.map(call.world.access.accounts(actorOf(call)), (accounts) => {
      const { items, counts } = pageOf(accounts, request)
      const Account = items.map(({ id, createdAt }) => ({
        AccountId: id,
        CreateDate: createdAt === undefined ? "" : formatInstant(createdAt)
      }))
      return { Accounts: { Account }, ...counts }
    })
})

export const CreateUser = operation({
  about: "Makes a user, who has no access key and may do nothing yet.",
  changes: true,
  Request: { UserName },
  permission: root,
  handle: (request, call) => done(call.world.access.createUser(actorOf(call), request.UserName))
})

export const DeleteUser = operation({
  about: "Deletes a user who has neither access keys nor policies any more.",
  changes: true,
  Request: { UserName },
  permission: root,
  handle: (request, call) => done(call.world.access.deleteUser(actorOf(call), request.UserName))
})

export const ListUsers = operation({
  about: "Lists the users of the account, by name.",
  Request: paging,
  permission: root,
  handle: (request, { realm, world }) =>
    Effect.map(world.access.users(realm.account), (users) => {
      const { items, counts } = pageOf(users, request)
      return { Users: { User: items.map((user) => ({ UserName: user.name, CreateDate: since(user) })) }, ...counts }
    })
})

export const CreateAccessKey = operation({
  about: "Makes an access key for a user, who has at most two. The secret is shown this once.",
  changes: true,
  Request: { UserName },
  permission: root,
  handle: (request, call) =>
    Effect.map(call.world.access.createAccessKey(actorOf(call), { user: request.UserName }), (pair) => ({
      AccessKey: { ...pairShown(pair), Status: "Active" }
    }))
})

export const UpdateAccessKey = operation({
  about: "Switches an access key of a user off or on again.",
  changes: true,
  Request: { UserName, UserAccessKeyId, Status: required(oneOf(["Active", "Inactive"]), "What it is from now on.") },
  permission: root,
  handle: ({ UserName, UserAccessKeyId, Status }, call) => {
    const key = { user: UserName, accessKeyId: UserAccessKeyId, active: Status === "Active" }
    return done(call.world.access.updateAccessKey(actorOf(call), key))
  }
})

export const DeleteAccessKey = operation({
  about: "Deletes an access key of a user.",
  changes: true,
  Request: { UserName, UserAccessKeyId },
  permission: root,
  handle: ({ UserName, UserAccessKeyId }, call) =>
    done(call.world.access.deleteAccessKey(actorOf(call), { user: UserName, accessKeyId: UserAccessKeyId }))
})

export const ListAccessKeys = operation({
  about: "Lists the access keys of a user, without their secrets.",
  Request: { UserName },
  permission: root,
  handle: (request, { realm, world }) =>
    Effect.map(world.access.accessKeys(realm.account, request.UserName), (keys) => ({
      AccessKeys: {
        AccessKey: keys.map(({ accessKeyId, active, createdAt }) => ({
          AccessKeyId: accessKeyId,
          Status: active ? "Active" : "Inactive",
          CreateDate: formatInstant(createdAt)
        }))
      }
    }))
})

export const CreateRole = operation({
  about: "Makes a role, which may do nothing yet.",
  changes: true,
  Request: { RoleName },
  permission: root,
  handle: (request, call) => done(call.world.access.createRole(actorOf(call), request.RoleName))
})

export const DeleteRole = operation({
  about:
    "Deletes a role that has no policies any more. Its sessions end at once, also if a role of its name is made again.",
  changes: true,
  Request: { RoleName },
  permission: root,
  handle: (request, call) => done(call.world.access.deleteRole(actorOf(call), request.RoleName))
})

export const ListRoles = operation({
  about: "Lists the roles of the account, by name.",
  Request: paging,
  permission: root,
  handle: (request, { realm, world }) =>
    Effect.map(world.access.roles(realm.account), (roles) => {
      const { items, counts } = pageOf(roles, request)
      return { Roles: { Role: items.map((role) => ({ RoleName: role.name, CreateDate: since(role) })) }, ...counts }
    })
})

const sessionName = {
  read: (given: unknown): string | undefined =>
    typeof given === "string" &&
    /^[A-Za-z0-9.@_-]+$/.test(given) &&
    given.length >= sessionNameChars.minimum &&
    given.length <= sessionNameChars.maximum
      ? given
      : undefined,
  form: `${sessionNameChars.minimum} to ${sessionNameChars.maximum} letters, digits, \`.\`, \`@\`, \`_\` or \`-\``
} as const

export const AssumeRole = operation({
  about: "Issues temporary credentials of a role. They expire in real time, whatever the lifecycle clock says.",
  Request: {
    RoleName,
    RoleSessionName: required(sessionName, "Who uses the role, as the audit log is to name it."),
    Policy: optional(
      {
        ...text({ charsMin: 1, charsMax: sessionPolicyCharsMax }),
        form: `JSON, up to ${sessionPolicyCharsMax} characters`
      },
      "A policy document that must allow as well; it narrows what the role may do."
    ),
    DurationSeconds: defaulted(integer(sessionSeconds), sessionSeconds.default, "How long, in seconds.")
  },
  permission: root,
  handle: (request, call) => {
    const { RoleName, RoleSessionName, Policy, DurationSeconds } = request
    const session = { role: RoleName, session: RoleSessionName, policy: Policy, seconds: DurationSeconds }
    return Effect.map(call.world.access.assumeRole(actorOf(call), session), (credentials) => ({
      AssumedRoleUser: { Arn: credentials.arn },
      Credentials: {
        ...pairShown(credentials),
        SecurityToken: credentials.securityToken,
        Expiration: formatInstant(credentials.expiresAt)
      }
    }))
  }
})
