/** A host that outlives its store, for tests that look at what the store leaves behind. */
import { Effect, Layer } from "effect"
import { HostProcess } from "../../src/platform/services.ts"

/** A host that cannot be ended: whoever halts it dies of it instead. */
export const immortal = Layer.succeed(HostProcess, {
  halt: (reason) => Effect.die(new Error(`halted: ${reason}`)),
  haltSync: (reason) => {
    throw new Error(`halted: ${reason}`)
  }
})
