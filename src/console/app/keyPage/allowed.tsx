/** "Allowed now": every operation, whether it would succeed, and if not, its error and what would allow it. */
import { useState } from "react"
import type { AllowedNow, KeyRow, Permitted } from "../../protocol.ts"
import { readAllowed } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { useSettled } from "../data/useSettled.ts"
import { Breakable, Check, Copy, Empty, Field, Refused } from "../parts/basic.tsx"
import { icons } from "../parts/icons.tsx"
import { StateBadge, wordOf } from "../parts/state.tsx"
import { asCli, asCurl, asTypeScript } from "./commands.ts"
import { policyNamed } from "./policyNames.ts"
import { ofMachine, t } from "../text/text.ts"

/** A person who types a name asks once, not at each key. */
const typingMillis = 300

const verdictsFor = async (region: string, keyId: string, asked: string) => {
  const answer = await readAllowed(region, keyId, asked === "" ? undefined : asked)
  return answer.ok ? ({ ok: true, reply: { asked, allowed: answer.reply } } as const) : answer
}

export const AllowedTab = ({ row }: { readonly row: KeyRow }) => {
  const { region } = useConsole()
  const [as, setAs] = useState("")
  const [everyState, setEveryState] = useState(false)
  const typed = as.trim()
  const asked = useSettled(typed, typingMillis)
  const { refusal, reply } = useLoaded(
    () => verdictsFor(region, row.keyId, asked),
    `${region} ${row.keyId} ${row.epoch} ${asked}`
  )
  // The verdicts for another name than the field shows would mislead.
  const allowed = reply?.asked === typed ? reply.allowed : undefined
  const isRefused = refusal !== undefined && asked === typed
  return (
    <>
      <div className="columns">
        <PrincipalField as={as} onChange={setAs} />
        <Check checked={everyState} onChange={setEveryState}>
          {t("Show every state, by the key's own rules without policies")}
        </Check>
      </div>
      <Refused refusal={isRefused ? refusal : undefined} />
      {allowed === undefined && !isRefused && <Empty>{t("Loading what is allowed…")}</Empty>}
      {allowed !== undefined && (everyState ? <Matrix allowed={allowed} /> : <List allowed={allowed} row={row} />)}
    </>
  )
}

interface PrincipalProps {
  readonly as: string
  readonly onChange: (as: string) => void
}

const PrincipalField = ({ as, onChange }: PrincipalProps) => {
  const { session } = useConsole()
  const isRoot = session?.kind === "root"
  const hint = isRoot
    ? t("Enter a user name or {role}. Leave empty for yourself.", { role: "role/<name>" })
    : t("Only the account's root can check other principals.")
  return (
    <Field label={t("As principal")} hint={hint}>
      {(ids) => (
        <input
          {...ids}
          value={as}
          onChange={(event) => onChange(event.target.value)}
          disabled={!isRoot}
          spellCheck={false}
        />
      )}
    </Field>
  )
}

const Verdict = ({ one }: { readonly one: Permitted }) =>
  one.allowed ? (
    <span className="badge good">
      {icons.yes}
      {t("Allowed")}
    </span>
  ) : (
    <span className="badge bad">
      {icons.no}
      {t("Refused")}
    </span>
  )

const settledBy = ({ decision, policy, statement }: Permitted): string => {
  if (decision === "ok") return ""
  if (decision === "state") return t("by the key")
  return policy === undefined
    ? t("because no policy allows it")
    : t("by statement {statement} of {policy}", { statement: statement ?? 0, policy: policyNamed(policy) })
}

/** Most hints of the key's own rules have a translation. */
const Hint = ({ text }: { readonly text: string }) => {
  const words = ofMachine(text)
  return (
    <span className="why" lang={words === text ? "en" : undefined}>
      {words}
    </span>
  )
}

const List = ({ allowed, row }: { readonly allowed: AllowedNow; readonly row: KeyRow }) => (
  <div className="tableBox stacked" tabIndex={0} role="region" aria-label={t("Allowed now")}>
    <table>
      <caption className="unseen">
        {t("What {principal} may do with this key now", { principal: allowed.principal })}
      </caption>
      <thead>
        <tr>
          <th scope="col">{t("Operation")}</th>
          <th scope="col">{t("Now")}</th>
          <th scope="col">{t("Error and how to resolve it")}</th>
          <th scope="col">{t("Copy as")}</th>
        </tr>
      </thead>
      <tbody>
        {allowed.operations.map((one) => (
          <tr key={one.operation}>
            <th scope="row">
              <Breakable text={one.operation} />
            </th>
            <td>
              <Verdict one={one} />
            </td>
            <td>
              {one.code !== undefined && (
                <>
                  <code>{one.code}</code> · HTTP {one.httpStatus} <span className="quiet">{settledBy(one)}</span>
                </>
              )}
              {one.hint !== undefined && <Hint text={one.hint} />}
            </td>
            <td className="word copies">
              <Copy
                text={asCli(one.operation, row, location)}
                what={t("Copy {operation} for the command line", { operation: one.operation })}
                word="CLI"
              />
              <Copy
                text={asCurl(one.operation, row, location)}
                what={t("Copy {operation} for curl", { operation: one.operation })}
                word="curl"
              />
              <Copy
                text={asTypeScript(one.operation, row)}
                what={t("Copy {operation} in TypeScript", { operation: one.operation })}
                word="TypeScript"
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const Matrix = ({ allowed }: { readonly allowed: AllowedNow }) => {
  const operations = Object.keys(allowed.states[0]?.codes ?? {})
  return (
    <div className="tableBox stacked" tabIndex={0} role="region" aria-label={t("Every state")}>
      <table>
        <caption className="unseen">{t("What this kind of key allows in each state")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("Operation")}</th>
            {allowed.states.map(({ state }) => (
              <th key={state} scope="col" aria-current={state === allowed.state ? "true" : undefined}>
                <StateBadge state={state} /> {state === allowed.state && t("now")}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {operations.map((operation) => (
            <tr key={operation}>
              <th scope="row">
                <Breakable text={operation} />
              </th>
              {allowed.states.map(({ codes, state }) => {
                const code = codes[operation] ?? ""
                return (
                  <td
                    key={state}
                    className={state === allowed.state ? "info" : undefined}
                    title={wordOf(state)}
                    data-label={`${wordOf(state)}:`}
                  >
                    {code === "ok" ? (
                      `● ${t("allowed")}`
                    ) : (
                      <code>
                        <Breakable text={code} />
                      </code>
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
