/** SoftHSM behind a module that adds SM2 and SM4 with its own numbers, built with the machine's compiler and libcrypto. */
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { fromDebian } from "../../src/development/debian.ts"
import { softHsmModule } from "../../src/development/softHsm.ts"
import type { Mechanisms } from "../../src/crypto/hsm/mechanisms.ts"
import type { Sm2Form } from "../../src/crypto/hsm/sm2Forms.ts"
import { compile, compiler } from "./compiler.ts"
import { makeTestToken } from "./token.ts"
import type { TestToken } from "./token.ts"

const source = fileURLToPath(new URL("smModule.c", import.meta.url))

/** This vendor's numbers for SM2 and SM4. */
export const numbers = {
  SM2_KEY_PAIR_GEN: 0x8000_8001,
  SM2_SIGN: 0x8000_8200,
  SM2_ENCRYPT: 0x8000_8300,
  SM2_KEY_TYPE: 0x8000_0004,
  SM4_KEY_GEN: 0x8000_a001,
  SM4_GCM: 0x8000_a300,
  SM4_KEY_TYPE: 0x8000_0106
} as const satisfies Mechanisms

/** The encodings of this vendor. */
export interface SmForms {
  readonly ciphertext: Sm2Form
  readonly signature: "raw" | "DER"
  /** Points without an octet string, and without the mark for uncompressed points. */
  readonly barePoint: boolean
}

const formsOfOurs: SmForms = { ciphertext: "C1C3C2", signature: "raw", barePoint: false }

/** The archive is linked statically: a shared libcrypto would conflict with the one in node. */
const libcrypto = (): string =>
  fromDebian({
    name: "OpenSSL's libcrypto",
    packages: ["libssl-dev"],
    look: () => {
      const path = execFileSync(compiler(), ["-print-file-name=libcrypto.a"], { encoding: "utf8" }).trim()
      return existsSync(path) ? path : undefined
    }
  })

const isolated = ["-Wl,-Bsymbolic", "-Wl,--exclude-libs,ALL", "-Wl,-z,nodelete"]

/** A module for tests in this directory, in place of SoftHSM. */
export const buildSmModule = (
  token: TestToken,
  { ciphertext, signature, barePoint }: SmForms = formsOfOurs
): string => {
  const module = join(token.directory, `sm-${ciphertext}-${signature}-${barePoint}.so`)
  compile({
    source,
    output: module,
    definitions: {
      MODULE: `"${softHsmModule()}"`,
      CIPHERTEXT: ciphertext,
      SIGNATURE: signature === "DER" ? "DER" : "0",
      BARE_POINT: barePoint ? "1" : "0",
      ...Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, String(number)]))
    },
    libraries: [...isolated, libcrypto(), "-ldl", "-lpthread"]
  })
  return module
}

export const makeSmToken = (forms: SmForms = formsOfOurs): TestToken => {
  const token = makeTestToken()
  return { ...token, module: buildSmModule(token, forms), mechanisms: numbers }
}
