/** A toy: a key management service in forty lines, with a fault in it that the conformance suite finds. */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from "node:crypto"

interface ToyKey {
  readonly secret: Buffer
  enabled: boolean
}

export class ToyKms {
  readonly #keys = new Map<string, ToyKey>()

  create(): string {
    const id = randomUUID()
    this.#keys.set(id, { secret: randomBytes(32), enabled: true })
    return id
  }

  find(id: string): ToyKey {
    const key = this.#keys.get(id)
    if (key === undefined) throw new Error("no such key")
    return key
  }

  encrypt(id: string, text: string, aad: string): string {
    const { secret, enabled } = this.find(id)
    if (!enabled) throw new Error("key is disabled")
    const iv = randomBytes(12)
    const cipher = createCipheriv("aes-256-gcm", secret, iv).setAAD(Buffer.from(aad))
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
    return Buffer.concat([Buffer.from(id), iv, cipher.getAuthTag(), sealed]).toString("base64")
  }

  decrypt(blob: string, aad: string): { readonly id: string; readonly text: string } {
    const bytes = Buffer.from(blob, "base64")
    const id = bytes.subarray(0, 36).toString()
    const decipher = createDecipheriv("aes-256-gcm", this.find(id).secret, bytes.subarray(36, 48), { authTagLength: 16 })
    decipher.setAAD(Buffer.from(aad)).setAuthTag(bytes.subarray(48, 64))
    return { id, text: Buffer.concat([decipher.update(bytes.subarray(64)), decipher.final()]).toString() }
  }
}
