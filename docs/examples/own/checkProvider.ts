/** Runs the laws of providers on the house provider, then a service whose software keys it holds. */
import { createKms } from "keystate/promise"
import { rootKeyFromBytes } from "keystate/provider"
import { checkLaws, outcomesText, providerLaws } from "keystate/conformance/provider"
import { makeHouseProvider } from "./provider.ts"

const outcomes = await checkLaws(
  providerLaws({ name: "house", makeProvider: makeHouseProvider, makeRootKey: rootKeyFromBytes })
)
const broken = outcomes.filter(({ fault }) => fault !== undefined)
if (broken.length > 0) console.log(outcomesText(broken))
console.log(`${outcomes.length - broken.length} laws kept, ${broken.length} broken`)

const kms = await createKms({ crypto: makeHouseProvider })
const { KeyId } = (await kms.createKey()).KeyMetadata
const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: "aGVsbG8=" })
console.log((await kms.decrypt({ CiphertextBlob })).Plaintext)
await kms.close()
process.exitCode = broken.length === 0 ? 0 : 1
