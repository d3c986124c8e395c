/** Short ASCII text as bytes and back. The engine's UTF-8 coders move such bytes out of V8's heap, which costs more. */

/** V8 keeps arrays of up to this length in its heap. */
const shortMax = 64
const asciiMax = 0x7f

/** The same bytes as in UTF-8. Undefined for longer text, and for text that is not ASCII. */
export const shortAsciiBytes = (text: string): Uint8Array | undefined => {
  if (text.length > shortMax) return undefined
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > asciiMax) return undefined
    bytes[i] = unit
  }
  return bytes
}

/** The text of these bytes. Undefined for more bytes, and for bytes that are not ASCII. */
export const shortAsciiText = (bytes: Uint8Array): string | undefined => {
  if (bytes.length > shortMax) return undefined
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] ?? 0) > asciiMax) return undefined
  // An argument list is an array-like object. Spreading the bytes would iterate over them, which takes longer.
  return Reflect.apply(String.fromCharCode, undefined, bytes)
}
