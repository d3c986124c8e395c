/** The service over providers of key material that a test changes. */
import { Effect, Layer } from "effect"
import type { CryptoProvider } from "../../src/crypto/provider.ts"
import { Providers } from "../../src/crypto/providers.ts"
import type { EngineOptions } from "../../src/engineOptions.ts"
import { serviceLayer, storedEngineLayer } from "../../src/main.ts"

/** Replaces every provider by what `change` makes of it. */
const changedProviders = (change: (provider: CryptoProvider) => CryptoProvider) =>
  Layer.effect(
    Providers,
    Effect.map(Providers, ({ all, find, has }) => ({
      all,
      has,
      find: (level, spec) => {
        const provider = find(level, spec)
        return provider && change(provider)
      }
    }))
  )

/** A service with the changed providers, and its engine. */
export const serviceOver = (options: EngineOptions, change: (provider: CryptoProvider) => CryptoProvider) =>
  serviceLayer(options).pipe(
    Layer.provideMerge(changedProviders(change).pipe(Layer.provideMerge(storedEngineLayer(options))))
  )
