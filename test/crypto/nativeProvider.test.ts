/** The laws of providers, kept by the one on node:crypto. */
import { providerLaws } from "./providerLaws.ts"
import { native, portable } from "./providers.ts"

providerLaws(native, portable)
