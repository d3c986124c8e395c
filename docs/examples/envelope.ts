/** What a storage service does with a data key: seals blocks with AES-256-GCM, and forgets the key. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"

export interface Sealed {
  readonly iv: Uint8Array
  readonly tag: Uint8Array
  readonly bytes: Uint8Array
}

/** Performs `work` under a data key given as Base64, and wipes it. */
const under = <A>(dataKey: string, work: (key: Buffer) => A): A => {
  const key = Buffer.from(dataKey, "base64")
  try {
    return work(key)
  } finally {
    key.fill(0)
  }
}

export const seal = (dataKey: string, text: string): Sealed =>
  under(dataKey, (key) => {
    const iv = randomBytes(12)
    const cipher = createCipheriv("aes-256-gcm", key, iv)
    const bytes = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
    return { iv, tag: cipher.getAuthTag(), bytes }
  })

export const open = (dataKey: string, { bytes, iv, tag }: Sealed): string =>
  under(dataKey, (key) => {
    const decipher = createDecipheriv("aes-256-gcm", key, iv)
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(bytes), decipher.final()]).toString("utf8")
  })
