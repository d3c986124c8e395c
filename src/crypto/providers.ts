/** Finds the provider for keys of a protection level. */
import { Context } from "effect"
import type { KeySpec, ProtectionLevel } from "../domain/keySpec.ts"
import type { CryptoProvider } from "./provider.ts"

export class Providers extends Context.Service<
  Providers,
  {
    /** Undefined if no provider of this service can hold such a key. */
    readonly find: (protection: ProtectionLevel, spec: KeySpec) => CryptoProvider | undefined
    /** Whether there is a provider of this level. */
    readonly has: (protection: ProtectionLevel) => boolean
    readonly all: ReadonlyArray<CryptoProvider>
  }
>()("keystate/crypto/Providers") {}
