/** Keystate in this process, in memory or in a directory, on a clock that stands still. */
import { createKms, isKmsError } from "../../promise.ts"
import type { PromiseKms } from "../../promise.ts"
import { operations } from "../adapter.ts"
import type { Answer, KmsAdapter } from "../adapter.ts"

export interface InProcessOptions {
  /** Where the keys live; in memory if no directory is given. It is made anew for each start. */
  readonly directory?: (start: number) => string
}

const dayMillis = 86_400_000

/** A method of the library by the operation's name. Which one it is the compiler cannot follow through the name. */
const methodOf = (kms: PromiseKms, operation: string): ((request: object) => Promise<unknown>) =>
  Reflect.get(kms, operation.charAt(0).toLowerCase() + operation.slice(1)) as (request: object) => Promise<unknown>

const refusalOf = (error: unknown): Answer => {
  if (!isKmsError(error)) throw error
  return { ok: false, code: error.code, httpStatus: error.httpStatus, message: error.message }
}

/** Letters only: `A`, `B`, … `AA`: the code of a cloud service nobody has. */
const serviceCode = (number: number): string => `KC${number.toString(36).toUpperCase()}`

export const inProcess = ({ directory }: InProcessOptions = {}): KmsAdapter => {
  let running: PromiseKms | undefined
  let starts = 0
  let services = 0
  const kms = (): PromiseKms => {
    if (running === undefined) throw new Error("the service is not started")
    return running
  }
  return {
    name: directory === undefined ? "keystate (memory)" : "keystate (sqlite)",
    capabilities: {
      operations,
      clock: "virtual",
      reset: "perRun",
      profiles: ["core", "import", "asymmetric", "rotation", "aliases", "sm", "service"]
    },
    start: async (seed) => {
      const number = starts++
      running = await createKms({
        clock: "virtual",
        hsm: "simulator",
        seed: `${seed}/${number}`,
        store: directory === undefined ? "memory" : { directory: directory(number) }
      })
    },
    call: (operation, request) =>
      methodOf(kms(), operation)(request).then((response): Answer => ({ ok: true, response }), refusalOf),
    advance: async (millis) => {
      const days = Math.floor(millis / dayMillis)
      if (days > 0) await kms().clock.advance(`${days}d`)
      if (millis % dayMillis > 0) await kms().clock.advance(`${millis % dayMillis}ms`)
    },
    now: async () => Date.parse((await kms().clock.show()).Now),
    createServiceKey: async () =>
      (await kms().createServiceKey({ Service: serviceCode(services++) })).KeyMetadata.KeyId,
    stop: async () => {
      await running?.close()
      running = undefined
    }
  }
}
