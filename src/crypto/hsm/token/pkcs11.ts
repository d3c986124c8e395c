/** The PKCS#11 binding, loaded only by the threads that call a token. */
import { createRequire } from "node:module"
import type * as Pkcs11js from "pkcs11js"

const require = createRequire(import.meta.url)

const load = (): typeof Pkcs11js => {
  try {
    return require("pkcs11js")
  } catch (failure) {
    if (!String(failure).includes("Cannot find module 'pkcs11js'")) throw failure
    throw new Error("the package pkcs11js is not installed; run npm install pkcs11js", { cause: failure })
  }
}

/** The package is CommonJS and optional: without it, only these threads do not start. */
export const pkcs11js: typeof Pkcs11js = load()
