/** The definition of a RAM operation: a table of parameters, the resources of its permission check, and a handler. */
import { Effect } from "effect"
import type { Result } from "effect"
import type { CallError } from "../../domain/errorGroups.ts"
import type { AnyKmsError, ErrorCode, ErrorOf } from "../../domain/errors.ts"
import type { Decision, AccountEntities } from "../../ram/entities.ts"
import { operation } from "../operation.ts"
import type { Call, Operation } from "../operation.ts"
import type { Conflict, Input, Parameters, ParametersOf, Request } from "../parameters.ts"
import { actorOf } from "./ramParameters.ts"

/** The resources of an operation's permission check, as the vendor's page "RAM authentication" lists them. */
export interface Resources<R> {
  readonly says: string
  /** Relative to the account: `user/alice`; `system:policy/ReadOnlyAccess` for a system policy. */
  readonly of: (request: R, call: Call) => ReadonlyArray<string>
}

const systemPrefix = "system:"

const arnOf = ({ realm }: Call, resource: string): string =>
  resource.startsWith(systemPrefix) ? `acs:ram::${resource}` : `acs:ram::${realm.account}:${resource}`

interface Definition<P extends Parameters, A, Code extends ErrorCode> {
  readonly about: string
  readonly errors: ReadonlyArray<Code>
  readonly changes?: true
  readonly Request: P
  readonly conflict?: Conflict<P, NoInfer<Code>>
  /** The tags that a request adds to a role or a policy. */
  readonly requestTags?: (request: Request<P>) => Readonly<Record<string, string>> | undefined
  readonly on: Resources<Request<P>>
  readonly handle: (request: Request<P>, call: Call) => Effect.Effect<A, ErrorOf<NoInfer<Code>> | CallError>
}

export const ramOperation = <const P extends ParametersOf<Code>, A, const Code extends ErrorCode>({
  on,
  handle,
  ...definition
}: Definition<P, A, Code>): Operation<Input<P>, A, Code> =>
  operation({
    ...definition,
    permission: { on: "found", says: on.says, checks: [] },
    handle: (request: Request<P>, call: Call) =>
      Effect.flatMap(
        Effect.forEach(on.of(request, call), (resource) =>
          call.authorizeRam(`ram:${call.operation}`, arnOf(call, resource))
        ),
        () => handle(request, call)
      )
  })

/** Changes the caller's account. */
export const change = <A, Refused extends AnyKmsError>(
  call: Call,
  decide: (entities: AccountEntities) => Result.Result<Decision<A>, Refused>
): Effect.Effect<A, Refused | CallError> => call.services.access.change(actorOf(call), decide)

/** The RAM entities of the caller's account. */
export const entitiesOf = (call: Call): AccountEntities => call.services.access.entitiesOf(call.realm.account)

export const done = Effect.as({})

interface HasUser {
  readonly UserName: string
}
interface HasPolicy {
  readonly PolicyName: string
  readonly PolicyType: "Custom" | "System"
}

const user = ({ UserName }: HasUser): string => `user/${UserName}`
interface HasGroup {
  readonly GroupName: string
}
interface HasRole {
  readonly RoleName: string
}

const group = ({ GroupName }: HasGroup): string => `group/${GroupName}`
const role = ({ RoleName }: HasRole): string => `role/${RoleName}`
const customPolicy = ({ PolicyName }: { readonly PolicyName: string }): string => `policy/${PolicyName}`
const policy = ({ PolicyName, PolicyType }: HasPolicy): string =>
  PolicyType === "System" ? `${systemPrefix}policy/${PolicyName}` : `policy/${PolicyName}`

const resources = <R>(says: string, ...each: ReadonlyArray<(request: R, call: Call) => string>): Resources<R> => ({
  says,
  of: (request, call) => each.map((one) => one(request, call))
})

/** The named user, or the caller if the request names none. Empty if the caller is not a user. */
export const userOrSelf = ({ UserName }: { readonly UserName?: string | undefined }, { identity }: Call): string =>
  UserName ?? (identity.kind === "user" ? (identity.name ?? "") : "")

export const onUser = resources("`user/<UserName>`", user)
export const onUserOrSelf = resources(
  "`user/<UserName>`",
  (request: { readonly UserName: string | undefined }, call) => `user/${userOrSelf(request, call)}`
)
export const onUsers = resources("`user/*`", () => "user/*")
export const onGroup = resources("`group/<GroupName>`", group)
export const onGroups = resources("`group/*`", () => "group/*")
export const onUserAndGroup = resources<HasUser & HasGroup>("`user/<UserName>` and `group/<GroupName>`", user, group)
export const onRole = resources("`role/<RoleName>`", role)
export const onRoles = resources("`role/*`", () => "role/*")
export const onCustomPolicy = resources("`policy/<PolicyName>`", customPolicy)
export const onPolicy = resources("`policy/<PolicyName>`, of the account or of `system`", policy)
export const onPolicies = resources("`policy/*`", () => "policy/*")
export const onUserAndPolicy = resources<HasUser & HasPolicy>(
  "`user/<UserName>` and `policy/<PolicyName>`",
  user,
  policy
)
export const onGroupAndPolicy = resources<HasGroup & HasPolicy>(
  "`group/<GroupName>` and `policy/<PolicyName>`",
  group,
  policy
)
export const onRoleAndPolicy = resources<HasRole & HasPolicy>(
  "`role/<RoleName>` and `policy/<PolicyName>`",
  role,
  policy
)
export const onAccount = resources("`*`", () => "*")
