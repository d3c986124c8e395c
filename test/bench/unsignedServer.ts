/** A peer that works as local-kms does: JSON over HTTP, AES-256-GCM under one key, no signature and no audit record. */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from "node:crypto"
import { createServer } from "node:http"

const keyId = randomUUID()
const key = randomBytes(32)
const ivBytes = 12
const tagBytes = 16

const seal = (plaintext: Uint8Array): string => {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv("aes-256-gcm", key, iv)
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString("base64")
}

const open = (blob: Buffer): string => {
  const decipher = createDecipheriv("aes-256-gcm", key, blob.subarray(0, ivBytes))
  decipher.setAuthTag(blob.subarray(-tagBytes))
  return Buffer.concat([decipher.update(blob.subarray(ivBytes, -tagBytes)), decipher.final()]).toString("base64")
}

type Members = Readonly<Record<string, unknown>>

const bytesOf = (members: Members, name: string): Buffer => Buffer.from(String(members[name]), "base64")

const operations: Readonly<Record<string, (members: Members) => object>> = {
  "TrentService.Encrypt": (members) => ({ KeyId: keyId, CiphertextBlob: seal(bytesOf(members, "Plaintext")) }),
  "TrentService.Decrypt": (members) => ({ KeyId: keyId, Plaintext: open(bytesOf(members, "CiphertextBlob")) }),
  "TrentService.GenerateDataKey": () => {
    const dataKey = randomBytes(32)
    return { KeyId: keyId, Plaintext: dataKey.toString("base64"), CiphertextBlob: seal(dataKey) }
  },
  "TrentService.DescribeKey": () => ({ KeyMetadata: { KeyId: keyId, KeyState: "Enabled" } })
}

const server = createServer((request, response) => {
  const chunks: Array<Uint8Array> = []
  request.on("data", (chunk: Uint8Array) => chunks.push(chunk))
  request.on("end", () => {
    const perform = operations[String(request.headers["x-amz-target"])]
    const members: Members = JSON.parse(Buffer.concat(chunks).toString())
    const isKnown = perform !== undefined && (members["KeyId"] === undefined || members["KeyId"] === keyId)
    const body = JSON.stringify(isKnown ? perform(members) : { __type: "NotFoundException" })
    response.writeHead(isKnown ? 200 : 400, {
      "content-type": "application/x-amz-json-1.1",
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
