/** Strict Base64: exactly one text for each byte string (RFC 4648, section 4). */

const alphabet = /^[A-Za-z0-9+/]*={0,2}$/

/**
 * The native coder, which Node 24 and older lack. Only this file may use it: `lib` in tsconfig.json has the types of
 * the oldest supported Node, so the type checker refuses these names elsewhere.
 */
interface NativeDecoder {
  readonly fromBase64?: (text: string, options: { readonly lastChunkHandling: "strict" }) => Uint8Array
}
interface NativeEncoder {
  readonly toBase64?: () => string
}

const decoder: Uint8ArrayConstructor & NativeDecoder = Uint8Array

/** The bytes; undefined unless `text` is their canonical padded encoding. */
export const decodeBase64 = (text: string): Uint8Array | undefined => {
  if (text.length % 4 !== 0) return undefined
  if (decoder.fromBase64 !== undefined) return strictlyDecoded(text)
  if (!alphabet.test(text)) return undefined
  const bytes = bytesOf(atob(text))
  return encodeBase64(bytes) === text ? bytes : undefined
}

/** The native strict decoder accepts white space; text with white space is too long for its bytes. */
const strictlyDecoded = (text: string): Uint8Array | undefined => {
  try {
    const bytes = decoder.fromBase64?.(text, { lastChunkHandling: "strict" })
    return bytes !== undefined && Math.ceil(bytes.length / 3) * 4 === text.length ? bytes : undefined
  } catch {
    return undefined
  }
}

export const encodeBase64 = (bytes: Uint8Array & NativeEncoder): string => bytes.toBase64?.() ?? btoa(binaryOf(bytes))

/** Base64 for URLs and cookies, without padding (RFC 4648, section 5). */
export const encodeBase64Url = (bytes: Uint8Array): string =>
  encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")

const bytesOf = (binary: string): Uint8Array => Uint8Array.from(binary, (char) => char.charCodeAt(0))

const binaryOf = (bytes: Uint8Array): string => {
  let binary = ""
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return binary
}

const characterAt = (at: number): string => `at character ${at + 1}`

/** Describes the first character that is not in the alphabet; undefined if every character is. */
const strangerIn = (text: string): string | undefined => {
  const at = text.search(/[^A-Za-z0-9+/=]/)
  if (at < 0) return undefined
  const char = text.charAt(at)
  if (char === "\n" || char === "\r") {
    return at === text.trimEnd().length ? "ends with a line break" : `has a line break ${characterAt(at)}`
  }
  if (char === "-" || char === "_") return "is in the URL-safe alphabet of Base64; write + for - and / for _"
  if (char === " ") return `has a space ${characterAt(at)}; in a query or form, write + as %2B`
  return `has a character that is not in the Base64 alphabet, ${characterAt(at)}`
}

/** The fault of the padding of a text in the right alphabet; undefined if it is valid. */
const paddingFault = (text: string): string | undefined => {
  const digits = text.replace(/=+$/, "")
  const inner = digits.indexOf("=")
  if (inner >= 0) return `has padding (=) before its end, ${characterAt(inner)}`
  const given = text.length - digits.length
  const needed = (4 - (digits.length % 4)) % 4
  if (needed === 3) return `has ${digits.length} characters before its padding, which is not a valid length of Base64`
  if (given < needed) return `lacks padding: it must end with ${"=".repeat(needed)}`
  return given > needed ? `has too much padding: ${given} = signs where ${needed} belong` : undefined
}

/** The fault of a text that is not canonical Base64, as the end of a sentence. It repeats no part of the text. */
export const base64Fault = (text: string): string | undefined => {
  if (text === "") return "is empty"
  const fault = strangerIn(text) ?? paddingFault(text)
  if (fault !== undefined) return fault
  return decodeBase64(text) === undefined ? "has unused bits set in its last character, which must be zero" : undefined
}
