/** The policies attached to a user or a role: attaching and detaching them. */
import { useState } from "react"
import { isRecord } from "../data/api.ts"
import type { Reply } from "../data/api.ts"
import { Link } from "../data/router.tsx"
import { listAt, textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Choice, Empty, Refused } from "../parts/basic.tsx"
import { MayNotList } from "./listed.tsx"
import { pathOfPolicy, policyTypeWord } from "./policies.tsx"
import { holderParameters, lists, useRam, useRamList } from "./ram.ts"
import type { Holder } from "./ram.ts"
import { t } from "../text/text.ts"

/** Names a policy in one text: no policy name has a blank. */
const keyOf = (policy: Reply): string => `${textAt(policy, "PolicyType")} ${textAt(policy, "PolicyName")}`

const parametersOf = (key: string): Readonly<Record<string, string>> => {
  const [PolicyType = "", PolicyName = ""] = key.split(" ")
  return { PolicyType, PolicyName }
}

export const Attached = ({ holder }: { readonly holder: Holder }) => {
  const attached = useRam(`ListPoliciesFor${holder.kind}`, holderParameters(holder))
  const action = useAction("ram")
  const found = listAt(attached.reply, "Policies", "Policy").filter(isRecord)
  const change = async (way: "Attach" | "Detach", key: string): Promise<void> => {
    const operation = way === "Attach" ? `AttachPolicyTo${holder.kind}` : `DetachPolicyFrom${holder.kind}`
    await action.run(operation, { ...parametersOf(key), ...holderParameters(holder) })
    // A refused change may be about a policy that another administrator attached or detached.
    attached.again()
  }
  return (
    <section className="card stack">
      <h2>{t("Policies")}</h2>
      <Refused refusal={action.refusal} />
      <MayNotList refusal={attached.refusal} needs={`ram:ListPoliciesFor${holder.kind}`} />
      {attached.reply !== undefined && found.length === 0 && <Empty>{t("No policy is attached here.")}</Empty>}
      {found.length > 0 && (
        <ul className="stack tight" aria-label={t("Attached policies")}>
          {found.map((policy) => (
            <li key={keyOf(policy)} className="row">
              <Link to={pathOfPolicy(policy)}>{textAt(policy, "PolicyName")}</Link>
              <span className="quiet small">{policyTypeWord(textAt(policy, "PolicyType"))}</span>
              <Button
                small
                off={action.busy ? t("Working…") : undefined}
                aria-label={t("Detach {name}", { name: textAt(policy, "PolicyName") })}
                onClick={() => void change("Detach", keyOf(policy))}
              >
                {t("Detach")}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <Attach taken={found.map(keyOf)} busy={action.busy} onAttach={(key) => void change("Attach", key)} />
    </section>
  )
}

interface AttachProps {
  readonly taken: ReadonlyArray<string>
  readonly busy: boolean
  readonly onAttach: (key: string) => void
}

const Attach = ({ taken, busy, onAttach }: AttachProps) => {
  const policies = useRamList(lists.policies)
  const [chosen, setChosen] = useState("")
  const free = (policies.reply ?? []).filter((policy) => !taken.includes(keyOf(policy)))
  const isFree = free.some((policy) => keyOf(policy) === chosen)
  const lack = isFree ? undefined : t("Choose a policy.")
  const options = free.map(
    (policy) =>
      [keyOf(policy), `${textAt(policy, "PolicyName")} (${policyTypeWord(textAt(policy, "PolicyType"))})`] as const
  )
  if (policies.refusal !== undefined) return <MayNotList refusal={policies.refusal} needs="ram:ListPolicies" />
  return (
    <div className="row">
      <Choice
        label={t("Policy to attach")}
        value={isFree ? chosen : ""}
        options={[["", t("Choose…")], ...options]}
        onChange={setChosen}
      />
      <Button off={busy ? t("Working…") : lack} onClick={() => onAttach(chosen)}>
        {t("Attach")}
      </Button>
    </div>
  )
}
