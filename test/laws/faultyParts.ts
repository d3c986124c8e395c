/** A store and a crypto provider that fail on request, like those of a user. */
import { Effect, Layer } from "effect"
import { CryptoFailed } from "../../src/crypto/provider.ts"
import type { CryptoProvider } from "../../src/crypto/provider.ts"
import { makeNativeProvider } from "../../src/crypto/native/nativeProvider.ts"
import type { MakeProvider } from "../../src/main.ts"
import { Driver, StoreConflict, StoreDamaged, StoreUnavailable } from "../../src/store/driver.ts"
import type { StoreDriver, StoreFailure } from "../../src/store/driver.ts"
import { memoryDriverLayer } from "../../src/store/memory/memoryStore.ts"

const message = "The test makes the store fail."

/** A failure in place of the answer of a store method. `lost` performs a plan and reports an unknown outcome. */
export const storeFaults = ["unreachable", "damaged", "unknown", "lost", "conflict"] as const
export type StoreFault = (typeof storeFaults)[number]

export const providerFaults = ["Unavailable", "Rejected", "Exhausted", "UnsupportedSpec"] as const
export type ProviderFault = CryptoFailed["reason"]

/** The next fault of each part: after `skip` successful calls. */
export interface Armed {
  readonly store?: { readonly fault: StoreFault; readonly skip: number } | undefined
  readonly provider?: { readonly fault: ProviderFault; readonly skip: number } | undefined
}

interface Fuse<Fault> {
  readonly arm: (next: { readonly fault: Fault; readonly skip: number } | undefined) => void
  /** The fault of this call; undefined for success. */
  readonly blow: () => Fault | undefined
}

const fuse = <Fault>(): Fuse<Fault> => {
  let armed: { readonly fault: Fault; skip: number } | undefined
  return {
    arm: (next) => {
      armed = next && { ...next }
    },
    blow: () => {
      if (armed === undefined || armed.skip-- > 0) return undefined
      const { fault } = armed
      armed = undefined
      return fault
    }
  }
}

const unknown = new StoreUnavailable({ reason: "Unreachable", message, outcome: "Unknown" })

const readFault = (fault: StoreFault) =>
  fault === "damaged" ? new StoreDamaged({ message }) : new StoreUnavailable({ reason: "Unreachable", message })

const faultyDriver = (driver: StoreDriver, { blow }: Fuse<StoreFault>): StoreDriver => {
  const read = <A>(answer: Effect.Effect<A, StoreFailure>): Effect.Effect<A, StoreFailure> =>
    Effect.suspend(() => {
      const fault = blow()
      return fault === undefined ? answer : Effect.fail(readFault(fault))
    })
  return {
    get: (table, id) => read(driver.get(table, id)),
    scan: (scan) => read(driver.scan(scan)),
    count: (range) => read(driver.count(range)),
    commit: (plan) =>
      Effect.suspend(() => {
        const fault = blow()
        if (fault === undefined) return driver.commit(plan)
        if (fault === "unknown") return Effect.fail(unknown)
        if (fault === "lost") return Effect.andThen(driver.commit(plan), Effect.fail(unknown))
        // Only an existing row can have been changed by another writer.
        const changed = plan.checks.find((check) => "table" in check && check.revision !== undefined)
        if (fault !== "conflict" || changed === undefined || !("table" in changed)) return Effect.fail(readFault(fault))
        return Effect.fail(new StoreConflict({ on: changed.table, id: changed.id }))
      })
  }
}

/** Methods that return an effect; the others cannot fail. */
const failing = [
  "generate",
  "open",
  "seal",
  "unseal",
  "encrypt",
  "decrypt",
  "sign",
  "verify",
  "destroy",
  "forgetWrappingPair",
  "makeWrappingPair",
  "importMaterial",
  "wrap"
] as const satisfies ReadonlyArray<keyof CryptoProvider>

const faultyProvider = (provider: CryptoProvider, { blow }: Fuse<ProviderFault>): CryptoProvider => {
  const faulty: Record<string, unknown> = { ...provider }
  for (const name of failing) {
    const method: (request: never) => Effect.Effect<unknown, CryptoFailed> = provider[name]
    faulty[name] = (request: never) =>
      Effect.suspend(() => {
        const reason = blow()
        return reason === undefined ? method(request) : Effect.fail(new CryptoFailed({ reason }))
      })
  }
  return { ...provider, ...faulty }
}

export interface FaultyParts {
  readonly store: Layer.Layer<Driver>
  /** Keys of level SOFTWARE and of level HSM. */
  readonly provider: MakeProvider
  readonly arm: (next: Armed) => void
}

export const faultyParts = (): FaultyParts => {
  const [store, provider] = [fuse<StoreFault>(), fuse<ProviderFault>()]
  return {
    store: Layer.effect(
      Driver,
      Effect.map(Driver, (driver) => faultyDriver(driver, store))
    ).pipe(Layer.provide(memoryDriverLayer)),
    provider: (given) => faultyProvider(makeNativeProvider(given), provider),
    arm: (next) => {
      store.arm(next.store)
      provider.arm(next.provider)
    }
  }
}
