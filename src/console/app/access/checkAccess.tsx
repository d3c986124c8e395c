/** Asks the service whether a user or a role may perform an operation on a key. The operation is not performed. */
import { useState } from "react"
import type { FormEvent } from "react"
import { rules } from "../../../../machines/permits.ts"
import { isRecord } from "../data/api.ts"
import type { Reply } from "../data/api.ts"
import { listAt, textAt } from "../data/replies.ts"
import { useConsole } from "../data/store.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Choice, Field, Note, Refused } from "../parts/basic.tsx"
import { lists, useRamList } from "./ram.ts"
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"
import { rich } from "../text/rich.tsx"
import { policyNamed } from "../keyPage/policyNames.ts"

/** Gates such as `ReEncrypt(source)` belong to one operation. */
const operations = [...new Set(Object.keys(rules).map((gate) => gate.replace(/\(.*\)$/, "")))].toSorted()

export const CheckTab = () => {
  const { session } = useConsole()
  if (session?.kind !== "root") {
    return (
      <Note tone="info">
        {t(
          "Only the root of the account can check the permissions of others. The page of a key shows what you may do with it."
        )}
      </Note>
    )
  }
  return <CheckForm />
}

const CheckForm = () => {
  const users = useRamList(lists.users)
  const roles = useRamList(lists.roles)
  const action = useAction()
  const [as, setAs] = useState("root")
  const [operation, setOperation] = useState("Decrypt")
  const [keyId, setKeyId] = useState("")
  const [answer, setAnswer] = useState<Reply>()
  const names = [
    "root",
    ...(users.reply ?? []).map((user) => `user/${textAt(user, "UserName")}`),
    ...(roles.reply ?? []).map((role) => `role/${textAt(role, "RoleName")}`)
  ]
  const lack = keyId.trim() === "" ? t("Enter a key id or an alias.") : undefined
  const off = action.busy ? t("Checking…") : lack
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (off !== undefined) return
    setAnswer(undefined)
    setAnswer(await action.run("ExplainAccess", { As: as, Operation: operation, KeyId: keyId.trim() }))
  }
  return (
    <section className="card stack">
      <h2>{t("Check a permission")}</h2>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <div className="columns">
          <Choice label={t("Who")} value={as} options={names.map((name) => [name, name] as const)} onChange={setAs} />
          <Choice
            label={t("Operation")}
            value={operation}
            options={operations.map((name) => [name, name] as const)}
            onChange={setOperation}
          />
          <Field label={t("Key")} hint={t("A key id, an ARN or an alias.")}>
            {(ids) => (
              <input {...ids} value={keyId} onChange={(event) => setKeyId(event.target.value)} spellCheck={false} />
            )}
          </Field>
        </div>
        <div className="row">
          <Button look="main" type="submit" off={off}>
            {t("Check")}
          </Button>
        </div>
      </form>
      <Refused refusal={action.refusal ?? users.refusal ?? roles.refusal} />
      <div role="status">{answer !== undefined && <Answered answer={answer} />}</div>
    </section>
  )
}

const answerWord = (answer: Reply): string => {
  const principal = textAt(answer, "Principal")
  if (answer["Allowed"] === true) return t("{principal} has the permission now.", { principal })
  return textAt(answer, "Decision") === "state"
    ? t("{principal} does not have the permission now. The state of the key refuses the call.", { principal })
    : t("{principal} does not have the permission now. The policies refuse the call.", { principal })
}

const Answered = ({ answer }: { readonly answer: Reply }) => (
  <Note tone={answer["Allowed"] === true ? "good" : "bad"}>
    <p>
      <strong>{answerWord(answer)}</strong>
    </p>
    {textAt(answer, "RefusalHint") !== "" && <p lang="en">{textAt(answer, "RefusalHint")}</p>}
    <ul>
      {listAt(answer, "Checks", "Check")
        .filter(isRecord)
        .map((check) => (
          <li key={`${textAt(check, "Action")} ${textAt(check, "Resource")}`} className="small">
            {rich("{action} on {resource}: {effect}", {
              action: <code>{textAt(check, "Action")}</code>,
              resource: <code>{textAt(check, "Resource")}</code>,
              effect: effectOf(check)
            })}
          </li>
        ))}
    </ul>
  </Note>
)

const effects: Readonly<Record<string, PlainText>> = {
  Allow: "allowed",
  Deny: "denied",
  Implicit: "no policy allows it"
}

const effectOf = (check: Reply): string => {
  const policy = textAt(check, "PolicyName")
  const known = effects[textAt(check, "Effect")]
  const effect = known === undefined ? textAt(check, "Effect") : t(known)
  if (policy === "") return effect
  return t("{effect} by statement {statement} of {policy}", {
    effect,
    statement: textAt(check, "Statement"),
    policy: policyNamed(policy)
  })
}
