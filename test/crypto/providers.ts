/** The providers the laws are asked of. */
import { makeNativeProvider } from "../../src/crypto/native/nativeProvider.ts"
import { rootKeyFromBytes as nativeRootKey } from "../../src/crypto/native/rootKey.ts"
import { makePortableProvider } from "../../src/crypto/portable/portableProvider.ts"
import { rootKeyFromBytes as portableRootKey } from "../../src/crypto/portable/rootKey.ts"
import type { ProviderUnderTest } from "../../src/conformance/provider/providerLaws.ts"

export const native: ProviderUnderTest = {
  name: "native",
  makeProvider: makeNativeProvider,
  makeRootKey: nativeRootKey
}

export const portable: ProviderUnderTest = {
  name: "portable",
  makeProvider: makePortableProvider,
  makeRootKey: portableRootKey
}

export const both = [native, portable] as const
