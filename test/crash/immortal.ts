/** A host that survives its store, for tests of the store's remaining files. */
import { Effect, Layer } from "effect"
import { HostProcess } from "../../src/platform/services.ts"

/** A host that cannot be ended: a caller that stops it dies with a defect. */
export const immortal = Layer.succeed(HostProcess, {
  halt: (reason) => Effect.die(new Error(`halted: ${reason}`)),
  haltSync: (reason) => {
    throw new Error(`halted: ${reason}`)
  }
})
