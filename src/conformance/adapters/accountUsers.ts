/** Users of an account over HTTP: RAM users with the rights that the suite requests. */
import type { Answer, KeyStatement, OperationName, Principal, Right } from "./adapter.ts"
import type { AccessKey } from "./wire.ts"
import { memberOf, textOf } from "../steps/reply.ts"

const ramVersion = "2015-05-01"
const stsVersion = "2015-04-01"

/** One call of RAM as the owner of the account; rejects unless it is accepted. */
type Must = (operation: string, request: Readonly<Record<string, unknown>>, version: string) => Promise<unknown>

/** Addresses that are never a source of calls (RFC 5737). */
const elsewhere = "203.0.113.0/24"

const conditions = {
  met: { NotIpAddress: { "acs:SourceIp": [elsewhere] } },
  unmet: { IpAddress: { "acs:SourceIp": [elsewhere] } }
} as const

const resourceOf = (key: string): string => {
  if (key === "*") return "*"
  return key.startsWith("alias/") ? `acs:kms:*:*:${key}` : `acs:kms:*:*:key/${key}`
}

/** ReEncrypt has one permission for each of its keys. */
const actionsOf = (operation: OperationName): ReadonlyArray<string> =>
  operation === "ReEncrypt" ? ["kms:ReEncryptFrom", "kms:ReEncryptTo"] : [`kms:${operation}`]

/** One statement for each resource: a document with one for each right can be longer than a policy may be. */
const statements = (effect: "Allow" | "Deny", rights: ReadonlyArray<Right>): ReadonlyArray<object> =>
  [...Map.groupBy(rights, ({ key }) => key)].map(([key, own]) => ({
    Effect: effect,
    Action: own.flatMap(({ operation }) => actionsOf(operation)),
    Resource: resourceOf(key)
  }))

const under = (condition: Principal["condition"]): object =>
  condition === undefined ? {} : { Condition: conditions[condition] }

const documentFor = ({ permits, denies = [], condition, denyCondition }: Principal): string =>
  JSON.stringify({
    Version: "1",
    Statement: [
      ...statements("Allow", permits).map((one) => ({ ...one, ...under(condition) })),
      ...statements("Deny", denies).map((one) => ({ ...one, ...under(denyCondition) }))
    ]
  })

interface Hired {
  readonly userName: string
  readonly accessKey: AccessKey
  /** The attached policy, if any, and its document. */
  policy: { readonly name: string; readonly document: string } | undefined
  policies: number
  isOff: boolean
}

const userNameOf = (name: string): string => name.slice(0, 64)

const hire = async (must: Must, { name }: Principal): Promise<Hired> => {
  const userName = userNameOf(name)
  await must("CreateUser", { UserName: userName }, ramVersion)
  const made = memberOf(await must("CreateAccessKey", { UserName: userName }, ramVersion), "AccessKey")
  const accessKeyId = textOf(made, "AccessKeyId")
  const accessKeySecret = textOf(made, "AccessKeySecret")
  if (accessKeyId === undefined || accessKeySecret === undefined)
    throw new Error("CreateAccessKey returned no access key")
  return { userName, accessKey: { accessKeyId, accessKeySecret }, policy: undefined, policies: 0, isOff: false }
}

const withdraw = async (must: Must, hired: Hired): Promise<void> => {
  const { policy, userName } = hired
  if (policy === undefined) return
  const named = { PolicyName: policy.name, PolicyType: "Custom" }
  await must("DetachPolicyFromUser", { ...named, UserName: userName }, ramVersion)
  await must("DeletePolicy", { PolicyName: policy.name }, ramVersion)
  hired.policy = undefined
}

const grant = async (must: Must, hired: Hired, document: string): Promise<void> => {
  const name = `${hired.userName.replaceAll(/[^A-Za-z0-9-]/g, "-")}-${hired.policies++}`
  await must("CreatePolicy", { PolicyName: name, PolicyDocument: document }, ramVersion)
  const attached = { PolicyName: name, PolicyType: "Custom", UserName: hired.userName }
  await must("AttachPolicyToUser", attached, ramVersion)
  hired.policy = { name, document }
}

/** Gives a user exactly the rights that the suite requests. */
const inform = async (must: Must, hired: Hired, principal: Principal): Promise<void> => {
  const isEmpty = principal.permits.length === 0 && (principal.denies ?? []).length === 0
  const document = isEmpty ? undefined : documentFor(principal)
  if (document !== hired.policy?.document) {
    await withdraw(must, hired)
    if (document !== undefined) await grant(must, hired, document)
  }
  const isOff = principal.isOff === true
  if (isOff === hired.isOff) return
  const { accessKeyId } = hired.accessKey
  const Status = isOff ? "Inactive" : "Active"
  await must("UpdateAccessKey", { UserName: hired.userName, UserAccessKeyId: accessKeyId, Status }, ramVersion)
  hired.isOff = isOff
}

/** A key's policy in the suite's terms, with the statement that keeps the account's own rights. */
const keyPolicyFor = (account: string, given: ReadonlyArray<KeyStatement>): string =>
  JSON.stringify({
    Version: "1",
    Statement: [
      { Effect: "Allow", Principal: { RAM: [`acs:ram::${account}:*`] }, Action: ["kms:*"], Resource: ["*"] },
      ...given.map(({ effect, user, operations }) => ({
        Effect: effect,
        Principal: { RAM: [`acs:ram::${account}:user/${userNameOf(user)}`] },
        Action: operations.flatMap((operation) => actionsOf(operation)),
        Resource: ["*"]
      }))
    ]
  })

interface Owner {
  readonly must: Must
  readonly call: (operation: string, request?: Readonly<Record<string, unknown>>, version?: string) => Promise<Answer>
}

interface AccountUsers {
  /** The access key of a user. Creates the user when the name first appears, and updates it when its rights change. */
  readonly pairOf: (principal: Principal) => Promise<AccessKey>
  readonly setKeyPolicy: (key: string, statements: ReadonlyArray<KeyStatement>) => Promise<Answer>
}

export const accountUsersOf = ({ must, call }: Owner): AccountUsers => {
  const hired = new Map<string, Promise<Hired>>()
  const informed = new Map<string, Promise<Hired>>()
  let account: Promise<string> | undefined
  const hiredAs = (principal: Principal): Promise<Hired> => {
    const known = hired.get(principal.name) ?? hire(must, principal)
    hired.set(principal.name, known)
    return known
  }
  const accountOf = async (): Promise<string> =>
    textOf(await must("GetCallerIdentity", {}, stsVersion), "AccountId") ?? ""
  return {
    pairOf: async (principal) => {
      if (principal.asItIs === true) return (await hiredAs(principal)).accessKey
      const before = informed.get(principal.name) ?? hiredAs(principal)
      const now = before.then(async (user) => {
        await inform(must, user, principal)
        return user
      })
      informed.set(principal.name, now)
      return (await now).accessKey
    },
    setKeyPolicy: async (key, statements) => {
      account ??= accountOf()
      return call("SetKeyPolicy", { KeyId: key, Policy: keyPolicyFor(await account, statements) })
    }
  }
}
