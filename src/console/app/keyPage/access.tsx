/** Who may use this key, by the policies of every user and role of the account. */
import { useState } from "react"
import type { AllowedNow, KeyRow, Permitted, Refusal } from "../../protocol.ts"
import { callOperation, readAllowed } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { listAt, textAt } from "../data/replies.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Breakable, Button, Empty, Note, Refused } from "../parts/basic.tsx"
import { KeyPolicy } from "./keyPolicy.tsx"
import { policyNamed } from "./policyNames.ts"
import { t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

const asked = ["DescribeKey", "Encrypt", "Decrypt", "AsymmetricSign", "DisableKey", "ScheduleKeyDeletion"] as const

const wholePage = { MaxItems: "1000" }

interface Answered {
  readonly who: string
  readonly allowed: AllowedNow | undefined
}

const everybody = async (region: string, keyId: string): Promise<ReadonlyArray<Answered> | Refusal> => {
  const users = await callOperation(region, "ListUsers", wholePage, "ram")
  if (!users.ok) return users.refusal
  const roles = await callOperation(region, "ListRoles", wholePage, "ram")
  if (!roles.ok) return roles.refusal
  const names = [
    "root",
    ...listAt(users.reply, "Users", "User").map((user) => `user/${textAt(user, "UserName")}`),
    ...listAt(roles.reply, "Roles", "Role").map((role) => `role/${textAt(role, "RoleName")}`)
  ]
  const answered: Array<Answered> = []
  for (const who of names) {
    const answer = await readAllowed(region, keyId, who === "root" ? undefined : who)
    answered.push({ who, allowed: answer.ok ? answer.reply : undefined })
  }
  return answered
}

export const AccessTab = ({ row }: { readonly row: KeyRow }) => {
  const { session } = useConsole()
  return (
    <div className="stack">
      <KeyPolicy row={row} />
      {session?.kind === "root" ? (
        <WhoMay row={row} />
      ) : (
        <Note tone="calm">
          {t("Only the account's root can see the permissions of others. Your own are under “Allowed now”.")}
        </Note>
      )}
    </div>
  )
}

const WhoMay = ({ row }: { readonly row: KeyRow }) => {
  const { region } = useConsole()
  const { reply, again } = useLoaded(
    async () => ({ ok: true, reply: await everybody(region, row.keyId) }) as const,
    `${region} ${row.keyId} ${row.epoch}`
  )
  const [who, setWho] = useState<string>()
  if (reply === undefined) return <Empty>{t("Loading the permissions…")}</Empty>
  if ("code" in reply) return <Refused refusal={reply} />
  const chosen = reply.find((one) => one.who === who)
  return (
    <>
      <div className="row between">
        <p className="quiet">
          {t("By policies only; the key's state is checked separately. Select a principal to see the reasons.")}
        </p>
        <Button small onClick={again}>
          {t("Refresh")}
        </Button>
      </div>
      <div className="tableBox stacked" tabIndex={0} role="region" aria-label={t("Permissions of each principal")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("Principal")}</th>
              {asked.map((operation) => (
                <th key={operation} scope="col" className="breaks">
                  <Breakable text={operation} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {reply.map((answered) => (
              <Line key={answered.who} answered={answered} isChosen={answered.who === who} onChoose={setWho} />
            ))}
          </tbody>
        </table>
      </div>
      {chosen?.allowed !== undefined && <Why answered={chosen.allowed} />}
    </>
  )
}

interface LineProps {
  readonly answered: Answered
  readonly isChosen: boolean
  readonly onChoose: (who: string) => void
}

const Line = ({ answered: { who, allowed }, isChosen, onChoose }: LineProps) => (
  <tr className={isChosen ? "chosen" : undefined}>
    <th scope="row">
      <Button small look="plain" aria-pressed={isChosen} onClick={() => onChoose(who)}>
        {who}
      </Button>
    </th>
    {asked.map((operation) => (
      <td key={operation} data-label={`${operation}:`}>
        {wordOf(allowed?.operations.find((one) => one.operation === operation))}
      </td>
    ))}
  </tr>
)

const wordOf = (one: Permitted | undefined): string => {
  if (one === undefined) return t("unknown")
  return one.decision === "policy" ? t("denied") : `● ${t("allowed")}`
}

const Why = ({ answered: { operations, principal } }: { readonly answered: AllowedNow }) => {
  const refused = operations.filter(({ decision }) => decision === "policy")
  return (
    <section className="card" aria-live="polite">
      <h2>{principal}</h2>
      {refused.length === 0 ? (
        <p>{allAllowed(principal)}</p>
      ) : (
        <ul className="stack tight">
          {refused.map((one) => (
            <li key={one.operation}>
              <Denied one={one} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const allAllowed = (principal: string): string =>
  principal.endsWith(":root")
    ? t("The root of the account may perform every operation on this key. It needs no policy.")
    : t("The policies allow every operation on this key.")

/** The hint is a whole policy statement, so it is folded away. */
const Denied = ({ one: { hint, operation, policy, statement } }: { readonly one: Permitted }) => {
  const bold = <strong>{operation}</strong>
  const sentence =
    policy === undefined
      ? rich("{operation} is not allowed by any policy.", { operation: bold })
      : rich("{operation} is denied by statement {statement} of {policy}.", {
          operation: bold,
          statement: statement ?? 0,
          policy: policyNamed(policy)
        })
  if (hint === undefined) return sentence
  return (
    <details>
      <summary>{sentence}</summary>
      <span className="why" lang="en">
        {hint}
      </span>
    </details>
  )
}
