/** The hash chain that makes history tamper-evident: each link is SHA-256 over the previous link and the entry. */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import { sortByCodeUnits } from "../encoding/codeUnits.ts"
import type { JournalEntry } from "./rows.ts"

/** SHA-256 of a text's UTF-8 bytes, hexadecimal. A runtime with a faster one may pass it. */
export type HashText = (text: string) => string

/** SHA-256 in JavaScript, for any runtime. */
export const portableHash: HashText = (text) => bytesToHex(sha256(utf8ToBytes(text)))

/** The predecessor of the first link of every chain. */
export const genesis = "0".repeat(64)

/**
 * JSON with the keys of every object in code unit order and without undefined members: one text for one value. Lone
 * surrogates are escaped (ECMA-262, JSON.stringify), so that no two texts have the same UTF-8.
 */
export const canonicalJson = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`
  let members = ""
  for (const name of sortByCodeUnits(Object.keys(value))) {
    const member: unknown = Reflect.get(value, name)
    if (member !== undefined) members += `${members === "" ? "" : ","}${JSON.stringify(name)}:${canonicalJson(member)}`
  }
  return `{${members}}`
}

/** The hash of a journal entry after `previous`. Only the fields of an entry count, without its own hash. */
export const chainEntry = (previous: string, entry: JournalEntry, hash: HashText = portableHash): string =>
  chainText(previous, entryText(entry, canonicalJson(entry.payload)), hash)

/**
 * The canonical JSON of an entry whose payload is already canonical JSON, so that a store writes exactly the hashed
 * text.
 */
export const entryText = ({ keyId, seq, at, principal, requestId }: JournalEntry, payload: string): string =>
  `{"at":${at},"keyId":"${keyId}","payload":${payload},"principal":${JSON.stringify(principal)},` +
  `"requestId":${JSON.stringify(requestId)},"seq":${seq}}`

/**
 * The hash of lines that are written together after `previous`. An entry's text begins with a brace, this one with a
 * bracket.
 */
export const chainLines = (previous: string, lines: ReadonlyArray<string>, hash: HashText = portableHash): string =>
  chainText(previous, JSON.stringify(lines), hash)

/** The same for lines that are already one text, so that a store writes exactly the hashed text. */
export const chainText = (previous: string, text: string, hash: HashText): string => hash(previous + text)
