/** Strict Base64: one text for each byte string, so that nothing has two spellings (RFC 4648, section 4). */

const alphabet = /^[A-Za-z0-9+/]*={0,2}$/

/** The bytes, or undefined unless `text` is the canonical padded encoding of them. */
export const decodeBase64 = (text: string): Uint8Array | undefined => {
  if (text.length % 4 !== 0) return undefined
  if (Uint8Array.fromBase64 !== undefined) return strictlyDecoded(text)
  if (!alphabet.test(text)) return undefined
  const bytes = bytesOf(atob(text))
  return encodeBase64(bytes) === text ? bytes : undefined
}

/** The engine's own strict decoder, which only leaves white space to be refused: text with some is too long for its bytes. */
const strictlyDecoded = (text: string): Uint8Array | undefined => {
  try {
    const bytes = Uint8Array.fromBase64(text, { lastChunkHandling: "strict" })
    return Math.ceil(bytes.length / 3) * 4 === text.length ? bytes : undefined
  } catch {
    return undefined
  }
}

export const encodeBase64 = (bytes: Uint8Array): string => bytes.toBase64?.() ?? btoa(binaryOf(bytes))

const bytesOf = (binary: string): Uint8Array => Uint8Array.from(binary, (char) => char.charCodeAt(0))

const binaryOf = (bytes: Uint8Array): string => {
  let binary = ""
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return binary
}
