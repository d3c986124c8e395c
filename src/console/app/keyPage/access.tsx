/** Who may use this key: every user and role of the account, asked of their policies one by one. */
import { useState } from "react"
import type { AllowedNow, KeyRow, Refusal } from "../../protocol.ts"
import { callOperation, readAllowed } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { listAt, textAt } from "../data/replies.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Button, Empty, Note, Refused } from "../parts/basic.tsx"
import { policyNamed } from "./allowed.tsx"
import { KeyPolicy } from "./keyPolicy.tsx"

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

export const AccessTab = ({ row }: { readonly row: KeyRow }) => (
  <div className="stack">
    <KeyPolicy row={row} />
    <WhoMay row={row} />
  </div>
)

const WhoMay = ({ row }: { readonly row: KeyRow }) => {
  const { region, session } = useConsole()
  const { reply, again } = useLoaded(
    async () => ({ ok: true, reply: await everybody(region, row.keyId) }) as const,
    `${region} ${row.keyId} ${row.epoch}`
  )
  const [who, setWho] = useState<string>()
  if (session?.kind !== "root") {
    return (
      <Note tone="calm">
        What others may do is the account's root to see. What you may do yourself is under “Allowed now”.
      </Note>
    )
  }
  if (reply === undefined) return <Empty>Asking the policies…</Empty>
  if ("code" in reply) return <Refused refusal={reply} />
  const chosen = reply.find((one) => one.who === who)
  return (
    <>
      <div className="row between">
        <p className="quiet">By policy alone; the key's state is asked after it. Choose one to see why.</p>
        <Button small onClick={again}>
          Ask again
        </Button>
      </div>
      <div className="tableBox" tabIndex={0} role="region" aria-label="Who may">
        <table>
          <thead>
            <tr>
              <th scope="col">Principal</th>
              {asked.map((operation) => (
                <th key={operation} scope="col">
                  {operation}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {reply.map(({ who: name, allowed }) => (
              <tr key={name} className={name === who ? "chosen" : undefined}>
                <th scope="row">
                  <Button small look="plain" aria-pressed={name === who} onClick={() => setWho(name)}>
                    {name}
                  </Button>
                </th>
                {asked.map((operation) => {
                  const one = allowed?.operations.find((candidate) => candidate.operation === operation)
                  return <td key={operation}>{one === undefined ? "?" : one.decision === "policy" ? "no" : "● may"}</td>
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {chosen?.allowed !== undefined && <Why answered={chosen.allowed} />}
    </>
  )
}

const Why = ({ answered }: { readonly answered: AllowedNow }) => {
  const refused = answered.operations.filter(({ decision }) => decision === "policy")
  return (
    <section className="card" aria-live="polite">
      <h2>{answered.principal}</h2>
      {refused.length === 0 ? (
        <p>
          The policies allow every operation on this key{answered.principal.endsWith(":root") && "; a root needs none"}.
        </p>
      ) : (
        <ul className="stack tight">
          {refused.map(({ hint, operation, policy, statement }) => (
            <li key={operation}>
              <strong>{operation}</strong>{" "}
              {policy === undefined
                ? "is allowed by no policy."
                : `is denied by statement ${statement ?? 0} of ${policyNamed(policy)}.`}
              {hint !== undefined && <span className="why">{hint}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
