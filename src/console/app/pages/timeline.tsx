/** Everything that is due: deletions, expiries of material and rotations, earliest first, a page at a time, for a region or for all. */
import { useState } from "react"
import type { ClockView, DueView } from "../../protocol.ts"
import { readTimeline } from "../data/api.ts"
import { dueOf, dueWord, pathOf } from "../data/keys.ts"
import { go, Link, setQuery, usePlace } from "../data/router.tsx"
import { chooseRegion, useConsole } from "../data/store.ts"
import { absolute } from "../data/time.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Breakable, Button, Empty, Field, Refused } from "../parts/basic.tsx"
import { Countdown } from "../parts/moment.tsx"
import { StateBadge } from "../parts/state.tsx"
import { Scrub } from "./timelineScrub.tsx"
import { t } from "../text/text.ts"

/** The time of a clock that moves only when it is told to. */
const frozenAt = (clock: ClockView | undefined): string => (clock?.mode === "frozen" ? String(clock.now) : "")

export const TimelinePage = () => {
  const { clock, heard, heardElsewhere, reloads, region } = useConsole()
  const { query } = usePlace()
  const after = query.get("after") ?? undefined
  const regions = query.get("regions") === "all" ? "all" : undefined
  const [earlier, setEarlier] = useState<ReadonlyArray<string>>([])
  const { refusal, reply } = useLoaded(
    () => readTimeline(region, { regions, after }),
    JSON.stringify([region, regions, after, heard.at(-1)?.at, regions && heardElsewhere, reloads, frozenAt(clock)])
  )
  const goOn = (next: string): void => {
    setEarlier([...earlier, after ?? ""])
    setQuery({ after: next })
  }
  const goBack = (): void => {
    setQuery({ after: earlier.at(-1) })
    setEarlier(earlier.slice(0, -1))
  }
  const choose = (chosen: string): void => {
    setEarlier([])
    setQuery({ regions: chosen, after: undefined })
  }
  return (
    <>
      <Head regions={regions} onChoose={choose} />
      <div className="stack">
        <Refused refusal={refusal} />
        {reply === undefined && refusal === undefined && <Empty>{t("Loading what is due…")}</Empty>}
        {reply !== undefined && (
          <>
            {clock?.kind === "virtual" && <Scrub rows={reply.rows} namesRegion={regions === "all"} />}
            <DueTable rows={reply.rows} namesRegion={regions === "all"} />
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

interface HeadProps {
  readonly regions: "all" | undefined
  readonly onChoose: (regions: string) => void
}

const Head = ({ regions, onChoose }: HeadProps) => {
  const { region } = useConsole()
  return (
    <div className="pageHead">
      <div>
        <h1>{t("Timeline")}</h1>
        <p className="quiet">
          {regions === "all"
            ? t("Deletions, expiries of key material and rotations of all regions, earliest first.")
            : t("Deletions, expiries of key material and rotations of this region, earliest first.")}
        </p>
      </div>
      <Field label={t("Regions")}>
        {(ids) => (
          <select {...ids} value={regions ?? ""} onChange={(event) => onChoose(event.target.value)}>
            <option value="">{t("This region: {region}", { region })}</option>
            <option value="all">{t("All regions")}</option>
          </select>
        )}
      </Field>
    </div>
  )
}

/** A key's page shows a key of the chosen region. The address chooses it for a new tab. */
const KeyLink = ({ row: { keyId, name, region } }: { readonly row: DueView }) => {
  const chosen = useConsole().region
  const path = pathOf(keyId)
  return chosen === region ? (
    <Link to={path}>
      <Breakable text={name} />
    </Link>
  ) : (
    <Link
      to={`${path}?region=${region}`}
      onGo={() => {
        chooseRegion(region)
        go(path)
      }}
    >
      <Breakable text={name} />
    </Link>
  )
}

interface DueProps {
  readonly rows: ReadonlyArray<DueView>
  readonly namesRegion: boolean
}

const DueTable = ({ rows, namesRegion }: DueProps) =>
  rows.length === 0 ? (
    <Empty>{t("Nothing is due: no key that you may view is going to rotate, expire or be deleted.")}</Empty>
  ) : (
    <div className="tableBox stacked" tabIndex={0} role="region" aria-label={t("What is due")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("Key")}</th>
            {namesRegion && <th scope="col">{t("Region")}</th>}
            <th scope="col">{t("What")}</th>
            <th scope="col">{t("Due")}</th>
            <th scope="col">{t("State now")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.keyId} ${row.kind}`}>
              <th scope="row" className="text">
                <KeyLink row={row} />
              </th>
              {namesRegion && <td>{row.region}</td>}
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
