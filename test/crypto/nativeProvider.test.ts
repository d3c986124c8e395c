/** The laws of providers for the provider on node:crypto. */
import { providerLaws } from "../../src/conformance/provider/index.ts"
import { asTests } from "../asTests.ts"
import { native, portable } from "./providers.ts"

asTests("the native provider", providerLaws(native, portable))
