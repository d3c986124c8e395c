/** The last use of each key on a page, by the audit log. */
import { useEffect } from "react"
import type { ReactNode } from "react"
import type { KeyRow, LastUses } from "../../protocol.ts"
import { readLastUses } from "./api.ts"
import type { Answer } from "./api.ts"
import { useConsole } from "./store.ts"
import { useLoaded } from "./useLoaded.ts"
import { Moment } from "../parts/moment.tsx"
import { t } from "../text/text.ts"
import { RefusedWord } from "../parts/basic.tsx"

const nothing: Answer<LastUses> = { ok: true, reply: { uses: [], isComplete: true } }

/** A long log is read in parts: the next part is requested after this time. */
const againMillis = 300

export const useLastUses = (rows: ReadonlyArray<KeyRow>, isShown: boolean): ((keyId: string) => ReactNode) => {
  const { region } = useConsole()
  const ids = isShown ? rows.map(({ keyId }) => keyId) : []
  const { again, refusal, reply } = useLoaded(
    () => (ids.length === 0 ? Promise.resolve(nothing) : readLastUses(region, ids)),
    `${region} ${ids.join(" ")}`
  )
  useEffect(() => {
    if (reply?.isComplete !== false) return undefined
    const timer = setTimeout(again, againMillis)
    return () => clearTimeout(timer)
  }, [reply])
  return (keyId) => {
    if (refusal !== undefined) return <RefusedWord refusal={refusal} />
    const found = reply?.uses.find((use) => use.keyId === keyId)
    if (found === undefined)
      return <span className="quiet">{reply?.isComplete === true ? t("Never") : t("Searching…")}</span>
    return (
      <>
        <Moment at={found.at} lead="relative" />
        <span className="why">{found.principal.replace(/^acs:ram::[0-9]+:/, "")}</span>
      </>
    )
  }
}
