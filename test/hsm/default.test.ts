/** Without a token neither the PKCS#11 binding nor a module is loaded. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { makeTestToken } from "./token.ts"

const token = makeTestToken()
afterAll(() => token.remove())

const library = fileURLToPath(new URL("../../src/promise.ts", import.meta.url))

/** The shared objects of a process that has created and used a key of level HSM. */
const mappedWith = (hsm: unknown): string => {
  const program = `
    import { readFileSync } from "node:fs"
    import { createKms } from ${JSON.stringify(library)}
    const kms = await createKms({ hsm: ${JSON.stringify(hsm)} })
    const { KeyMetadata: { KeyId } } = await kms.createKey({ ProtectionLevel: "HSM" })
    await kms.encrypt({ KeyId, Plaintext: "aGVsbG8=" })
    process.stdout.write(readFileSync("/proc/self/maps", "utf8"))
    process.exit(0)
  `
  return execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" })
}

describe("a service without a token", () => {
  it("a service without a token loads neither pkcs11js nor a module, and one with a token both", () => {
    const simulated = mappedWith("simulator")
    expect(simulated).toContain("[heap]")
    expect(simulated).not.toMatch(/pkcs11\.node|softhsm/)
    const connected = mappedWith({ module: token.module, label: token.label, pinFile: token.pinFile })
    expect(connected).toMatch(/pkcs11\.node/)
    expect(connected).toMatch(/libsofthsm2/)
  })
})
