/** The keys at a glance: how many are in each state, what is due next, what needs attention, and the service's health. */
import type { KeysSummary, Refusal } from "../../protocol.ts"
import { deadlinesOf, dueOf, dueWord, nameOf, pathOf } from "../data/keys.ts"
import { Link } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { absolute } from "../data/time.ts"
import { useSummary } from "../data/useSummary.ts"
import { countedKeys } from "../data/words.ts"
import { Empty, Note, Refused } from "../parts/basic.tsx"
import { Health } from "../parts/health.tsx"
import { Countdown } from "../parts/moment.tsx"
import { meaningOf, StateBadge, states } from "../parts/state.tsx"
import { Attention } from "./attention.tsx"
import { counted, plural, t } from "../text/text.ts"

export const Overview = () => {
  const { session } = useConsole()
  const { refusal, reply } = useSummary()
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>{t("Overview")}</h1>
          <Counted keys={reply} refused={refusal} />
        </div>
      </div>
      <div className="stack">
        <Refused refusal={refusal} />
        {reply !== undefined && <Fleet keys={reply} />}
        {session?.administersServer === true && <Health />}
      </div>
    </>
  )
}

interface CountedProps {
  readonly keys: KeysSummary | undefined
  readonly refused: Refusal | undefined
}

const Counted = ({ keys, refused }: CountedProps) => {
  const { region } = useConsole()
  const word = (): string => {
    if (refused !== undefined) return t("The keys in {region} could not be read.", { region })
    return keys === undefined
      ? t("Loading the keys…")
      : t("{keys} in {region}", { keys: countedKeys(keys.all), region })
  }
  return <p className="quiet">{word()}</p>
}

/** Keys that the caller may list but not view are in no number, so a note says that they exist. */
const HiddenKeys = ({ count }: { readonly count: number }) => (
  <Note tone="info">
    {plural(
      count,
      {
        one: "You can list but not view one of these keys; it is left out below. To view it, you need kms:DescribeKey.",
        other:
          "You can list but not view {count} of these keys; they are left out below. To view them, you need kms:DescribeKey."
      },
      { count }
    )}
  </Note>
)

const Fleet = ({ keys }: { readonly keys: KeysSummary }) => (
  <>
    {keys.hidden > 0 && <HiddenKeys count={keys.hidden} />}
    <ul className="tiles" aria-label={t("Keys by state")}>
      {states.map((state) => (
        <li key={state}>
          <Link to={`/keys?state=${state}`} className="tile" title={meaningOf(state)}>
            <span className="number">{counted(keys.states[state] ?? 0)}</span>
            <span>
              <StateBadge state={state} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
    <div className="columns">
      <DueNext keys={keys} />
      <Attention keys={keys} />
    </div>
  </>
)

const dueShown = 8

const DueNext = ({ keys }: { readonly keys: KeysSummary }) => {
  const due = deadlinesOf(keys.due).slice(0, dueShown)
  const more = keys.deadlines - due.length
  return (
    <section className="card">
      <h2>{t("Next deadlines")}</h2>
      {due.length === 0 ? (
        <Empty>{t("No deadlines: no key is going to rotate, expire or be deleted.")}</Empty>
      ) : (
        <ul className="stack tight">
          {due.map(({ row, kind, dueAt }) => (
            <li key={`${row.keyId} ${kind}`} className="due">
              <span>
                <strong>{dueWord(kind)}</strong> · <Link to={pathOf(row.keyId)}>{nameOf(row)}</Link>
                <span className="why">{absolute(dueAt)}</span>
              </span>
              <Countdown to={dueAt} what={dueOf(kind, nameOf(row))} />
            </li>
          ))}
        </ul>
      )}
      {more > 0 && <p className="quiet small">{t("and {count} more", { count: more })}</p>}
    </section>
  )
}
