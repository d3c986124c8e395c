/** The curves of the native provider: those of OpenSSL where they can be called, otherwise those in JavaScript. */
import { curveAnswers } from "../knownAnswers/curves.ts"
import type { Curves, Primitives } from "../primitives.ts"
import { makePortableCurves } from "../portable/portableCurves.ts"
import { openLibcrypto } from "./openssl/libcrypto.ts"
import { makeOpensslCurves } from "./openssl/opensslCurves.ts"

type Hashes = Pick<Primitives, "keyedHash" | "sm3">

/** Undefined if OpenSSL cannot be called, or gives one wrong answer. */
export const opensslCurves = (hashes: Hashes): Curves | undefined => {
  const libcrypto = openLibcrypto()
  if (libcrypto === undefined) return undefined
  const curves = makeOpensslCurves(libcrypto)
  return curveAnswers({ ...hashes, curves }) ? curves : undefined
}

/**
 * OpenSSL is opened at the first use, because most programs use no curves. It draws its own nonces, so a provider with
 * another source of randomness uses the curves in JavaScript.
 */
export const makeNativeCurves = (hashes: Hashes): Curves => {
  const portable = makePortableCurves(hashes)
  let found: Curves | undefined
  const native = (): Curves => (found ??= opensslCurves(hashes) ?? portable)
  return {
    publicPoint: (spec, scalar) => native().publicPoint(spec, scalar),
    ecdsaPrivateKey: (spec, pkcs8, random) =>
      (random.isSystem ? native() : portable).ecdsaPrivateKey(spec, pkcs8, random),
    ecdsaPublicKey: (spec, spki) => native().ecdsaPublicKey(spec, spki),
    sm2PrivateKey: (pkcs8, random) => (random.isSystem ? native() : portable).sm2PrivateKey(pkcs8, random),
    sm2PublicKey: (spki, random) => (random.isSystem ? native() : portable).sm2PublicKey(spki, random),
    nonceAnswers: () => native().nonceAnswers()
  }
}
