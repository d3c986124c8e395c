/** Material that comes in wrapped: it is unwrapped inside the token, and never anywhere else. */
import type { Mechanism } from "pkcs11js"
import { TokenError } from "./failures.ts"
import { pkcs11js } from "./library.ts"
import type { Asks, TokenWrapping } from "./protocol.ts"
import type { Token } from "./token.ts"
import { judging, making, secretTemplate } from "./tokenObjects.ts"
import { oaep } from "./tokenPairs.ts"
import { bufferOf, checkSecret } from "./tokenSecrets.ts"

export const unwrapMechanisms: Readonly<Record<TokenWrapping, Mechanism>> = {
  RSAES_PKCS1_V1_5: { mechanism: pkcs11js.CKM_RSA_PKCS },
  RSAES_OAEP_SHA_1: oaep("sha1"),
  RSAES_OAEP_SHA_256: oaep("sha256")
}

/** A key of the wrong length is destroyed before anyone hears of it: `making` leaves nothing of what fails. */
export const unwrap = (token: Token, { name, wrapping, algorithm, wrapped }: Asks<"unwrap">): Uint8Array => {
  if (wrapped.length === 0) throw new TokenError("Rejected", "nothing was given")
  return making(token, name, () => {
    const key = token.find(wrapping, "private")
    judging(token, key, () =>
      token.pkcs11.C_UnwrapKey(
        token.session(),
        unwrapMechanisms[algorithm],
        key,
        bufferOf(wrapped),
        secretTemplate(name)
      )
    )
    return checkSecret(token, name)
  })
}
