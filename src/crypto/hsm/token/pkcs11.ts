/** The PKCS#11 binding, loaded by the threads that talk to a token and by nothing else. */
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

/** It is CommonJS, and an optional package: without it these threads do not start, and all else works. */
export const pkcs11js: typeof Pkcs11js = load()
