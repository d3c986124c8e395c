/** Strict Base64: one text for each byte string, so that nothing has two spellings (RFC 4648, section 4). */

const alphabet = /^[A-Za-z0-9+/]*={0,2}$/

/**
 * The engine's own coder, which Node 24 and older do not have. This is the only file that may use it: the type checker
 * refuses these names everywhere else, because `lib` in tsconfig.json holds what the oldest supported Node has.
 */
interface NativeDecoder {
  readonly fromBase64?: (text: string, options: { readonly lastChunkHandling: "strict" }) => Uint8Array
}
interface NativeEncoder {
  readonly toBase64?: () => string
}

const decoder: Uint8ArrayConstructor & NativeDecoder = Uint8Array

/** The bytes, or undefined unless `text` is the canonical padded encoding of them. */
export const decodeBase64 = (text: string): Uint8Array | undefined => {
  if (text.length % 4 !== 0) return undefined
  if (decoder.fromBase64 !== undefined) return strictlyDecoded(text)
  if (!alphabet.test(text)) return undefined
  const bytes = bytesOf(atob(text))
  return encodeBase64(bytes) === text ? bytes : undefined
}

/** The engine's strict decoder accepts white space; text that has some is too long for its bytes. */
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

/** What stands where only letters of the alphabet may; undefined if nothing does. */
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

/** What is wrong with the padding of a text in the right alphabet; undefined if nothing is. */
const paddingFault = (text: string): string | undefined => {
  const digits = text.replace(/=+$/, "")
  const inner = digits.indexOf("=")
  if (inner >= 0) return `has padding (=) before its end, ${characterAt(inner)}`
  const given = text.length - digits.length
  const needed = (4 - (digits.length % 4)) % 4
  if (needed === 3) return `has ${digits.length} characters before its padding, which is the length of no Base64 text`
  if (given < needed) return `lacks padding: it has to end with ${"=".repeat(needed)}`
  return given > needed ? `has too much padding: ${given} = signs where ${needed} belong` : undefined
}

/** What keeps a text from being canonical Base64, as the end of a sentence, without a word of the text itself. */
export const base64Fault = (text: string): string | undefined => {
  if (text === "") return "is empty"
  const fault = strangerIn(text) ?? paddingFault(text)
  if (fault !== undefined) return fault
  return decodeBase64(text) === undefined
    ? "has unused bits set in its last character, which have to be zero"
    : undefined
}
