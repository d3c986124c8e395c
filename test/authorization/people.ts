/** A service with users, and requests signed by any of them, through everything except the socket. */
import { entryOf } from "../../src/records/auditLine.ts"
import { randomUUID } from "node:crypto"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { Metrics } from "../../src/monitoring/metrics.ts"
import { Pipeline } from "../../src/server/pipeline.ts"
import type { Answer } from "../../src/server/replies.ts"
import { optionsOf } from "../../src/index.ts"
import type { KmsOptions } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import type { EngineOptions } from "../../src/main.ts"
import { formatInstant } from "../../src/domain/time.ts"
import { signV1 } from "../../src/wire/client.ts"
import { Store } from "../../src/store/store.ts"
import { Audit } from "../../src/audit/audit.ts"
import type { RawRequest } from "../../src/wire/rpcRequest.ts"
import { escapeBytes } from "../wire/secondOpinion.ts"
import { headersV3 } from "./signV3.ts"

/** What signs a request. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secret: string
  readonly securityToken?: string
}

export const root: Credentials = { accessKeyId: "rootid", secret: "rootsecret" }

export type Parameters = Readonly<Record<string, string>>

export interface Heard {
  readonly status: number
  /** `ok`, or the code of the refusal. */
  readonly code: string
  readonly body: Readonly<Record<string, unknown>>
  readonly text: string
}

export interface Sent {
  /** The API; KMS if absent. */
  readonly version?: string
  readonly scheme?: "V1" | "V3"
  readonly host?: string
  readonly from?: string
}

export interface Service extends AsyncDisposable {
  readonly ask: (who: Credentials, action: string, parameters?: Parameters, sent?: Sent) => Promise<Heard>
  /** Calls an operation of RAM. */
  readonly ram: (who: Credentials, action: string, parameters?: Parameters, sent?: Sent) => Promise<Heard>
  /** Calls an operation of STS. */
  readonly sts: (who: Credentials, action: string, parameters?: Parameters, sent?: Sent) => Promise<Heard>
  /** The lines of the audit log. */
  readonly auditLines: () => Promise<ReadonlyArray<Readonly<Record<string, unknown>>>>
  /** Creates a user with the permissions of the statements, and returns the credentials. */
  readonly user: (name: string, ...statements: ReadonlyArray<object>) => Promise<Credentials>
  readonly newKey: (parameters?: Parameters) => Promise<string>
}

export const account = "1000000000000001"
export const arn = (relative: string, region = "cn-hangzhou", of = account): string =>
  `acs:kms:${region}:${of}:${relative}`
export const allow = (
  Action: string | ReadonlyArray<string>,
  Resource: string | ReadonlyArray<string>,
  more: object = {}
) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...more
})
export const deny = (
  Action: string | ReadonlyArray<string>,
  Resource: string | ReadonlyArray<string>,
  more: object = {}
) => ({
  ...allow(Action, Resource, more),
  Effect: "Deny"
})
export const document = (...statements: ReadonlyArray<object>): string =>
  JSON.stringify({ Version: "1", Statement: statements })

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** The member at a path of a reply, as text. */
export const at = (body: unknown, ...path: ReadonlyArray<string>): string => {
  let value = body
  for (const name of path) value = isRecord(value) ? value[name] : undefined
  return String(value)
}

export const startService = async (
  options: Pick<KmsOptions, "clock" | "stsClock" | "region"> & { readonly store?: EngineOptions["store"] } = {}
): Promise<Service> => {
  const accessKey = { accessKeyId: root.accessKeyId, secret: Redacted.make(root.secret) }
  const { store = "memory", ...chosen } = options
  const engine = optionsOf(store, { ...chosen, accessKey, account })
  const runtime = ManagedRuntime.make(
    Pipeline.layer(engine.realm.region).pipe(Layer.provide(Metrics.layer), Layer.provideMerge(engineLayer(engine)))
  )
  const { answer } = await runtime.runPromise(Effect.flatMap(Pipeline, Effect.succeed))

  const heard = ({ status, body: text }: Answer): Heard => {
    const parsed: unknown = text.startsWith("<") ? {} : JSON.parse(text)
    const body = isRecord(parsed) ? parsed : {}
    return { status, code: String(body["Code"] ?? "ok"), body, text }
  }

  const signedV1 = (who: Credentials, Action: string, Version: string, parameters: Parameters): string =>
    signV1({
      method: "POST",
      parameters: { Action, Version, Format: "JSON", ...parameters },
      ...who,
      nonce: randomUUID(),
      timestamp: formatInstant(Date.now())
    })

  const requestOf = (who: Credentials, action: string, parameters: Parameters, sent: Sent): RawRequest => {
    const { scheme = "V1", host = "127.0.0.1", from = "127.0.0.1", version = "2016-01-20" } = sent
    const common = { method: "POST", remoteAddress: from } as const
    if (scheme === "V1") {
      const headers = { host, "content-type": "application/x-www-form-urlencoded" }
      return { ...common, url: "/", headers, body: Buffer.from(signedV1(who, action, version, parameters), "latin1") }
    }
    const query = Object.entries(parameters)
    const url = `/?${query.map(([name, value]) => `${escapeBytes(name)}=${escapeBytes(value)}`).join("&")}`
    return { ...common, url, headers: headersV3({ action, version, query, host, who }), body: Buffer.alloc(0) }
  }

  const ask: Service["ask"] = (who, action, parameters = {}, sent = {}) =>
    new Promise((resolve) => answer(requestOf(who, action, parameters, sent), (given) => resolve(heard(given))))

  const ram: Service["ram"] = (who, action, parameters, sent) =>
    ask(who, action, parameters, { ...sent, version: "2015-05-01" })
  const sts: Service["sts"] = (who, action, parameters, sent) =>
    ask(who, action, parameters, { ...sent, version: "2015-04-01" })

  const must = async (action: string, parameters: Parameters, asking = ask): Promise<Heard> => {
    const done = await asking(root, action, parameters)
    if (done.status !== 200) throw new Error(`${action} was refused: ${done.text}`)
    return done
  }

  const stop = (): Promise<void> => runtime.dispose()
  return {
    ask,
    ram,
    sts,
    auditLines: () =>
      runtime.runPromise(
        Effect.gen(function* () {
          yield* (yield* Audit).flush
          const segments = yield* (yield* Store).auditSegments({ afterSeq: 0, limit: 100_000 })
          return segments.flatMap(({ seq, lines }) =>
            lines.map((_line, at) => ({ ...entryOf({ seq, line: at + 1 }, lines) }))
          )
        })
      ),
    user: async (name, ...statements) => {
      await must("CreateUser", { UserName: name }, ram)
      if (statements.length > 0) {
        await must("CreatePolicy", { PolicyName: `${name}-policy`, PolicyDocument: document(...statements) }, ram)
        await must("AttachPolicyToUser", { PolicyName: `${name}-policy`, PolicyType: "Custom", UserName: name }, ram)
      }
      const { body } = await must("CreateAccessKey", { UserName: name }, ram)
      return { accessKeyId: at(body, "AccessKey", "AccessKeyId"), secret: at(body, "AccessKey", "AccessKeySecret") }
    },
    newKey: async (parameters = {}) => at((await must("CreateKey", parameters)).body, "KeyMetadata", "KeyId"),
    [Symbol.asyncDispose]: stop
  }
}
