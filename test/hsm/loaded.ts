/** Uses a service of each kind once, and prints which parts of PKCS#11 the process has loaded by then. */
import { readFileSync } from "node:fs"
import { createKms } from "../../src/promise.ts"

const [kind = "", module = "", label = "", pinFile = ""] = process.argv.slice(2)
const hsm = kind === "token" ? { module, label, pinFile } : kind === "simulator" ? "simulator" : "none"
const kms = await createKms(kind === "default" ? {} : { hsm })
const level = hsm === "none" ? "SOFTWARE" : "HSM"
const { KeyId } = (await kms.createKey({ ProtectionLevel: level })).KeyMetadata
const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: "aGVsbG8=" })
await kms.decrypt({ CiphertextBlob })
const maps = readFileSync("/proc/self/maps", "utf8")
process.stdout.write(JSON.stringify(["pkcs11.node", "libsofthsm2.so"].filter((name) => maps.includes(name))))
await kms.close()
