/** The floor: node:http and nothing else. It parses the form, verifies signature, time and nonce, and encrypts. */
import { randomUUID, timingSafeEqual } from "node:crypto"
import { createServer } from "node:http"
import { parse } from "node:querystring"
import { aes256GcmDerived } from "../../src/crypto/blob.ts"
import { prepareVersionKey, sealMessage } from "../../src/crypto/message.ts"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import { KeyId, KeyVersionId } from "../../src/domain/ids.ts"
import { keyedHash } from "../../src/wire/keyedHash.ts"

const keyId = KeyId.make(randomUUID())
const keyVersionId = KeyVersionId.make(randomUUID())
const key = prepareVersionKey({
  primitives: nativePrimitives,
  algorithm: aes256GcmDerived,
  row: { keyId, keyVersionId },
  material: crypto.getRandomValues(new Uint8Array(32))
})
const context = new Uint8Array(0)
const nonces = new Set<string>()

const escapes = /[!'()*]/g
const encode = (text: string): string =>
  encodeURIComponent(text).replace(escapes, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const isAuthentic = (method: string, fields: ReturnType<typeof parse>): boolean => {
  const { Signature, Timestamp, SignatureNonce } = fields
  const canonical = Object.keys(fields)
    .filter((name) => name !== "Signature")
    .sort()
    .map((name) => `${encode(name)}=${encode(String(fields[name]))}`)
    .join("&")
  const text = `${method}&%2F&${encode(canonical)}`
  const mac = keyedHash("sha1", { key: "bench-secret&", text }, "base64")
  const given = Buffer.from(String(Signature))
  const wanted = Buffer.from(mac)
  const nonce = String(SignatureNonce)
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return false
  if (Math.abs(Date.now() - Date.parse(String(Timestamp))) > 900_000 || nonces.has(nonce)) return false
  nonces.add(nonce)
  return true
}

const encrypt = (text: string): string => {
  const plaintext = Buffer.from(text)
  const nonce = crypto.getRandomValues(new Uint8Array(16))
  const blob = sealMessage({ primitives: nativePrimitives, key, nonce, plaintext, context })
  if (blob === undefined) throw new Error("the blob does not open")
  return Buffer.from(blob).toString("base64")
}

const server = createServer((request, response) => {
  const chunks: Array<Uint8Array> = []
  request.on("data", (chunk: Uint8Array) => chunks.push(chunk))
  request.on("end", () => {
    const fields = parse(Buffer.concat(chunks).toString())
    const isFine = isAuthentic(request.method ?? "", fields)
    const body = isFine
      ? JSON.stringify({
          CiphertextBlob: encrypt(String(fields["Plaintext"])),
          KeyId: keyId,
          KeyVersionId: keyVersionId,
          RequestId: randomUUID()
        })
      : "{}"
    response.writeHead(isFine ? 200 : 400, {
      "content-type": "application/json;charset=utf-8",
      "content-length": Buffer.byteLength(body)
    })
    response.end(body)
  })
})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  process.send?.({ port: typeof address === "object" && address !== null ? address.port : 0, keyId })
})
process.on("disconnect", () => process.exit(0))
