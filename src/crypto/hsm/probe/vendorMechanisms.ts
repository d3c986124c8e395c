/** Trials of SM2 and SM4 with the configured numbers: whether the token has the mechanisms, and whether they work. */
import type { Handle } from "pkcs11js"
import { pointBytes, pointToBytes } from "../../asymmetric/curves.ts"
import { isSm2Signature } from "../../asymmetric/sm2.ts"
import { pkcs11js } from "../token/pkcs11.ts"
import { sm2Numbers, sm4Numbers } from "../mechanisms.ts"
import type { MechanismName } from "../mechanisms.ts"
import { pairKind } from "../objects/pairKinds.ts"
import { sm2Forms, sm2SignatureOf, sm2Trial } from "../sm2Forms.ts"
import type { Sm2Form } from "../sm2Forms.ts"
import type { Token } from "../token/token.ts"
import { passing, works } from "../objects/trials.ts"
import { openSm2, opensSm2Trial, sm2PointOf } from "../objects/pairs.ts"

/** Configured mechanisms that the token does not list, in the form in which an operator would search for them. */
const unlisted = (token: Token, names: ReadonlyArray<MechanismName>): ReadonlyArray<string> =>
  names.flatMap((name) => {
    const number = token.mechanisms[name]
    return number === undefined || token.has(number) ? [] : [`${name} (0x${number.toString(16)})`]
  })

interface Trial<A> {
  readonly found: A | undefined
  readonly lacking: ReadonlyArray<string>
}

const lacking = (names: ReadonlyArray<string>): Trial<never> => ({
  found: undefined,
  lacking: names.map((name) => `it has no mechanism ${name}`)
})

const wanting = (what: string): Trial<never> => ({ found: undefined, lacking: [what] })

export const probeSm4 = (token: Token, sealsWith: () => boolean): Trial<true> => {
  if (sm4Numbers(token.mechanisms) === undefined) return { found: undefined, lacking: [] }
  const missing = unlisted(token, ["SM4_KEY_GEN", "SM4_GCM"])
  if (missing.length > 0) return lacking(missing)
  return works(token, sealsWith)
    ? { found: true, lacking: [] }
    : wanting("SM4_GCM does not seal and open under a key of SM4_KEY_GEN")
}

interface Pair {
  readonly privateKey: Handle
  readonly publicKey: Handle
}

const makePair = (token: Token): Pair => {
  const { generation, ofPublic, ofPrivate } = pairKind(token.mechanisms, "EC_SM2")
  return token.pkcs11.C_GenerateKeyPair(
    token.lastingSession(),
    { mechanism: generation },
    [{ type: pkcs11js.CKA_TOKEN, value: false }, { type: pkcs11js.CKA_VERIFY, value: true }, ...ofPublic],
    [...passing, { type: pkcs11js.CKA_SIGN, value: true }, { type: pkcs11js.CKA_DECRYPT, value: true }, ...ofPrivate]
  )
}

const digest = new Uint8Array(32).fill(0xa5)

/** A mechanism that hashes its input signs something other than the digest. */
const signsDigests = (token: Token, { privateKey, publicKey }: Pair, mechanism: number): boolean => {
  token.pkcs11.C_SignInit(token.session(), { mechanism }, privateKey)
  const answered = token.pkcs11.C_Sign(token.session(), Buffer.from(digest), Buffer.alloc(128))
  return isSm2Signature(sm2PointOf(token, publicKey), digest, sm2SignatureOf(new Uint8Array(answered)))
}

/** A mechanism that opens changed ciphertexts does not protect integrity. */
const opensChanged = (token: Token, { privateKey, publicKey }: Pair, form: Sm2Form): boolean => {
  const changed = sm2Trial(sm2PointOf(token, publicKey))
  changed[pointBytes] = (changed[pointBytes] ?? 0) ^ 1
  return works(token, () => openSm2(token, privateKey, form, changed).length > 0)
}

const isPoint = (token: Token, { publicKey }: Pair): boolean =>
  pointToBytes(sm2PointOf(token, publicKey)).length === pointBytes

const judgePair = (token: Token, pair: Pair, signing: number): Trial<Sm2Form> => {
  if (!works(token, () => isPoint(token, pair))) return wanting("SM2_KEY_PAIR_GEN does not make pairs of SM2's curve")
  if (!works(token, () => signsDigests(token, pair, signing))) return wanting("SM2_SIGN does not sign a digest by SM2")
  const form = sm2Forms.find((form) => works(token, () => opensSm2Trial(token, pair, form)))
  if (form === undefined) return wanting(`SM2_ENCRYPT opens no ciphertext as ${sm2Forms.join(", ")}`)
  return opensChanged(token, pair, form)
    ? wanting("SM2_ENCRYPT opens changed ciphertexts")
    : { found: form, lacking: [] }
}

export const probeSm2 = (token: Token): Trial<Sm2Form> => {
  const numbers = sm2Numbers(token.mechanisms)
  if (numbers === undefined) return { found: undefined, lacking: [] }
  const missing = unlisted(token, ["SM2_KEY_PAIR_GEN", "SM2_SIGN", "SM2_ENCRYPT"])
  if (missing.length > 0) return lacking(missing)
  let pair: Pair | undefined
  works(token, () => {
    pair = makePair(token)
    return true
  })
  if (pair === undefined) return wanting("SM2_KEY_PAIR_GEN does not make a pair")
  const { privateKey, publicKey } = pair
  const judged = judgePair(token, pair, numbers.signing)
  for (const half of [privateKey, publicKey]) {
    works(token, () => (token.pkcs11.C_DestroyObject(token.lastingSession(), half), true))
  }
  return judged
}
