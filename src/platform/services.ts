/** Randomness, failpoints and the host process as services. Time is in timers/, storage in store/. */
import { Context, Effect, Layer } from "effect"

/** The source of all random bytes. A simulation replaces it to control all randomness. */
export class Randomness extends Context.Service<
  Randomness,
  {
    /** New bytes; the caller owns the buffer. */
    readonly bytes: (length: number) => Uint8Array
    /** A new version-4 UUID in lower case. */
    readonly uuid: () => string
    /** Whether this is the operating system's generator. Only then may a library draw from that generator itself. */
    readonly isSystem?: boolean
  }
>()("keystate/domain/Randomness") {}

/**
 * A named step: a durable write, or the opening of material for a use. In production `reach` does nothing. A crash test
 * kills the process there, and a simulation fails or delays it. The names are listed in the modules that reach them.
 */
export class Failpoints extends Context.Service<
  Failpoints,
  { readonly reach: (name: string) => Effect.Effect<void>; readonly reachSync: (name: string) => void }
>()("keystate/domain/Failpoints") {
  static readonly layerNone = Layer.succeed(Failpoints, { reach: () => Effect.void, reachSync: () => undefined })
}

/** The process of the engine. If it is unknown whether a commit is on disk, the process ends instead of guessing. */
export class HostProcess extends Context.Service<
  HostProcess,
  { readonly halt: (reason: string) => Effect.Effect<never>; readonly haltSync: (reason: string) => never }
>()("keystate/domain/HostProcess") {}
