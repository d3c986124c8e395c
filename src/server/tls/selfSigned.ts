/** TLS for development: an authority of this machine, created once, and a server certificate that it signs. */
import { X509Certificate, createPrivateKey } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { isIP } from "node:net"
import { hostname } from "node:os"
import { join } from "node:path"
import { domainToASCII } from "node:url"
import { codeOf, makeDirectory, makeWhole, removeLeftovers, writeWhole } from "../../platform/durableFiles.ts"
import { TlsUnusable } from "./identity.ts"
import type { TlsIdentity } from "./identity.ts"
import { authorityCertificate, newPrivateKey, serverCertificate } from "./issue.ts"
import type { Authority, Circumstances } from "./issue.ts"

/** A certificate that ends within a month is replaced at the next start. */
const renewalMillis = 30 * 86_400_000

export interface SelfSigned {
  readonly identity: TlsIdentity
  /** The file that clients must trust. */
  readonly authorityPath: string
  /** SHA-256 of the authority's certificate, as clients display it. */
  readonly fingerprint: string
}

interface Place {
  readonly authority: string
  readonly authorityKey: string
  /** The server's private key, then its certificate: one file, so that they always match. */
  readonly server: string
}

const placeIn = (directory: string): Place => ({
  authority: join(directory, "ca.pem"),
  authorityKey: join(directory, "ca.key"),
  server: join(directory, "server.pem")
})

const isIpAddress = (name: string): boolean => isIP(name) !== 0

const coversName = (certificate: X509Certificate, name: string): boolean =>
  (isIpAddress(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined

/** The names of this machine, and the names given to the server. */
export const namesOf = (host: string, allowedHosts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const isEverything = host === "0.0.0.0" || host === "::"
  const own = ["localhost", "127.0.0.1", "::1", hostname()]
  const all = new Set([...own, ...(isEverything ? [] : [host]), ...allowedHosts])
  return [...all].map((name) => (isIpAddress(name) ? name : domainToASCII(name))).filter((name) => name !== "")
}

/** Writes a file that only its owner may read, unless it exists already. */
const makeSecret = (path: string, content: () => string): void => {
  if (!existsSync(path)) makeWhole(path, (aside) => writeFileSync(aside, content(), { mode: 0o600 }))
}

/** The key is written first, so that an authority certificate never exists without its key. */
const openAuthority = (place: Place, circumstances: Circumstances): Authority => {
  if (existsSync(place.authority) && !existsSync(place.authorityKey)) {
    throw new TlsUnusable({
      message:
        `The authority ${place.authority} has lost its private key ${place.authorityKey}. ` +
        "Restore the key, or remove the certificate: then a new authority is created, which clients must be configured to trust."
    })
  }
  makeSecret(place.authorityKey, newPrivateKey)
  const key = readFileSync(place.authorityKey, "utf8")
  if (!existsSync(place.authority)) {
    const name = `Keystate development authority of ${hostname()}`
    makeWhole(place.authority, (aside) => writeFileSync(aside, authorityCertificate(key, name, circumstances)))
  }
  const certificate = readFileSync(place.authority, "utf8")
  const parsed = new X509Certificate(certificate)
  if (!parsed.checkPrivateKey(createPrivateKey(key))) {
    throw new TlsUnusable({
      message: `The private key ${place.authorityKey} does not belong to the authority ${place.authority}.`
    })
  }
  if (parsed.validToDate.getTime() <= circumstances.nowMillis) {
    throw new TlsUnusable({
      message: `The authority ${place.authority} expired. Remove ${place.authority} and ${place.authorityKey}: then a new one is created.`
    })
  }
  return { certificate, key }
}

/** Whether the server's file is still usable: for these names, by this authority, for another month. */
const isStillGood = (text: string, authority: Authority, names: ReadonlyArray<string>, nowMillis: number): boolean => {
  try {
    const certificate = new X509Certificate(text)
    return (
      certificate.checkPrivateKey(createPrivateKey(text)) &&
      certificate.verify(new X509Certificate(authority.certificate).publicKey) &&
      certificate.validFromDate.getTime() <= nowMillis &&
      certificate.validToDate.getTime() - nowMillis > renewalMillis &&
      names.every((name) => coversName(certificate, name))
    )
  } catch {
    return false
  }
}

const openServer = (
  place: Place,
  authority: Authority,
  names: ReadonlyArray<string>,
  circumstances: Circumstances
): string => {
  const known = existsSync(place.server) ? readFileSync(place.server, "utf8") : undefined
  if (known !== undefined && isStillGood(known, authority, names, circumstances.nowMillis)) return known
  const key = newPrivateKey()
  const made = key + serverCertificate(authority, key, names, circumstances)
  if (known === undefined) makeSecret(place.server, () => made)
  else writeWhole(place.server, made)
  return made
}

/** The serial numbers of two new certificates, and the time. */
type MadeIn = Circumstances & { readonly serverSerial: Uint8Array }

/** An identity in memory and the certificate of its authority, whose private key is dropped at once. */
export const makeSelfSigned = (
  names: ReadonlyArray<string>,
  { nowMillis, serial, serverSerial }: MadeIn
): { readonly identity: TlsIdentity; readonly authority: string } => {
  const authorityKey = newPrivateKey()
  const authority = authorityCertificate(authorityKey, "Keystate authority of one process", { serial, nowMillis })
  const key = newPrivateKey()
  const signedBy = { certificate: authority, key: authorityKey }
  const certificate = serverCertificate(signedBy, key, names, { serial: serverSerial, nowMillis })
  return { identity: { certificate: certificate + authority, key, clientAuthority: undefined }, authority }
}

/** Opens the directory, and creates missing files. Throws `TlsUnusable`. */
export const openSelfSigned = (directory: string, names: ReadonlyArray<string>, circumstances: MadeIn): SelfSigned => {
  const place = placeIn(directory)
  try {
    makeDirectory(directory, 0o700)
    for (const path of Object.values(place)) removeLeftovers(path)
    const authority = openAuthority(place, circumstances)
    const { nowMillis, serverSerial } = circumstances
    const server = openServer(place, authority, names, { serial: serverSerial, nowMillis })
    return {
      identity: { certificate: server + authority.certificate, key: server, clientAuthority: undefined },
      authorityPath: place.authority,
      fingerprint: new X509Certificate(authority.certificate).fingerprint256
    }
  } catch (failure) {
    if (failure instanceof TlsUnusable || codeOf(failure) === undefined) throw failure
    throw new TlsUnusable({ message: `The directory ${directory} for TLS cannot be used (${codeOf(failure)}).` })
  }
}
