/** X.509 certificates (RFC 5280) of a local authority, for development. */
import { X509Certificate, createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto"
import type { KeyObject } from "node:crypto"
import { isIP } from "node:net"
import { distinguishedName, extension, subjectAlternativeNames } from "../../certificate/x509.ts"
import {
  derBits,
  derBoolean,
  derInteger,
  derNamedBits,
  derOctets,
  derOidOf,
  derSequence,
  derTime,
  element
} from "../../crypto/asymmetric/der.ts"
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

const nameOf = (value: string): Uint8Array => distinguishedName([[{ type: commonName, value, syntax: "utf8" }]])

/** Extensions of RFC 5280, section 4.2.1, and a purpose of section 4.2.1.12. */
const ids = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuthentication: "1.3.6.1.5.5.7.3.1"
} as const

/** Bits of KeyUsage (RFC 5280, section 4.2.1.3). */
const usages = { digitalSignature: 0, keyCertSign: 5, crlSign: 6 } as const

interface ToIssue {
  readonly subject: string
  readonly publicKey: KeyObject
  readonly days: number
  readonly extensions: ReadonlyArray<Uint8Array>
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
const serialNumberOf = (random: Uint8Array): bigint => {
  const number = Uint8Array.from(random)
  number[0] = ((number[0] ?? 0) & 0x3f) | 0x40
  return BigInt(`0x${Buffer.from(number).toString("hex")}`)
}

const v3 = 2n

const signedBy = (issuer: Issuer, subject: ToIssue, { nowMillis, serial }: Circumstances): string => {
  const algorithm = derSequence(derOidOf(ecdsaWithSha256))
  const toSign = derSequence(
    element(0xa0, derInteger(v3)),
    derInteger(serialNumberOf(serial)),
    algorithm,
    nameOf(issuer.name),
    derSequence(derTime(nowMillis - earlierMillis), derTime(nowMillis + subject.days * dayMillis)),
    nameOf(subject.subject),
    subject.publicKey.export({ type: "spki", format: "der" }),
    element(0xa3, derSequence(...subject.extensions))
  )
  const signature = sign("sha256", toSign, issuer.key)
  return pem("CERTIFICATE", derSequence(toSign, algorithm, derBits(signature)))
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
    // An authority, and no further one below it.
    extension(ids.basicConstraints, derSequence(derBoolean(true), derInteger(0n)), true),
    extension(ids.keyUsage, derNamedBits(usages.keyCertSign, usages.crlSign), true),
    extension(ids.subjectKeyIdentifier, derOctets(keyIdOf(publicKey)))
  ]
  return signedBy(
    { name, key: createPrivateKey(key) },
    { subject: name, publicKey, days: authorityDays, extensions },
    circumstances
  )
}

const alternativeName = (name: string) => ({ kind: isIP(name) === 0 ? "dns" : "ip", name }) as const

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
    extension(ids.basicConstraints, derSequence(), true),
    extension(ids.keyUsage, derNamedBits(usages.digitalSignature), true),
    extension(ids.extendedKeyUsage, derSequence(derOidOf(ids.serverAuthentication))),
    subjectAlternativeNames(names.map(alternativeName)),
    extension(ids.authorityKeyIdentifier, derSequence(element(0x80, keyIdOf(issuer.publicKey))))
  ]
  return signedBy(
    { name: issuer.subject.replace(/^CN=/, ""), key: createPrivateKey(authority.key) },
    { subject: names[0] ?? "localhost", publicKey, days: serverDays, extensions },
    circumstances
  )
}
