/** The health of the service: what `/readyz` and `/metrics` report, in words. */
import { useEffect, useState } from "react"
import { isRecord } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { listAt, textAt } from "../data/replies.ts"
import { Breakable, Empty } from "./basic.tsx"
import { icons } from "./icons.tsx"
import { t } from "../text/text.ts"

interface Counted {
  readonly operation: string
  readonly answered: number
  readonly refused: number
}

const lineForm = /^keystate_requests_total\{operation="([^"]+)",code="([^"]+)"\} ([0-9]+)$/gm

/** Requests since the server started, by operation, the most frequent first. */
const countsIn = (metrics: string): ReadonlyArray<Counted> => {
  const counts = new Map<string, { answered: number; refused: number }>()
  for (const [, operation = "", code = "", number = "0"] of metrics.matchAll(lineForm)) {
    const count = counts.get(operation) ?? { answered: 0, refused: 0 }
    if (code === "Success") count.answered += Number(number)
    else count.refused += Number(number)
    counts.set(operation, count)
  }
  return [...counts]
    .map(([operation, count]) => ({ operation, ...count }))
    .sort((a, b) => b.answered + b.refused - a.answered - a.refused)
}

interface Seen {
  readonly ready: unknown
  readonly counts: ReadonlyArray<Counted>
}

const look = async (): Promise<Seen | "nothing"> => {
  try {
    const [ready, metrics] = await Promise.all([fetch("/readyz"), fetch("/metrics")])
    // A server refuses its metrics under a host name that it does not know.
    return { ready: await ready.json(), counts: metrics.ok ? countsIn(await metrics.text()) : [] }
  } catch {
    return "nothing"
  }
}

const lookMillis = 10_000

/** Reads every ten seconds while the page is visible, and after each change of a key. */
const useHealth = (): Seen | "nothing" | undefined => {
  const { heard, live } = useConsole()
  const [seen, setSeen] = useState<Seen | "nothing">()
  useEffect(() => {
    let isGone = false
    const again = () =>
      void look().then((now) => {
        if (!isGone) setSeen(now)
      })
    again()
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") again()
    }, lookMillis)
    return () => {
      isGone = true
      clearInterval(timer)
    }
  }, [heard.length, live])
  return seen
}

export const Health = () => {
  const seen = useHealth()
  if (seen === undefined || seen === "nothing") {
    return (
      <section className="card">
        <h2>{t("Service")}</h2>
        <Empty>
          {seen === undefined ? t("Loading the health of the service…") : t("The service does not answer.")}
        </Empty>
      </section>
    )
  }
  return (
    <div className="columns">
      <section className="card">
        <h2>{t("Service")}</h2>
        <ul className="ticks">
          {listAt(seen.ready, "checks").map((check) => (
            <Check key={textAt(check, "name")} check={check} />
          ))}
        </ul>
      </section>
      <section className="card">
        <h2>{t("Requests since the server started")}</h2>
        {seen.counts.length === 0 ? <Empty>{t("No requests yet.")}</Empty> : <Counts counts={seen.counts} />}
      </section>
    </div>
  )
}

const Check = ({ check }: { readonly check: unknown }) => {
  const isOk = isRecord(check) && check["ok"] === true
  return (
    <li className={`plain ${isOk ? "good" : "bad"}`}>
      {isOk ? icons.yes : icons.warning}
      <span className="sentence" lang="en">
        <strong>{textAt(check, "name")}</strong> {textAt(check, "detail")}
      </span>
    </li>
  )
}

const shown = 8

const Counts = ({ counts }: { readonly counts: ReadonlyArray<Counted> }) => (
  <div className="tableBox" tabIndex={0} role="region" aria-label={t("Requests")}>
    <table>
      <thead>
        <tr>
          <th scope="col">{t("Operation")}</th>
          <th scope="col" className="number">
            {t("Succeeded")}
          </th>
          <th scope="col" className="number">
            {t("Refused")}
          </th>
        </tr>
      </thead>
      <tbody>
        {counts.slice(0, shown).map(({ operation, answered, refused }) => (
          <tr key={operation}>
            <th scope="row">
              <Breakable text={operation} />
            </th>
            <td className="number">{answered}</td>
            <td className="number">{refused}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
