/** Everything that is due: deletions, expiries of material and rotations, earliest first, a page at a time. */
import { useState } from "react"
import type { DueView } from "../../protocol.ts"
import { readTimeline } from "../data/api.ts"
import { dueOf, dueWord, pathOf } from "../data/keys.ts"
import { Link, setQuery, usePlace } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { absolute } from "../data/time.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Breakable, Button, Empty, Refused } from "../parts/basic.tsx"
import { Countdown } from "../parts/moment.tsx"
import { StateBadge } from "../parts/state.tsx"
import { Scrub } from "./timelineScrub.tsx"
import { t } from "../text/text.ts"

export const TimelinePage = () => {
  const { clock, heard, region } = useConsole()
  const after = usePlace().query.get("after") ?? undefined
  const [earlier, setEarlier] = useState<ReadonlyArray<string>>([])
  const { refusal, reply } = useLoaded(
    () => readTimeline(region, after),
    `${region} ${after ?? ""} ${heard.at(-1)?.at ?? ""} ${clock?.mode === "frozen" ? clock.now : ""}`
  )
  const goOn = (next: string): void => {
    setEarlier([...earlier, after ?? ""])
    setQuery({ after: next })
  }
  const goBack = (): void => {
    setQuery({ after: earlier.at(-1) })
    setEarlier(earlier.slice(0, -1))
  }
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>{t("Timeline")}</h1>
          <p className="quiet">
            {t("Deletions, expiries of key material and rotations of this region, earliest first.")}
          </p>
        </div>
      </div>
      <div className="stack">
        <Refused refusal={refusal} />
        {reply === undefined && refusal === undefined && <Empty>{t("Loading what is due…")}</Empty>}
        {reply !== undefined && (
          <>
            {clock?.kind === "virtual" && <Scrub rows={reply.rows} />}
            <DueTable rows={reply.rows} />
            <div className="row">
              <Button small off={after === undefined ? t("These are the earliest.") : undefined} onClick={goBack}>
                {t("Earlier")}
              </Button>
              <Button
                small
                off={reply.next === undefined ? t("These are the latest.") : undefined}
                onClick={() => {
                  if (reply.next !== undefined) goOn(reply.next)
                }}
              >
                {t("Later")}
              </Button>
            </div>
          </>
        )}
      </div>
    </>
  )
}

const DueTable = ({ rows }: { readonly rows: ReadonlyArray<DueView> }) =>
  rows.length === 0 ? (
    <Empty>{t("Nothing is due: no key that you may view is going to rotate, expire or be deleted.")}</Empty>
  ) : (
    <div className="tableBox stacked" tabIndex={0} role="region" aria-label={t("What is due")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("Key")}</th>
            <th scope="col">{t("What")}</th>
            <th scope="col">{t("Due")}</th>
            <th scope="col">{t("State now")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.keyId} ${row.kind}`}>
              <th scope="row" className="text">
                <Link to={pathOf(row.keyId)}>
                  <Breakable text={row.name} />
                </Link>
              </th>
              <td>{dueWord(row.kind)}</td>
              <td>
                {absolute(row.dueAt)}
                <span className="why">
                  <Countdown to={row.dueAt} what={dueOf(row.kind, row.name)} />
                </span>
              </td>
              <td>
                <StateBadge state={row.state} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
