/** The outside world as services: randomness, failpoints and the process. Time is in timers/, storage in store/. */
import { Context, Effect, Layer } from "effect"

/** Where every random byte comes from. A simulation replaces it and owns all chance. */
export class Randomness extends Context.Service<
  Randomness,
  {
    /** Fresh bytes; the caller owns the buffer. */
    readonly bytes: (length: number) => Uint8Array
    /** A fresh version-4 UUID in lower case. */
    readonly uuid: () => string
  }
>()("keystate/domain/Randomness") {}

/**
 * A step by name: a durable write, or the opening of material for a use. In production `reach` does nothing; a crash
 * test kills the process there, a simulation fails or delays it. Names are listed where they are reached.
 */
export class Failpoints extends Context.Service<
  Failpoints,
  { readonly reach: (name: string) => Effect.Effect<void>; readonly reachSync: (name: string) => void }
>()("keystate/domain/Failpoints") {
  static readonly layerNone = Layer.succeed(Failpoints, { reach: () => Effect.void, reachSync: () => undefined })
}

/** The process that hosts the engine. A commit that may or may not be on disk ends it: nothing is guessed. */
export class HostProcess extends Context.Service<
  HostProcess,
  { readonly halt: (reason: string) => Effect.Effect<never>; readonly haltSync: (reason: string) => never }
>()("keystate/domain/HostProcess") {}
