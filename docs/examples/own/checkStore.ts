/** Runs the laws of stores on the file store, then a service on it that is stopped and started again. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createKms } from "keystate/promise"
import { checkLaws, outcomesText, storeLaws } from "keystate/conformance/store"
import { fileStore } from "./fileStore.ts"

const folder = mkdtempSync(join(tmpdir(), "keystate-file-store-"))
let made = 0
const outcomes = await checkLaws(storeLaws(() => fileStore(join(folder, `${++made}.log`))))
const broken = outcomes.filter(({ fault }) => fault !== undefined)
if (broken.length > 0) console.log(outcomesText(broken))
console.log(`${outcomes.length - broken.length} laws kept, ${broken.length} broken`)

const path = join(folder, "keys.log")
const options = { store: fileStore(path), rootKey: { kind: "bytes", bytes: new Uint8Array(32).fill(7) } } as const
const first = await createKms(options)
const { KeyId } = (await first.createKey()).KeyMetadata
const { CiphertextBlob } = await first.encrypt({ KeyId, Plaintext: "aGVsbG8=" })
await first.close()

const second = await createKms(options)
console.log((await second.decrypt({ CiphertextBlob })).Plaintext)
await second.disableKey({ KeyId })
console.log(await second.encrypt({ KeyId, Plaintext: "aGVsbG8=" }).catch(({ code }: { code: string }) => code))
await second.close()
console.log(`${readFileSync(path, "utf8").split("\n").length > 5 ? "the file holds the history" : "the file is short"}`)
rmSync(folder, { recursive: true })
process.exitCode = broken.length === 0 ? 0 : 1
