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

/** Gates such as `ReEncrypt(source)` belong to one operation. */
const operations = [...new Set(Object.keys(rules).map((gate) => gate.replace(/\(.*\)$/, "")))].toSorted()

export const CheckTab = () => {
  const { session } = useConsole()
  if (session?.kind !== "root") {
    return (
      <Note tone="info">
        Only the root of the account can check the permissions of others. The page of a key shows what you may do with
        it.
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
  const lack = keyId.trim() === "" ? "Enter a key id or an alias." : undefined
  const off = action.busy ? "Checking…" : lack
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (off !== undefined) return
    setAnswer(undefined)
    setAnswer(await action.run("ExplainAccess", { As: as, Operation: operation, KeyId: keyId.trim() }))
  }
  return (
    <section className="card stack">
      <h2>Check a permission</h2>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <div className="columns">
          <Choice label="Who" value={as} options={names.map((name) => [name, name] as const)} onChange={setAs} />
          <Choice
            label="Operation"
            value={operation}
            options={operations.map((name) => [name, name] as const)}
            onChange={setOperation}
          />
          <Field label="Key" hint="A key id, an ARN or an alias.">
            {(ids) => (
              <input {...ids} value={keyId} onChange={(event) => setKeyId(event.target.value)} spellCheck={false} />
            )}
          </Field>
        </div>
        <div className="row">
          <Button look="main" type="submit" off={off}>
            Check
          </Button>
        </div>
      </form>
      <Refused refusal={action.refusal ?? users.refusal ?? roles.refusal} />
      <div role="status">{answer !== undefined && <Answered answer={answer} />}</div>
    </section>
  )
}

const Answered = ({ answer }: { readonly answer: Reply }) => {
  const isAllowed = answer["Allowed"] === true
  const by =
    textAt(answer, "Decision") === "state" ? "The state of the key refuses the call." : "The policies refuse the call."
  return (
    <Note tone={isAllowed ? "good" : "bad"}>
      <p>
        <strong>
          {textAt(answer, "Principal")}{" "}
          {isAllowed ? "has the permission now." : `does not have the permission now. ${by}`}
        </strong>
      </p>
      {textAt(answer, "RefusalHint") !== "" && <p>{textAt(answer, "RefusalHint")}</p>}
      <ul>
        {listAt(answer, "Checks", "Check")
          .filter(isRecord)
          .map((check) => (
            <li key={`${textAt(check, "Action")} ${textAt(check, "Resource")}`} className="small">
              <code>{textAt(check, "Action")}</code> on <code>{textAt(check, "Resource")}</code>: {effectOf(check)}
            </li>
          ))}
      </ul>
    </Note>
  )
}

const effectOf = (check: Reply): string => {
  const policy = textAt(check, "PolicyName")
  const by = policy === "" ? "" : ` by statement ${textAt(check, "Statement")} of ${policy}`
  const effects: Readonly<Record<string, string>> = {
    Allow: "allowed",
    Deny: "denied",
    Implicit: "no policy allows it"
  }
  return `${effects[textAt(check, "Effect")] ?? textAt(check, "Effect")}${by}`
}
