/** A service whose parts can fail, with accounts, callers and keys of every kind and state, over HTTP and in process. */
import { randomUUID } from "node:crypto"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { isKmsError } from "../../src/domain/errors.ts"
import { formatInstant } from "../../src/domain/time.ts"
import { optionsOf } from "../../src/index.ts"
import { Kms, methodName } from "../../src/kms.ts"
import { engineLayer } from "../../src/main.ts"
import { Metrics } from "../../src/monitoring/metrics.ts"
import { apis } from "../../src/operation/apis.ts"
import type { ApiName } from "../../src/operation/apis.ts"
import { Pipeline } from "../../src/server/pipeline.ts"
import type { Answer } from "../../src/server/replies.ts"
import { signV1 } from "../../src/wire/client.ts"
import { allow, at, deny, document, root } from "../authorization/people.ts"
import type { Credentials } from "../authorization/people.ts"
import { makeReceiver, wrapFor } from "../operation/wrapping.ts"
import { faultyParts } from "./faultyParts.ts"
import type { FaultyParts } from "./faultyParts.ts"

export const receiver = makeReceiver()

export const accounts = { server: "1000000000000001", second: "2000000000000002", third: "3000000000000003" } as const
export type AccountName = keyof typeof accounts
export const accountNames: ReadonlyArray<AccountName> = ["server", "second", "third"]

export interface Outcome {
  /** `Success`, or the code of the refusal. */
  readonly code: string
  readonly status: number
  readonly hint: string
  readonly body: unknown
}

export type Given = Readonly<Record<string, unknown>>

export interface Service {
  readonly parts: FaultyParts
  /** A call over HTTP, through everything except the socket. */
  readonly wire: (who: Credentials, api: ApiName, operation: string, given: Given) => Promise<Outcome>
  /** A call in this process, as the root of the server's account. */
  readonly library: (api: ApiName, operation: string, given: Given) => Promise<Outcome>
  readonly stop: () => Promise<void>
}

const outcomeOnWire = ({ status, body: text }: Answer): Outcome => {
  const body: unknown = JSON.parse(text)
  const code = status === 200 ? "Success" : at(body, "Code")
  return { code, status, hint: status === 200 ? "" : text, body }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""))

const startFaulty = async (): Promise<Service> => {
  const parts = faultyParts()
  const accessKey = { accessKeyId: root.accessKeyId, secret: Redacted.make(root.secret) }
  const engine = optionsOf(parts.store, {
    clock: "virtual",
    account: accounts.server,
    accessKey,
    rootKey: { kind: "bytes", bytes: new Uint8Array(32).fill(7) },
    crypto: parts.provider,
    hsm: parts.provider
  })
  const runtime = ManagedRuntime.make(
    Pipeline.layer(engine.realm.region).pipe(Layer.provide(Metrics.layer), Layer.provideMerge(engineLayer(engine)))
  )
  const { answer } = await runtime.runPromise(Effect.flatMap(Pipeline, Effect.succeed))
  const kms = await runtime.runPromise(Effect.flatMap(Kms, Effect.succeed))

  const wire: Service["wire"] = (who, api, operation, given) => {
    const parameters = Object.entries(given).map(([name, value]) => [name, textOf(value).toWellFormed()] as const)
    const body = signV1({
      method: "POST",
      parameters: {
        Action: operation,
        Version: apis[api].version,
        Format: "JSON",
        ...Object.fromEntries(parameters)
      },
      ...who,
      nonce: randomUUID(),
      timestamp: formatInstant(Date.now())
    })
    const headers = { host: "127.0.0.1", "content-type": "application/x-www-form-urlencoded" }
    const request = { method: "POST", url: "/", headers, remoteAddress: "127.0.0.1", body: Buffer.from(body, "latin1") }
    return new Promise((resolve) => answer(request, (answered) => resolve(outcomeOnWire(answered))))
  }

  const methods = { kms, ram: kms.ram, sts: kms.sts } as const
  const library: Service["library"] = (api, operation, given) => {
    const method: unknown = Reflect.get(methods[api], methodName(operation))
    if (typeof method !== "function") throw new Error(`${operation} is no method of ${api}`)
    const call: Effect.Effect<object, unknown> = Reflect.apply(method, methods[api], [given])
    return runtime.runPromise(
      Effect.match(call, {
        onSuccess: (body): Outcome => ({ code: "Success", status: 200, hint: "", body }),
        onFailure: (error): Outcome => {
          if (!isKmsError(error)) throw error
          return { code: error.code, status: error.httpStatus, hint: error.hint ?? "", body: {} }
        }
      })
    )
  }
  return { parts, wire, library, stop: () => runtime.dispose() }
}

/** Valid values of parameters, by kind. Replies add to them. */
export type Pools = Map<string, Array<unknown>>

const poolMax = 40

/** The source of valid values for each parameter, and the members of replies that add to them. */
export const poolOf: Readonly<Record<string, string>> = {
  KeyId: "key",
  Arn: "key",
  DestinationKeyId: "key",
  SourceKeyId: "key",
  ResourceId: "key",
  ProtectedResourceArn: "key",
  KeyVersionId: "version",
  SourceKeyVersionId: "version",
  PrimaryKeyVersion: "version",
  CiphertextBlob: "blob",
  ImportToken: "token",
  AliasName: "alias",
  UserName: "user",
  NewUserName: "user",
  RoleName: "role",
  RoleArn: "roleArn",
  PolicyName: "policy",
  GroupName: "group",
  NewGroupName: "group",
  UserAccessKeyId: "accessKey",
  AccessKeyId: "accessKey",
  AccountId: "account",
  Principal: "principal",
  As: "as",
  VersionId: "policyVersion",
  Marker: "marker",
  NextToken: "nextToken",
  Value: "signature"
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const add = (pools: Pools, pool: string, value: unknown): void => {
  const known = pools.get(pool) ?? []
  pools.set(pool, known)
  if (!known.includes(value)) known.push(value)
  if (known.length > poolMax) known.splice(Math.floor(poolMax / 2), 1)
}

/** Adds the names in a reply to the pools. `pair` has versions together with their keys. */
export const addNames = (pools: Pools, reply: unknown): void => {
  if (Array.isArray(reply)) for (const item of reply.slice(0, 5)) addNames(pools, item)
  if (Array.isArray(reply) || !isRecord(reply)) return
  const { KeyId, KeyVersionId } = reply
  if (typeof KeyId === "string" && typeof KeyVersionId === "string") add(pools, "pair", { KeyId, KeyVersionId })
  for (const [name, value] of Object.entries(reply)) {
    const pool = poolOf[name]
    if (pool === undefined || typeof value !== "string" || value === "") addNames(pools, value)
    else add(pools, pool, value)
  }
}

export interface Caller {
  readonly account: AccountName
  readonly who: Credentials
}

export interface FaultyService {
  readonly service: Service
  readonly callers: Readonly<Record<string, Caller>>
  readonly pools: Readonly<Record<AccountName, Pools>>
}

const wrapping = { WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" }

type Must = (api: ApiName, operation: string, given?: Given) => Promise<unknown>

const keysOf = async (must: Must, mark: string): Promise<ReadonlyArray<string>> => {
  const make = async (given: Given = {}) =>
    at(await must("kms", "CreateKey", { Description: mark, ...given }), "KeyMetadata", "KeyId")
  const [enabled, disabled, leaving, protectedKey, rotating] = [
    await make({ Tags: '[{"TagKey":"team","TagValue":"orders"}]' }),
    await make({ KeySpec: "Aliyun_SM4", ProtectionLevel: "HSM" }),
    await make(),
    await make({ ProtectionLevel: "HSM" }),
    await make({ EnableAutomaticRotation: true, RotationInterval: "7d" })
  ]
  const [empty, external] = [await make({ Origin: "EXTERNAL" }), await make({ Origin: "EXTERNAL" })]
  const pairs = [
    await make({ KeySpec: "EC_P256" }),
    await make({ KeySpec: "RSA_2048", KeyUsage: "ENCRYPT/DECRYPT" }),
    await make({ KeySpec: "EC_SM2", KeyUsage: "SIGN/VERIFY", ProtectionLevel: "HSM" })
  ]
  const { PublicKey, ImportToken } = Object(
    await must("kms", "GetParametersForImport", { KeyId: external, ...wrapping })
  )
  await must("kms", "ImportKeyMaterial", {
    KeyId: external,
    ImportToken,
    EncryptedKeyMaterial: wrapFor(PublicKey, new Uint8Array(32).fill(5)),
    KeyMaterialExpireUnix: 1_767_225_600 + 20 * 86_400
  })
  for (const KeyId of [disabled, leaving, protectedKey, external]) await must("kms", "GenerateDataKey", { KeyId })
  for (const [name, KeyId] of Object.entries({ enabled, disabled, leaving, empty })) {
    await must("kms", "CreateAlias", {
      AliasName: name === "enabled" ? `alias/${mark}` : `alias/${mark}/${name}`,
      KeyId
    })
  }
  await must("kms", "DisableKey", { KeyId: disabled })
  await must("kms", "ScheduleKeyDeletion", { KeyId: leaving, PendingWindowInDays: 7 })
  await must("kms", "ListAliases")
  await must("kms", "CreateServiceKey", { Service: "OSS" })
  for (const KeyId of pairs) await must("kms", "ListKeyVersions", { KeyId })
  return [enabled, disabled, leaving, protectedKey, rotating, empty, external, ...pairs]
}

const everything = document(allow("*", "*"))
const little = document(
  allow(["kms:DescribeKey", "kms:Encrypt", "ram:GetUser", "kms:List*"], "*"),
  deny("kms:Encrypt", "acs:kms:*:*:key/a*")
)

/** Fills an account, and returns the callers that may act for it. */
const furnish = async (must: Must, account: string, mark: string) => {
  const keys = await keysOf(must, mark)
  await must("kms", "GenerateDataKey", { KeyId: `alias/${mark}`, EncryptionContext: '{"a":"b"}' })
  await must("kms", "Encrypt", { KeyId: keys[3], Plaintext: "aGVsbG8=" })
  await must("ram", "CreatePolicy", { PolicyName: `${mark}-all`, PolicyDocument: everything })
  await must("ram", "CreatePolicy", { PolicyName: `${mark}-little`, PolicyDocument: little })
  await must("ram", "CreateGroup", { GroupName: `${mark}-group` })
  const user = async (name: string, policy?: string): Promise<Credentials> => {
    await must("ram", "CreateUser", { UserName: name })
    if (policy !== undefined) {
      await must("ram", "AttachPolicyToUser", { PolicyName: policy, PolicyType: "Custom", UserName: name })
    }
    const made = await must("ram", "CreateAccessKey", { UserName: name })
    return { accessKeyId: at(made, "AccessKey", "AccessKeyId"), secret: at(made, "AccessKey", "AccessKeySecret") }
  }
  const all = await user(`${mark}-all`, `${mark}-all`)
  const some = await user(`${mark}-some`, `${mark}-little`)
  const none = await user(`${mark}-none`)
  const trust = JSON.stringify({
    Version: "1",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: [`acs:ram::${account}:root`] } }]
  })
  await must("ram", "CreateRole", { RoleName: `${mark}-role`, AssumeRolePolicyDocument: trust })
  await must("ram", "AttachPolicyToRole", { PolicyName: `${mark}-all`, PolicyType: "Custom", RoleName: `${mark}-role` })
  return { all, some, none, roleArn: `acs:ram::${account}:role/${mark}-role` }
}

const sessionOf = (reply: unknown): Credentials => ({
  accessKeyId: at(reply, "Credentials", "AccessKeyId"),
  secret: at(reply, "Credentials", "AccessKeySecret"),
  securityToken: at(reply, "Credentials", "SecurityToken")
})

/** A service with three accounts, each with keys of every kind and state and with callers of every kind. */
export const makeFaultyService = async (): Promise<FaultyService> => {
  const service = await startFaulty()
  const pools = { server: new Map(), second: new Map(), third: new Map() } satisfies Record<AccountName, Pools>
  const callers: Record<string, Caller> = {}
  const mustAs =
    (name: AccountName, who: Credentials): Must =>
    async (api, operation, given = {}) => {
      const heard = await service.wire(who, api, operation, given)
      if (heard.code !== "Success") throw new Error(`${operation} was answered ${heard.hint}`)
      addNames(pools[name], heard.body)
      return heard.body
    }
  for (const name of accountNames) {
    const account = accounts[name]
    let owner = root
    if (account !== accounts.server) {
      const made = Object(await mustAs(name, root)("kms", "CreateAccount", { AccountId: account }))["Account"]
      owner = {
        accessKeyId: at(made, "RootAccessKey", "AccessKeyId"),
        secret: at(made, "RootAccessKey", "AccessKeySecret")
      }
    }
    const { all, some, none, roleArn } = await furnish(mustAs(name, owner), account, name)
    const assume = (more: Given) =>
      mustAs(name, all)("sts", "AssumeRole", { RoleArn: roleArn, RoleSessionName: "session", ...more })
    const [role, narrow] = [sessionOf(await assume({})), sessionOf(await assume({ Policy: little }))]
    pools[name].set("roleArn", [roleArn])
    for (const [kind, who] of Object.entries({ root: owner, all, some, none, role, narrow })) {
      callers[`${name} ${kind}`] = { account: name, who }
    }
  }
  return { service, callers, pools }
}
