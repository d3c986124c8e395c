/** Finds keys by alias, id or description, for the command palette. */
import type { KeyRow } from "../../protocol.ts"
import { isWanted, looksLikeKeyId } from "./keys.ts"
import { consoleState } from "./store.ts"

export interface FoundKey {
  readonly keyId: string
  /** Undefined if the key is not in the list of the region. */
  readonly row: KeyRow | undefined
}

const foundMax = 8

/** A text that may be an id or an alias is always offered: the key may be deleted, or not listed. */
const asReference = (text: string): ReadonlyArray<FoundKey> =>
  looksLikeKeyId(text) || text.startsWith("alias/") ? [{ keyId: text, row: undefined }] : []

export const findKeys = (typed: string): ReadonlyArray<FoundKey> => {
  const text = typed.trim()
  if (text === "") return []
  const query = new URLSearchParams({ q: text })
  const found: Array<FoundKey> = []
  for (const row of consoleState().keys?.values() ?? []) {
    if (isWanted(row, query)) found.push({ keyId: row.keyId, row })
    if (found.length === foundMax) break
  }
  return found.length === 0 ? asReference(text) : found
}
