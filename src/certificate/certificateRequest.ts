/** Certificate signing requests (PKCS #10, RFC 2986): the signed part, its digest, and the signed request. */
import { sha256 } from "@noble/hashes/sha2.js"
import { derBits, derInteger, derNothing, derOidOf, derSequence, derSetOf, element } from "../crypto/asymmetric/der.ts"
import { saltBytes } from "../crypto/asymmetric/rsaPadding.ts"
import { sm2Digest } from "../crypto/asymmetric/sm2.ts"
import { parseEcPublicKey } from "../crypto/asymmetric/spki.ts"
import type { SignatureAlgorithm } from "../domain/algorithms.ts"
import { pem } from "../encoding/pem.ts"
import type { AlternativeName } from "./alternativeName.ts"
import type { DistinguishedName } from "./distinguishedName.ts"
import { distinguishedName, subjectAlternativeNames } from "./x509.ts"

export interface Requested {
  readonly subject: DistinguishedName
  readonly alternativeNames: ReadonlyArray<AlternativeName>
  /** DER SubjectPublicKeyInfo of the signing key. */
  readonly publicKey: Uint8Array
}

/** extensionRequest (RFC 2985, section 5.4.2). */
const extensionRequest = "1.2.840.113549.1.9.14"

/** RFC 8017, appendix B. */
const sha256Algorithm = derSequence(derOidOf("2.16.840.1.101.3.4.2.1"), derNothing)
const mgf1 = derOidOf("1.2.840.113549.1.1.8")

/** RSASSA-PSS-params (RFC 4055, section 3.1): no value is a default except the trailer, which is left out. */
const pssParameters = derSequence(
  element(0xa0, sha256Algorithm),
  element(0xa1, derSequence(mgf1, sha256Algorithm)),
  element(0xa2, derInteger(BigInt(saltBytes)))
)

/** RFC 4055, sections 3 and 5; RFC 5758, section 3.2; GM/T 0006. Elliptic curves have no parameters. */
const signatureAlgorithms = {
  RSA_PSS_SHA_256: { oid: "1.2.840.113549.1.1.10", parameters: pssParameters },
  RSA_PKCS1_SHA_256: { oid: "1.2.840.113549.1.1.11", parameters: derNothing },
  ECDSA_SHA_256: { oid: "1.2.840.10045.4.3.2", parameters: undefined },
  SM2DSA: { oid: "1.2.156.10197.1.501", parameters: undefined }
} as const satisfies Record<SignatureAlgorithm, object>

/** [0] IMPLICIT SET OF Attribute, which is there even if it is empty (RFC 2986, section 4.1). */
const attributesOf = (names: ReadonlyArray<AlternativeName>): Uint8Array => {
  if (names.length === 0) return element(0xa0)
  const extensions = derSequence(subjectAlternativeNames(names))
  return element(0xa0, derSequence(derOidOf(extensionRequest), derSetOf(extensions)))
}

/** A request without its signature. */
export interface UnsignedRequest {
  /** The digest to sign: SHA-256, or for SM2 the SM3 of ZA and the request (GB/T 32918.2, section 6.1). */
  readonly digest: (algorithm: SignatureAlgorithm) => Uint8Array
  /** The whole request as PEM. */
  readonly signed: (algorithm: SignatureAlgorithm, signature: Uint8Array) => string
}

export const certificateRequest = ({ subject, alternativeNames, publicKey }: Requested): UnsignedRequest => {
  const message = derSequence(derInteger(0n), distinguishedName(subject), publicKey, attributesOf(alternativeNames))
  return {
    digest: (algorithm) => (algorithm === "SM2DSA" ? sm2Digest(sm2PointOf(publicKey), message) : sha256(message)),
    signed: (algorithm, signature) => {
      const { oid, parameters } = signatureAlgorithms[algorithm]
      const signatureAlgorithm = derSequence(derOidOf(oid), ...(parameters === undefined ? [] : [parameters]))
      return pem("CERTIFICATE REQUEST", derSequence(message, signatureAlgorithm, derBits(signature)))
    }
  }
}

const sm2PointOf = (publicKey: Uint8Array): Uint8Array => {
  const point = parseEcPublicKey("EC_SM2", publicKey)
  if (point === undefined) throw new Error("SM2 signs only for keys of its curve")
  return point
}
