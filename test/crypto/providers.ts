/** The providers on which the laws run. */
import { makeNativeProvider } from "../../src/crypto/native/nativeProvider.ts"
import { rootKeyFromBytes as nativeRootKey } from "../../src/crypto/native/rootKey.ts"
import { portable } from "../../src/conformance/provider/index.ts"
import type { ProviderUnderTest } from "../../src/conformance/provider/providerLaws.ts"

export const native: ProviderUnderTest = {
  name: "native",
  makeProvider: makeNativeProvider,
  makeRootKey: nativeRootKey
}

export { portable }

export const both = [native, portable] as const
