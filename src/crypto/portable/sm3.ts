/** SM3 for any JavaScript runtime (GM/T 0004-2012). */
// Its ECMAScript modules by file name: bundlers would take its CommonJS, which does not work in an ECMAScript module.
import { sm3 as hexOfSm3 } from "sm-crypto-v2/dist/index.mjs"

export const sm3 = (message: Uint8Array): Uint8Array =>
  Uint8Array.from(hexOfSm3(message).match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
