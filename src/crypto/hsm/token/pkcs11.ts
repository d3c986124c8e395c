/** The PKCS#11 binding, loaded by the threads that talk to a token and by nothing else. */
import { createRequire } from "node:module"
import type * as Pkcs11js from "pkcs11js"

const require = createRequire(import.meta.url)

/** It is CommonJS, and an optional dependency: without it these threads do not start, and all else works. */
export const pkcs11js: typeof Pkcs11js = require("pkcs11js")
