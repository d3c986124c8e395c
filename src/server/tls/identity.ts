/** The TLS identity of a server: its certificate and key, read from files and checked. */
import { X509Certificate, createPrivateKey } from "node:crypto"
import { readFileSync } from "node:fs"
import { createSecureContext } from "node:tls"
import { Data } from "effect"
import { codeOf } from "../../platform/durableFiles.ts"

/** TLS cannot be served with these files. The sentence tells an operator what to correct. */
export class TlsUnusable extends Data.TaggedError("TlsUnusable")<{ readonly message: string }> {}

export interface TlsIdentity {
  /** The server's certificate, then those of the chain to its authority. PEM. */
  readonly certificate: string
  /** PEM. */
  readonly key: string
  /** The authority that must have signed the clients' certificates. PEM; undefined if clients need none. */
  readonly clientAuthority: string | undefined
}

export interface TlsFiles {
  readonly certificate: string
  readonly key: string
  readonly clientAuthority?: string | undefined
}

const contentOf = (path: string, what: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch (failure) {
    const why = codeOf(failure) === "ENOENT" ? "does not exist" : `cannot be read (${codeOf(failure) ?? "unknown"})`
    throw new TlsUnusable({ message: `The ${what} ${path} ${why}.` })
  }
}

const certificateIn = (text: string, path: string, what: string): X509Certificate => {
  try {
    return new X509Certificate(text)
  } catch {
    throw new TlsUnusable({ message: `The ${what} ${path} has no certificate in PEM form.` })
  }
}

/** PKCS #8 (RFC 5958) and the older form of OpenSSL. */
const sealedKey = /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m

const keyIn = (text: string, path: string) => {
  try {
    return createPrivateKey(text)
  } catch {
    const isSealed = sealedKey.test(text)
    throw new TlsUnusable({
      message: isSealed
        ? `The private key ${path} is protected by a passphrase; give a key without one, readable by the server only.`
        : `The private key ${path} has no private key in PEM form.`
    })
  }
}

/** The identity in the form of node:tls. Clients without a required certificate are refused in the handshake. */
export const contextOf = ({ certificate, key, clientAuthority }: TlsIdentity) => ({
  cert: certificate,
  key,
  ...(clientAuthority === undefined ? {} : { ca: clientAuthority, requestCert: true, rejectUnauthorized: true })
})

/** Refuses identities that OpenSSL refuses, such as keys that are too short. */
const checkContext = (identity: TlsIdentity, path: string): void => {
  try {
    createSecureContext(contextOf(identity))
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : "unknown"
    throw new TlsUnusable({ message: `The certificate ${path} cannot be used: ${why}.` })
  }
}

/** Reads and checks the files. Throws `TlsUnusable`. */
export const readTlsFiles = (files: TlsFiles): TlsIdentity => {
  const certificate = contentOf(files.certificate, "certificate")
  const key = contentOf(files.key, "private key")
  const clientAuthority =
    files.clientAuthority === undefined ? undefined : contentOf(files.clientAuthority, "client authority")
  const identity = { certificate, key, clientAuthority }
  checkIdentity(identity, files)
  return identity
}

/** Checks that the parts fit together; `names` says where each comes from. Throws `TlsUnusable`. */
export const checkIdentity = (identity: TlsIdentity, names: TlsFiles): void => {
  const { certificate, clientAuthority, key } = identity
  const parsed = certificateIn(certificate, names.certificate, "certificate")
  if (!parsed.checkPrivateKey(keyIn(key, names.key))) {
    throw new TlsUnusable({
      message: `The private key ${names.key} does not belong to the certificate ${names.certificate}.`
    })
  }
  if (names.clientAuthority !== undefined && clientAuthority !== undefined) {
    certificateIn(clientAuthority, names.clientAuthority, "client authority")
  }
  checkContext(identity, names.certificate)
}
