/** The key that a page shows by its id, ARN or alias, kept up to date while it is shown. */
import { useEffect } from "react"
import type { KeyRow, Refusal } from "../../protocol.ts"
import { readKey } from "./api.ts"
import { forgetKey, useConsole, watchKey } from "./store.ts"
import { useLoaded } from "./useLoaded.ts"

export const useKey = (id: string): { readonly row: KeyRow | undefined; readonly refusal: Refusal | undefined } => {
  const { keys, region } = useConsole()
  const { refusal, reply } = useLoaded(() => readKey(region, id), `${region} ${id}`)
  useEffect(() => {
    if (reply === undefined) return undefined
    watchKey(reply)
    return () => forgetKey(reply.keyId)
  }, [reply])
  return { row: reply === undefined ? undefined : (keys.get(reply.keyId) ?? reply), refusal }
}
