/** Software keys on @noble, without Node. */
import type { CryptoProvider } from "../provider.ts"
import { makeSoftwareProvider } from "../softwareProvider.ts"
import type { SoftwareProviderOptions } from "../softwareProvider.ts"
import { portablePrimitives } from "./portablePrimitives.ts"

export const makePortableProvider = (options: SoftwareProviderOptions): CryptoProvider =>
  makeSoftwareProvider(portablePrimitives, options)
