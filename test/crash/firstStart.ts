/** The first start of a service, for a kill at a system call: creates its store and one key, and ends. */
import { createKms } from "../../src/promise.ts"

const [directory = "", keyFile] = process.argv.slice(2)
const rootKey = keyFile === undefined ? {} : { rootKey: { kind: "file", path: keyFile } as const }
const kms = await createKms({ store: { directory }, clock: "virtual", ...rootKey })
const { KeyId } = (await kms.createKey()).KeyMetadata
process.stdout.write(`${KeyId}\n`)
await kms.close()
