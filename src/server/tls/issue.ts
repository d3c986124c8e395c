/** X.509 certificates (RFC 5280) of a local authority, for development. */
import { X509Certificate, createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto"
import type { KeyObject } from "node:crypto"
import { isIP } from "node:net"
import { AsnConvert, OctetString } from "@peculiar/asn1-schema"
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth
} from "@peculiar/asn1-x509"
import { pem } from "../../encoding/pem.ts"

const dayMillis = 86_400_000
/** Ten years, because every client must be configured for a new authority. */
const authorityDays = 3650
/** Browsers refuse server certificates of more than 398 days. */
const serverDays = 397
/** A client's clock may be behind. */
const earlierMillis = 3_600_000

/** An authority: its certificate and its private key, as PEM. */
export interface Authority {
  readonly certificate: string
  readonly key: string
}

/** ecdsa-with-SHA256 (RFC 5758, section 3.2). */
const ecdsaWithSha256 = "1.2.840.10045.4.3.2"
/** id-at-commonName (RFC 5280, appendix A.1). */
const commonName = "2.5.4.3"

const nameOf = (text: string): Name =>
  new Name([
    new RelativeDistinguishedName([
      new AttributeTypeAndValue({ type: commonName, value: new AttributeValue({ utf8String: text }) })
    ])
  ])

const extension = (extnID: string, value: object, critical = false): Extension =>
  new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) })

interface ToIssue {
  readonly subject: string
  readonly publicKey: KeyObject
  readonly days: number
  readonly extensions: ReadonlyArray<Extension>
}

interface Issuer {
  readonly name: string
  readonly key: KeyObject
}

/** The variable data of a certificate: 16 random bytes for its serial number, and the time in milliseconds. */
export interface Circumstances {
  readonly serial: Uint8Array
  readonly nowMillis: number
}

/** A serial number is positive and has at most 20 bytes (RFC 5280, section 4.1.2.2). */
const serialNumberOf = (random: Uint8Array): ArrayBuffer => {
  const number = Uint8Array.from(random)
  number[0] = ((number[0] ?? 0) & 0x3f) | 0x40
  return number.buffer
}

const signedBy = (issuer: Issuer, subject: ToIssue, { nowMillis, serial }: Circumstances): string => {
  const algorithm = new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 })
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumberOf(serial),
    signature: algorithm,
    issuer: nameOf(issuer.name),
    validity: new Validity({
      notBefore: new Date(nowMillis - earlierMillis),
      notAfter: new Date(nowMillis + subject.days * dayMillis)
    }),
    subject: nameOf(subject.subject),
    subjectPublicKeyInfo: AsnConvert.parse(
      subject.publicKey.export({ type: "spki", format: "der" }),
      SubjectPublicKeyInfo
    ),
    extensions: new Extensions([...subject.extensions])
  })
  const signature = sign("sha256", new Uint8Array(AsnConvert.serialize(tbsCertificate)), issuer.key)
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm,
    signatureValue: Uint8Array.from(signature).buffer
  })
  return pem("CERTIFICATE", new Uint8Array(AsnConvert.serialize(certificate)))
}

/** The id of a public key: 160 bits of its SHA-256. Any method that distinguishes keys is allowed (RFC 7093). */
const keyIdOf = (publicKey: KeyObject): Uint8Array<ArrayBuffer> => {
  const digest = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest()
  return Uint8Array.from(digest.subarray(0, 20))
}

/** A new private key on the curve P-256, as PEM. */
export const newPrivateKey = (): string =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString()

/** The certificate of an authority with this private key. It may sign only certificates of servers. */
export const authorityCertificate = (key: string, name: string, circumstances: Circumstances): string => {
  const publicKey = createPublicKey(key)
  const extensions = [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdOf(publicKey)))
  ]
  return signedBy(
    { name, key: createPrivateKey(key) },
    { subject: name, publicKey, days: authorityDays, extensions },
    circumstances
  )
}

const alternativeName = (name: string): GeneralName =>
  isIP(name) === 0 ? new GeneralName({ dNSName: name }) : new GeneralName({ iPAddress: name })

/** The certificate of a server with this private key, for each of the names and addresses. */
export const serverCertificate = (
  authority: Authority,
  key: string,
  names: ReadonlyArray<string>,
  circumstances: Circumstances
): string => {
  const publicKey = createPublicKey(key)
  const issuer = new X509Certificate(authority.certificate)
  const extensions = [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
    extension(id_ce_subjectAltName, new SubjectAlternativeName(names.map(alternativeName))),
    extension(
      id_ce_authorityKeyIdentifier,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdOf(issuer.publicKey)) })
    )
  ]
  return signedBy(
    { name: issuer.subject.replace(/^CN=/, ""), key: createPrivateKey(authority.key) },
    { subject: names[0] ?? "localhost", publicKey, days: serverDays, extensions },
    circumstances
  )
}
