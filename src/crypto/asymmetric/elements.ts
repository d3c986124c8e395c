/** Splits DER into elements, for material whose format is not known yet. */

export interface DerElement {
  readonly tag: number
  readonly content: Uint8Array
}

/** X.690, section 8.1.3: the length, and the start of the content. No key needs more than two length bytes. */
const lengthAt = (bytes: Uint8Array, at: number): { readonly length: number; readonly start: number } | undefined => {
  const first = bytes[at] ?? 0x80
  if (first < 0x80) return { length: first, start: at + 1 }
  if (first === 0x81) return { length: bytes[at + 1] ?? -1, start: at + 2 }
  return first === 0x82 ? { length: ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0), start: at + 3 } : undefined
}

const elementAt = (
  bytes: Uint8Array,
  at: number
): { readonly element: DerElement; readonly end: number } | undefined => {
  const tag = bytes[at]
  const found = lengthAt(bytes, at + 1)
  if (tag === undefined || found === undefined || found.length < 0) return undefined
  const end = found.start + found.length
  return end > bytes.length ? undefined : { element: { tag, content: bytes.subarray(found.start, end) }, end }
}

/** All elements of the bytes; undefined if an element is incomplete. */
export const elementsOf = (bytes: Uint8Array): ReadonlyArray<DerElement> | undefined => {
  const elements: Array<DerElement> = []
  for (let at = 0; at < bytes.length;) {
    const next = elementAt(bytes, at)
    if (next === undefined) return undefined
    elements.push(next.element)
    at = next.end
  }
  return elements
}

/** The content of the first element, and the number of bytes after it. */
export const firstElement = (
  bytes: Uint8Array
): { readonly element: DerElement; readonly after: number } | undefined => {
  const first = elementAt(bytes, 0)
  return first && { element: first.element, after: bytes.length - first.end }
}
