/** Finds keys by alias, id or description, for the command palette. The server searches. */
import { useEffect, useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { readKeys } from "./api.ts"
import { looksLikeKeyId } from "./keys.ts"
import { useConsole } from "./store.ts"

export interface FoundKey {
  readonly keyId: string
  /** Undefined if the key is not in the list of the region. */
  readonly row: KeyRow | undefined
}

const foundMax = 8
const typingMillis = 150

/** A text that may be an id or an alias is always offered: the key may be deleted, or not listed. */
const asReference = (text: string): ReadonlyArray<FoundKey> =>
  looksLikeKeyId(text) || text.startsWith("alias/") ? [{ keyId: text, row: undefined }] : []

interface Search {
  readonly text: string
  readonly rows: ReadonlyArray<KeyRow>
}

export interface FoundKeys {
  readonly keys: ReadonlyArray<FoundKey>
  /** Whether the server has not answered yet. */
  readonly busy: boolean
}

export const useFoundKeys = (typed: string): FoundKeys => {
  const { region } = useConsole()
  const [answer, setAnswer] = useState<Search>({ text: "", rows: [] })
  const text = typed.trim()
  useEffect(() => {
    if (text === "") return undefined
    const control = new AbortController()
    const read = async (): Promise<void> => {
      const found = await readKeys(region, { q: text, limit: foundMax }, control.signal)
      if (!control.signal.aborted) setAnswer({ text, rows: found.ok ? found.reply.rows : [] })
    }
    const timer = window.setTimeout(() => void read(), typingMillis)
    return () => {
      window.clearTimeout(timer)
      control.abort()
    }
  }, [region, text])
  if (text === "") return { keys: [], busy: false }
  const rows = answer.text === text ? answer.rows : []
  const keys = rows.map((row) => ({ keyId: row.keyId, row }))
  return { keys: keys.length === 0 ? asReference(text) : keys, busy: answer.text !== text }
}
