/** The chain that makes history tamper-evident: each link is SHA-256 over the link before it and what happened. */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import { sortByCodeUnits } from "../encoding/codeUnits.ts"
import type { JournalEntry } from "./rows.ts"

/** SHA-256 of a text's UTF-8 bytes, hexadecimal. A runtime with a faster one may pass its own. */
export type HashText = (text: string) => string

export const portableHash: HashText = (text) => bytesToHex(sha256(utf8ToBytes(text)))

/** What the first link of every chain follows. */
export const genesis = "0".repeat(64)

/**
 * JSON with the keys of every object in code unit order and undefined ones left out: one text for one value. Lone
 * surrogates come out escaped (ECMA-262, JSON.stringify), so that no two texts become the same UTF-8.
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

/** The hash of a journal entry after `previous`. Fields beyond those of an entry, its own hash among them, do not count. */
export const chainEntry = (previous: string, entry: JournalEntry, hash: HashText = portableHash): string =>
  chainText(previous, entryText(entry, canonicalJson(entry.payload)), hash)

/** The canonical JSON of an entry whose payload is canonical JSON already: a store writes the very text it hashes. */
export const entryText = ({ keyId, seq, at, principal, requestId }: JournalEntry, payload: string): string =>
  `{"at":${at},"keyId":"${keyId}","payload":${payload},"principal":${JSON.stringify(principal)},` +
  `"requestId":${JSON.stringify(requestId)},"seq":${seq}}`

/** The hash of lines written together after `previous`. An entry's text begins with a brace, this with a bracket. */
export const chainLines = (previous: string, lines: ReadonlyArray<string>, hash: HashText = portableHash): string =>
  chainText(previous, JSON.stringify(lines), hash)

/** The same, of lines that are one text already: a store writes the very text it hashes. */
export const chainText = (previous: string, text: string, hash: HashText): string => hash(previous + text)
