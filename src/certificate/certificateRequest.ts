/** Certificate signing requests (PKCS #10, RFC 2986): the signed part, its digest, and the signed request. */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr"
import { AsnConvert } from "@peculiar/asn1-schema"
import {
  AlgorithmIdentifier,
  Attribute,
  AttributeTypeAndValue,
  AttributeValue,
  Extension,
  Extensions,
  GeneralName,
  id_ce_subjectAltName,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectPublicKeyInfo
} from "@peculiar/asn1-x509"
import { derInteger, derNothing, derOid, derSequence, element } from "../crypto/asymmetric/der.ts"
import { saltBytes } from "../crypto/asymmetric/rsaPadding.ts"
import { sm2Digest } from "../crypto/asymmetric/sm2.ts"
import { parseEcPublicKey } from "../crypto/asymmetric/spki.ts"
import type { SignatureAlgorithm } from "../domain/algorithms.ts"
import { pem } from "../encoding/pem.ts"
import type { AlternativeName } from "./alternativeName.ts"
import type { DistinguishedName, NameAttribute, RelativeName, Syntax } from "./distinguishedName.ts"

export interface Requested {
  readonly subject: DistinguishedName
  readonly alternativeNames: ReadonlyArray<AlternativeName>
  /** DER SubjectPublicKeyInfo of the signing key. */
  readonly publicKey: Uint8Array
}

/** extensionRequest (RFC 2985, section 5.4.2). */
const extensionRequest = "1.2.840.113549.1.9.14"

/** sha256, 2.16.840.1.101.3.4.2.1, and mgf1, 1.2.840.113549.1.1.8 (RFC 8017, appendix B). */
const sha256Algorithm = derSequence(
  derOid(Uint8Array.of(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01)),
  derNothing
)
const mgf1 = derOid(Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08))

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

/** The bytes in a separate buffer, as the encoder needs them. */
const bufferOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer

const stringOf = {
  utf8: (value: string) => new AttributeValue({ utf8String: value }),
  printable: (value: string) => new AttributeValue({ printableString: value }),
  ia5: (value: string) => new AttributeValue({ ia5String: value })
} as const satisfies Record<Syntax, (value: string) => AttributeValue>

const attributeOf = ({ type, value, syntax }: NameAttribute): AttributeTypeAndValue =>
  new AttributeTypeAndValue({ type, value: stringOf[syntax](value) })

const hexOf = (value: object): string => bytesToHex(new Uint8Array(AsnConvert.serialize(value)))

/** DER orders the members of a set by their encoding (X.690, section 11.6). */
const relativeNameOf = (attributes: RelativeName): RelativeDistinguishedName => {
  const encoded = attributes.map(attributeOf).map((attribute) => ({ attribute, hex: hexOf(attribute) }))
  const sorted = encoded.toSorted((left, right) => (left.hex < right.hex ? -1 : 1))
  return new RelativeDistinguishedName(sorted.map(({ attribute }) => attribute))
}

const generalNameOf = {
  dns: (name: string) => new GeneralName({ dNSName: name }),
  ip: (name: string) => new GeneralName({ iPAddress: name }),
  email: (name: string) => new GeneralName({ rfc822Name: name })
} as const satisfies Record<AlternativeName["kind"], (name: string) => GeneralName>

const attributesOf = (names: ReadonlyArray<AlternativeName>): Attributes => {
  if (names.length === 0) return new Attributes()
  const alternativeNames = new SubjectAlternativeName(names.map(({ kind, name }) => generalNameOf[kind](name)))
  const extension = new Extension({ extnID: id_ce_subjectAltName })
  extension.extnValue.buffer = AsnConvert.serialize(alternativeNames)
  const values = [AsnConvert.serialize(new Extensions([extension]))]
  return new Attributes([new Attribute({ type: extensionRequest, values })])
}

/** A request without its signature. */
export interface UnsignedRequest {
  /** The digest to sign: SHA-256, or for SM2 the SM3 of ZA and the request (GB/T 32918.2, section 6.1). */
  readonly digest: (algorithm: SignatureAlgorithm) => Uint8Array
  /** The whole request as PEM. */
  readonly signed: (algorithm: SignatureAlgorithm, signature: Uint8Array) => string
}

export const certificateRequest = ({ subject, alternativeNames, publicKey }: Requested): UnsignedRequest => {
  const info = new CertificationRequestInfo({
    subject: new Name(subject.map(relativeNameOf)),
    subjectPKInfo: AsnConvert.parse(bufferOf(publicKey), SubjectPublicKeyInfo),
    attributes: attributesOf(alternativeNames)
  })
  const message = new Uint8Array(AsnConvert.serialize(info))
  return {
    digest: (algorithm) => (algorithm === "SM2DSA" ? sm2Digest(sm2PointOf(publicKey), message) : sha256(message)),
    signed: (algorithm, signature) => {
      const { oid, parameters } = signatureAlgorithms[algorithm]
      const request = new CertificationRequest({
        certificationRequestInfo: info,
        signatureAlgorithm: new AlgorithmIdentifier({
          algorithm: oid,
          ...(parameters === undefined ? {} : { parameters: bufferOf(parameters) })
        }),
        signature: bufferOf(signature)
      })
      return pem("CERTIFICATE REQUEST", new Uint8Array(AsnConvert.serialize(request)))
    }
  }
}

const sm2PointOf = (publicKey: Uint8Array): Uint8Array => {
  const point = parseEcPublicKey("EC_SM2", publicKey)
  if (point === undefined) throw new Error("SM2 signs only for keys of its curve")
  return point
}
