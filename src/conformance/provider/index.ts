/** Laws for authors of a crypto provider: the laws that our providers obey. */
import { rootKeyFromBytes } from "../../crypto/portable/rootKey.ts"
import { makePortableProvider } from "../../crypto/portable/portableProvider.ts"
import { lawsIn } from "../partLaws.ts"
import type { LawWriter, Law } from "../partLaws.ts"
import { messageLaws } from "./messageLaws.ts"
import { pairLaws } from "./pairLaws.ts"
import { providerLaws as keepingLaws } from "./providerLaws.ts"
import type { ProviderUnderTest } from "./providerLaws.ts"
import { wrappingLaws } from "./wrappingLaws.ts"

export { checkLaws, outcomesText } from "../partLaws.ts"
export type { CheckOptions, Law, LawOutcome } from "../partLaws.ts"
export type { CryptoProvider } from "../../crypto/provider.ts"
export type { RootKey } from "../../crypto/seal.ts"
export type { ProviderUnderTest } from "./providerLaws.ts"

/** Keystate's provider in plain JavaScript: the partner of a new provider unless another one is given. */
export const portable: ProviderUnderTest = {
  name: "portable",
  makeProvider: makePortableProvider,
  makeRootKey: rootKeyFromBytes
}

type Write = (writer: LawWriter, mine: ProviderUnderTest, other: ProviderUnderTest) => void

const parts: ReadonlyArray<readonly [string, Write]> = [
  ["keys", keepingLaws],
  ["messages", messageLaws],
  ["pairs", pairLaws],
  ["wrapping", wrappingLaws]
]

/** The laws of every provider. `other` is a correct provider: each must read what the other wrote. */
export const providerLaws = (mine: ProviderUnderTest, other: ProviderUnderTest = portable): ReadonlyArray<Law> =>
  parts.flatMap(([title, write]) => lawsIn(title, (writer) => write(writer, mine, other)))
