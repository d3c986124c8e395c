/** Which provider holds the keys of a protection level. */
import { Context } from "effect"
import type { KeySpec, ProtectionLevel } from "../domain/keySpec.ts"
import type { CryptoProvider } from "./provider.ts"

export class Providers extends Context.Service<
  Providers,
  {
    /** Undefined when no provider here can hold such a key. */
    readonly find: (protection: ProtectionLevel, spec: KeySpec) => CryptoProvider | undefined
    readonly all: ReadonlyArray<CryptoProvider>
  }
>()("keystate/crypto/Providers") {}
