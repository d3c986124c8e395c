/** Keystate's own: accounts, sessions that a root issues, and names that earlier releases gave to operations of RAM. */
import { Effect, Redacted } from "effect"
import { refuse } from "../../domain/errors.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import { AccountId, isAccountId } from "../../domain/ids.ts"
import { roleSessionSeconds, sessionPolicyCharsMax, sessionSeconds } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import { newRoleId } from "../../ram/ids.ts"
import * as roles from "../../ram/roles.ts"
import { trustOf } from "../../ram/trust.ts"
import type { AccessKeyPair } from "../../authorization/accessControl.ts"
import { operation, serverOperation } from "../operation.ts"
import type { Operation } from "../operation.ts"
import { offsetOf, paging } from "../paging.ts"
import { defaulted, integer, optional, required, text, wireBytesPerAsciiChar } from "../parameters.ts"
import type { Source } from "../parameters.ts"
import { actorOf, RoleName } from "./ramParameters.ts"
import { ramOperations } from "../ram/catalogue.ts"
import { change, done, onRoles, ramOperation } from "../ram/ramOperation.ts"
import { sessionName } from "../sts/operations.ts"

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

export const CreateAccount = serverOperation({
  about: "Creates another account. Its root's secret is shown this once. Only the root of the server's account may.",
  changes: true,
  Request: { AccountId: optional(accountId, "Its id; drawn at random if absent.") },
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
      const offset = offsetOf(request)
      const { PageNumber, PageSize } = request
      const Account = accounts.slice(offset, offset + PageSize).map(({ id, createdAt }) => ({
        AccountId: id,
        CreateDate: createdAt === undefined ? "" : formatInstant(createdAt)
      }))
      return { Accounts: { Account }, TotalCount: accounts.length, PageNumber, PageSize }
    })
})

export const AssumeRole = operation({
  about:
    "Issues temporary credentials of a role to the account's root, which STS does not let assume roles. They expire in " +
    "real time, whatever the lifecycle clock says.",
  Request: {
    RoleName,
    RoleSessionName: required(
      { read: sessionName.read, form: sessionName.form },
      "Who uses the role, as the audit log names it."
    ),
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
    return Effect.map(call.world.access.issueSession(actorOf(call), session), (credentials) => ({
      AssumedRoleUser: { Arn: credentials.arn },
      Credentials: {
        ...pairShown(credentials),
        SecurityToken: credentials.securityToken,
        Expiration: formatInstant(credentials.expiresAt)
      }
    }))
  }
})

/** RAM's CreateRole for earlier programs, which give no trust policy. */
const CreateRole = ramOperation({
  about: "Creates a role that users and roles of the account can assume. RAM's CreateRole takes a trust policy.",
  changes: true,
  Request: { RoleName },
  on: onRoles,
  handle: (request, call) => {
    const { clock, randomness } = call.world
    const role = {
      name: request.RoleName,
      id: newRoleId(randomness),
      trust: trustOf(call.realm.account),
      description: "",
      maxSessionSeconds: roleSessionSeconds.maximum,
      tags: {},
      at: clock.now()
    }
    return done(change(call, (shelf) => roles.createRole(shelf, role)))
  }
})

const custom = (source: Source): Source => ({
  get: (name) => source.get(name) ?? (name === "PolicyType" ? "Custom" : undefined),
  names: () => source.names()
})

/** KMS has one code for each parameter that is not valid, where RAM has several. */
const inKmsWords = (error: AnyKmsError): AnyKmsError =>
  error.code.startsWith("InvalidParameter.")
    ? refuse("InvalidParameter", {
        ...(error.parameter === undefined ? {} : { parameter: error.parameter }),
        ...(error.hint === undefined ? {} : { hint: error.hint })
      })
    : error

const earlier = <In, A>(known: Operation<In, A>): Operation<In, A> => ({
  ...known,
  run: (source, settings) => {
    const prepared = known.run(source, settings)
    return prepared.ok ? prepared : { ok: false, error: inKmsWords(prepared.error) }
  }
})

type WithoutType<In> = Omit<In, "PolicyType"> & { readonly PolicyType?: "Custom" | "System" | undefined }

/** For programs that know policies of the account only. */
const ofCustomPolicies = <In, A>(known: Operation<In, A>): Operation<WithoutType<In>, A> => {
  const { input: _input, ...rest } = earlier(known)
  return { ...rest, run: (source, settings) => rest.run(custom(source), settings) }
}

/** Operations of RAM that earlier releases answered under KMS's version. The published KMS API has none of these names. */
export const earlierNames = {
  CreateUser: earlier(ramOperations.CreateUser),
  DeleteUser: earlier(ramOperations.DeleteUser),
  ListUsers: earlier(ramOperations.ListUsers),
  CreateAccessKey: earlier(ramOperations.CreateAccessKey),
  UpdateAccessKey: earlier(ramOperations.UpdateAccessKey),
  DeleteAccessKey: earlier(ramOperations.DeleteAccessKey),
  ListAccessKeys: earlier(ramOperations.ListAccessKeys),
  GetPolicy: ofCustomPolicies(ramOperations.GetPolicy),
  AttachPolicyToUser: ofCustomPolicies(ramOperations.AttachPolicyToUser),
  DetachPolicyFromUser: ofCustomPolicies(ramOperations.DetachPolicyFromUser),
  ListPoliciesForUser: earlier(ramOperations.ListPoliciesForUser),
  CreateRole: earlier(CreateRole),
  DeleteRole: earlier(ramOperations.DeleteRole),
  ListRoles: earlier(ramOperations.ListRoles),
  AttachPolicyToRole: ofCustomPolicies(ramOperations.AttachPolicyToRole),
  DetachPolicyFromRole: ofCustomPolicies(ramOperations.DetachPolicyFromRole),
  ListPoliciesForRole: earlier(ramOperations.ListPoliciesForRole)
} as const
