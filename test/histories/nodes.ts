/** Several engines in this process over one memory, complete except for the socket. */
import { Effect, Layer, Redacted } from "effect"
import type { Scope } from "effect"
import { AccountId, RegionId } from "../../src/domain/ids.ts"
import type { Realm } from "../../src/domain/ids.ts"
import { optionsOf } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { engineLayer } from "../../src/main.ts"
import type { EngineOptions } from "../../src/main.ts"
import { Metrics } from "../../src/monitoring/metrics.ts"
import { Proofs } from "../../src/proof/proofs.ts"
import { Dispatch } from "../../src/requests/dispatch.ts"
import { Pipeline } from "../../src/server/pipeline.ts"
import type { Answer } from "../../src/server/replies.ts"
import { Driver } from "../../src/store/driver.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { Store } from "../../src/store/store.ts"
import { LifecycleClock } from "../../src/timers/clock.ts"
import { Timers } from "../../src/timers/timers.ts"
import { verifyStore } from "../../src/verification/verify.ts"
import type { Finding } from "../../src/verification/verify.ts"
import { KeyDirectory } from "../../src/actor/keyDirectory.ts"
import { fromObject } from "../../src/operation/parameters.ts"
import { signV1 } from "../../src/wire/client.ts"
import { versions } from "./door.ts"
import type { Door, Reply, Signer } from "./door.ts"
import { weatherOver } from "./weather.ts"
import type { Weather } from "./weather.ts"

export const realm: Realm = { account: AccountId.make("1000000000000001"), region: RegionId.make("cn-hangzhou") }
export const startAt = Date.parse("2026-01-01T00:00:00Z")
export const rootAccessKey = { accessKeyId: "root-of-all", secret: Redacted.make("a secret of the root") }

const rootKey = { kind: "bytes", bytes: new Uint8Array(32).fill(7) } as const

const optionsOver = (driver: StoreDriver, crypto: EngineOptions["crypto"]) =>
  optionsOf(Layer.succeed(Driver, driver), {
    clock: "virtual",
    startAt,
    rootKey,
    crypto,
    hsm: "simulator",
    accessKey: rootAccessKey
  })

/** An engine with the library's interface and the server's pipeline. */
const nodeLayer = (driver: StoreDriver, crypto: EngineOptions["crypto"]) =>
  Pipeline.layer(realm.region).pipe(
    Layer.provideMerge(Metrics.layer),
    Layer.provideMerge(engineLayer(optionsOver(driver, crypto)))
  )

export interface Node {
  readonly name: string
  readonly weather: Weather
  readonly kms: Kms["Service"]
  readonly dispatch: Dispatch["Service"]
  readonly pipeline: Pipeline["Service"]
  readonly proofs: Proofs["Service"]
  readonly store: Store["Service"]
  readonly directory: KeyDirectory["Service"]
  readonly clock: LifecycleClock["Service"]
  readonly timers: Timers["Service"]
  /** The faults of the store, which must be idle. */
  readonly findings: Effect.Effect<ReadonlyArray<Finding>>
}

export interface Opening {
  readonly random: () => number
  readonly isProven: boolean
  readonly crypto?: EngineOptions["crypto"]
}

/** Opens a node on the store. It is closed with the scope. */
export const openNode = (
  shared: StoreDriver,
  name: string,
  { random, isProven, crypto = "native" }: Opening
): Effect.Effect<Node, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const weather = yield* weatherOver(shared, random, isProven)
    const built = yield* Layer.build(Layer.fresh(nodeLayer(weather.driver, crypto)))
    const services = Effect.gen(function* () {
      return {
        name,
        weather,
        kms: yield* Kms,
        dispatch: yield* Dispatch,
        pipeline: yield* Pipeline,
        proofs: yield* Proofs,
        store: yield* Store,
        directory: yield* KeyDirectory,
        clock: yield* LifecycleClock,
        timers: yield* Timers,
        findings: Effect.map(Effect.provide(verifyStore(), built), ({ findings }) => findings)
      }
    })
    return yield* Effect.provide(services, built)
  })

let nonces = 0

/** The bytes of a signed request to an API. */
export const signed = (
  { accessKeyId, secret }: Signer,
  parameters: Readonly<Record<string, string>>,
  nonce = `nonce ${nonces++}`,
  at = Date.now()
) => {
  const url = `/?${signV1({
    method: "GET",
    parameters: { Format: "JSON", Version: "2016-01-20", ...parameters },
    accessKeyId,
    secret,
    nonce,
    timestamp: new Date(at).toISOString().replace(/\.[0-9]+Z$/, "Z")
  })}`
  return { method: "GET", url, headers: { host: "localhost" }, body: new Uint8Array(0), remoteAddress: "127.0.0.1" }
}

export type Signed = ReturnType<typeof signed>

/** The answer of a node to a signed request. */
export const send = ({ pipeline }: Node, request: Signed): Effect.Effect<Answer> =>
  Effect.callback((resume) => pipeline.answer(request, (answer) => resume(Effect.succeed(answer))))

/** The code of a refusal; `Success` for any other answer. */
export const codeOf = ({ status, body }: Answer): string => {
  if (status === 200) return "Success"
  const { Code }: { readonly Code?: string } = JSON.parse(body)
  return Code ?? "none"
}

/** A node as registers call it: the root through the library, and users with signatures. */
export const doorOf = (node: Node): Door => ({
  name: node.name,
  ask: (asker, { action, api, parameters }) => {
    if (asker !== "root") {
      const request = Effect.sync(() => signed(asker, { Action: action, Version: versions[api], ...parameters }))
      return Effect.map(
        Effect.flatMap(request, (made) => send(node, made)),
        (answer) => ({ code: codeOf(answer), body: JSON.parse(answer.body) as unknown })
      )
    }
    const asked = {
      api,
      operation: action,
      source: fromObject(parameters),
      caller: { kind: "root", account: realm.account },
      realm,
      requestId: crypto.randomUUID()
    } as const
    return Effect.match(
      Effect.suspend(() => node.dispatch.ask(asked)),
      {
        onFailure: ({ code, message }): Reply => ({ code, body: message }),
        onSuccess: (body): Reply => ({ code: "Success", body })
      }
    )
  }
})
