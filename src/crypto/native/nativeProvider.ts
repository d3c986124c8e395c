/** Software keys on node:crypto. */
import type { CryptoProvider } from "../provider.ts"
import { makeSoftwareProvider } from "../softwareProvider.ts"
import type { SoftwareProviderOptions } from "../softwareProvider.ts"
import { nativePrimitives } from "./nativePrimitives.ts"

export const makeNativeProvider = (options: SoftwareProviderOptions): CryptoProvider =>
  makeSoftwareProvider(nativePrimitives, options)
