/** Reads private keys from PEM text (RFC 7468), with the deviations of common programs, and names other PEM contents. */
import { Result } from "effect"
import { base64Fault, decodeBase64 } from "../encoding/base64.ts"

/** Text around a block is ignored, and white space inside it. */
const block = /^[ \t\ufeff]*-----BEGIN ([A-Z0-9 #]+)-----[ \t]*$([\s\S]*?)^[ \t]*-----END \1-----[ \t]*$/gm
const begin = /-----BEGIN ([A-Z0-9 #]+)-----/

const convert = "convert it with `openssl pkcs8 -topk8 -nocrypt`"

/** Why other kinds of block are refused, by label. */
const otherBlocks: ReadonlyMap<string, string> = new Map([
  ["ENCRYPTED PRIVATE KEY", "is encrypted: decrypt it with `openssl pkcs8`"],
  ["EC PRIVATE KEY", `is a key by SEC 1: ${convert}`],
  ["RSA PRIVATE KEY", `is a key by PKCS #1: ${convert}`],
  ["DSA PRIVATE KEY", "is a DSA key"],
  ["OPENSSH PRIVATE KEY", "is a key of OpenSSH: convert it with `ssh-keygen -p -m PKCS8`"],
  ["PUBLIC KEY", "is a public key"],
  ["RSA PUBLIC KEY", "is a public key"],
  ["CERTIFICATE", "is a certificate"],
  ["CERTIFICATE REQUEST", "is a request for a certificate"],
  ["EC PARAMETERS", "has the parameters of a curve and no key"]
])

const decrypt = "is encrypted: decrypt it with `openssl pkcs8 -topk8 -nocrypt`"

/** A header of the older format that names a cipher (RFC 1421). */
const isEncrypted = (body: string): boolean => /Proc-Type:[^\n]*ENCRYPTED/.test(body)

/** Headers of the older format precede the content, as `Name: value`. OpenSSL refuses a key with headers. */
const headerName = /^[ \t]*([A-Za-z][A-Za-z0-9-]*):/m

export const isArmoured = (text: string): boolean => begin.test(text)

const bytesIn = (body: string): Result.Result<Uint8Array, string> => {
  if (isEncrypted(body)) return Result.fail(decrypt)
  const header = headerName.exec(body)?.[1]
  if (header !== undefined)
    return Result.fail(`has the header ${header.slice(0, 64)} before its PEM content: remove it`)
  const digits = body.replaceAll(/\s/g, "")
  const bytes = digits === "" ? undefined : decodeBase64(digits)
  return bytes === undefined ? Result.fail(`has PEM content that ${base64Fault(digits)}`) : Result.succeed(bytes)
}

/** The bytes of the only PKCS #8 key in a text, or the fault of the text. */
export const unarmoured = (text: string): Result.Result<Uint8Array, string> => {
  const blocks = [...text.replaceAll("\r\n", "\n").matchAll(block)].map(([, label = "", body = ""]) => ({
    label,
    body
  }))
  const keys = blocks.filter(({ label }) => label === "PRIVATE KEY")
  const [key] = keys
  if (keys.length > 1) return Result.fail(`has ${keys.length} private keys; one is needed`)
  if (key !== undefined) return bytesIn(key.body)
  const [other] = blocks.filter(({ label }) => label !== "EC PARAMETERS").concat(blocks)
  if (other === undefined) return Result.fail(`begins a PEM block ${begin.exec(text)?.[1] ?? ""} that does not end`)
  if (isEncrypted(other.body)) return Result.fail(decrypt)
  return Result.fail(otherBlocks.get(other.label) ?? `has a ${other.label} but no private key`)
}
