/** Keystate in this process, in memory or in a directory, on a clock that stands still. */
import { Effect, Layer, Logger, ManagedRuntime } from "effect"
import { isKmsError } from "../../domain/errors.ts"
import { Kms, KmsMemory, KmsSqlite } from "../../index.ts"
import type { KmsShape } from "../../index.ts"
import { operations } from "./adapter.ts"
import type { Answer, KmsAdapter, Profile } from "./adapter.ts"
import { textOf } from "../steps/reply.ts"

export interface InProcessOptions {
  /** Where the keys live; in memory if no directory is given. It is made anew for each start. */
  readonly directory?: (start: number) => string
}

const dayMillis = 86_400_000

/** A method of the library by the operation's name. Which one it is the compiler cannot follow through the name. */
const methodOf = (kms: KmsShape, operation: string): ((request: object) => Effect.Effect<unknown, unknown>) =>
  Reflect.get(kms, operation.charAt(0).toLowerCase() + operation.slice(1)) as (
    request: object
  ) => Effect.Effect<unknown, unknown>

const start = async (seed: string, directory: string | undefined) => {
  const options = { clock: "virtual", hsm: "simulator", seed } as const
  const engine = directory === undefined ? KmsMemory(options) : KmsSqlite({ ...options, directory })
  // Uses of keys that are to be deleted alarm, and the suite makes thousands of them on purpose.
  const runtime = ManagedRuntime.make(engine.pipe(Layer.provideMerge(Logger.layer([]))))
  const kms = await runtime.runPromise(Effect.flatMap(Kms, Effect.succeed))
  return {
    call: (operation: string, request: object): Promise<unknown> =>
      runtime.runPromise(methodOf(kms, operation)(request)),
    stop: (): Promise<void> => runtime.dispose()
  }
}

const refusalOf = (error: unknown): Answer => {
  if (!isKmsError(error)) throw error
  return { ok: false, code: error.code, httpStatus: error.httpStatus, message: error.message }
}

/** Letters only: `A`, `B`, … `AA`: the code of a cloud service nobody has. */
const serviceCode = (number: number): string => `KC${number.toString(36).toUpperCase()}`

const inMemory: ReadonlyArray<Profile> = ["core", "import", "asymmetric", "rotation", "aliases", "sm", "service"]

export const inProcess = ({ directory }: InProcessOptions = {}): KmsAdapter => {
  let running: Awaited<ReturnType<typeof start>> | undefined
  let starts = 0
  let services = 0
  let begun = { seed: "", at: "" as string | undefined }
  /** Each start draws other random values, also on a directory that was in use before. */
  const open = async (): Promise<void> => {
    running = await start(`${begun.seed}/${starts++}`, begun.at)
  }
  const kms = () => {
    if (running === undefined) throw new Error("the service is not started")
    return running
  }
  return {
    name: directory === undefined ? "keystate (memory)" : "keystate (sqlite)",
    capabilities: {
      operations,
      clock: "virtual",
      reset: "perRun",
      profiles: directory === undefined ? inMemory : [...inMemory, "restart"]
    },
    start: async (seed) => {
      begun = { seed, at: directory?.(starts) }
      await open()
    },
    call: (operation, request) =>
      kms()
        .call(operation, request)
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
