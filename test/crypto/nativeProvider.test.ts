/** The laws of providers, kept by the one on node:crypto. */
import { messageLaws } from "./messageLaws.ts"
import { pairLaws } from "./pairLaws.ts"
import { providerLaws } from "./providerLaws.ts"
import { native, portable } from "./providers.ts"
import { wrappingLaws } from "./wrappingLaws.ts"

providerLaws(native, portable)
messageLaws(native, portable)
pairLaws(native, portable)
wrappingLaws(native, portable)
