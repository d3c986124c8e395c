/** Keystate in this process, in memory or in a directory, on a virtual clock. */
import { Effect, Layer, Logger, ManagedRuntime } from "effect"
import { isKmsError } from "../../domain/errors.ts"
import { AccountId, RegionId } from "../../domain/ids.ts"
import type { Realm } from "../../domain/ids.ts"
import { makeSoftwareProvider } from "../../crypto/softwareProvider.ts"
import { engineLayer, Kms, optionsOf } from "../../index.ts"
import type { KmsShape, MakeProvider } from "../../index.ts"
import { operations } from "./adapter.ts"
import type { Answer, KmsAdapter, Place, Profile } from "./adapter.ts"
import { textOf } from "../steps/reply.ts"
import { makeStockedPrimitives } from "./stockedRsa.ts"

/** Options of `inProcess`. */
export interface InProcessOptions {
  /** The data directory; in memory if absent. It is created again for each start. */
  readonly directory?: (start: number) => string
}

const dayMillis = 86_400_000

/** A method of the library by the operation's name. The compiler cannot relate the two. */
const methodOf = (kms: KmsShape, operation: string): ((request: object) => Effect.Effect<unknown, unknown>) =>
  Reflect.get(kms, operation.charAt(0).toLowerCase() + operation.slice(1)) as (
    request: object
  ) => Effect.Effect<unknown, unknown>

const home = { account: "1000000000000001", region: "cn-hangzhou" } as const
const elsewhere = {
  otherAccount: { account: "2000000000000002", region: home.region },
  otherRegion: { account: home.account, region: "cn-beijing" }
} as const satisfies Readonly<Record<Place, object>>

const realmOf = ({ account, region }: { readonly account: string; readonly region: string }): Realm => ({
  account: AccountId.make(account),
  region: RegionId.make(region)
})

const start = async (seed: string, directory: string | undefined, crypto: MakeProvider) => {
  const options = { clock: "virtual", hsm: "simulator", seed, crypto, ...home } as const
  const engine = engineLayer(optionsOf(directory === undefined ? "memory" : { directory, create: true }, options))
  // Uses of keys that are pending deletion raise alarms; the suite makes thousands of them on purpose.
  const runtime = ManagedRuntime.make(engine.pipe(Layer.provideMerge(Logger.layer([]))))
  const kms = await runtime.runPromise(Effect.flatMap(Kms, Effect.succeed))
  const opened = new Map<Place, Promise<KmsShape>>()
  /** The same engine, for calls as another account or in another region. */
  const open = async (place: Place): Promise<KmsShape> => {
    const { account } = elsewhere[place]
    const isThere = await runtime.runPromise(kms.listAccounts())
    if (account !== home.account && !JSON.stringify(isThere).includes(account))
      await runtime.runPromise(kms.createAccount({ AccountId: account }))
    return runtime.runPromise(
      Effect.flatMap(Kms, Effect.succeed).pipe(Effect.provide(Kms.layer(realmOf(elsewhere[place]))))
    )
  }
  const at = (place: Place): Promise<KmsShape> => {
    const known = opened.get(place) ?? open(place)
    opened.set(place, known)
    return known
  }
  return {
    call: async (operation: string, request: object, from?: Place): Promise<unknown> =>
      runtime.runPromise(methodOf(from === undefined ? kms : await at(from), operation)(request)),
    stop: (): Promise<void> => runtime.dispose()
  }
}

const refusalOf = (error: unknown): Answer => {
  if (!isKmsError(error)) throw error
  const { code, httpStatus, message, hint } = error
  return { ok: false, code, httpStatus, message, ...(hint === undefined ? {} : { hint }) }
}

/** Letters only: `A`, `B`, … `AA`, as the code of a fictitious cloud service. */
const serviceCode = (number: number): string => `KC${number.toString(36).toUpperCase()}`

const inMemory: ReadonlyArray<Profile> = [
  "core",
  "import",
  "asymmetric",
  "rotation",
  "aliases",
  "sm",
  "service",
  "quotas",
  "accounts",
  "dryRuns"
]

/** An adapter of Keystate itself, in this process. */
export const inProcess = ({ directory }: InProcessOptions = {}): KmsAdapter => {
  let running: Awaited<ReturnType<typeof start>> | undefined
  let starts = 0
  let services = 0
  const primitives = makeStockedPrimitives()
  let begun = { seed: "", at: "" as string | undefined }
  /** Each start draws other random values, also on a directory that was used before. */
  const open = async (): Promise<void> => {
    running = await start(`${begun.seed}/${starts++}`, begun.at, (given) => makeSoftwareProvider(primitives, given))
  }
  const kms = () => {
    if (running === undefined) throw new Error("the service is not started")
    return running
  }
  return {
    name: directory === undefined ? "keystate (memory)" : "keystate (sqlite)",
    capabilities: {
      // Users, needed for key policies, call over HTTP.
      operations: operations.filter((name) => name !== "SetKeyPolicy"),
      clock: "virtual",
      reset: "perRun",
      profiles: directory === undefined ? inMemory : [...inMemory, "restart"]
    },
    start: async (seed) => {
      begun = { seed, at: directory?.(starts) }
      await open()
    },
    call: (operation, request, _as, from) =>
      kms()
        .call(operation, request, from)
        .then((response): Answer => ({ ok: true, response }), refusalOf),
    advance: async (millis) => {
      const days = Math.floor(millis / dayMillis)
      if (days > 0) await kms().call("AdvanceClock", { By: `${days}d` })
      if (millis % dayMillis > 0) await kms().call("AdvanceClock", { By: `${millis % dayMillis}ms` })
    },
    now: async () => Date.parse(textOf(await kms().call("ShowClock", {}), "Now") ?? ""),
    createServiceKey: async () =>
      textOf(await kms().call("CreateServiceKey", { Service: serviceCode(services++) }), "KeyMetadata.KeyId") ?? "",
    ...(directory === undefined
      ? {}
      : {
          restart: async () => {
            await running?.stop()
            await open()
          }
        }),
    stop: async () => {
      await running?.stop()
      running = undefined
    }
  }
}
