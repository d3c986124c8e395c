/** The policy of a key, shown in indented lines; callers with permission can replace it. */
import { useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { callOperation } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { inLines, textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Button, Empty, Field, Refused } from "../parts/basic.tsx"
import { t } from "../text/text.ts"

const Editor = ({ policy, row }: { readonly policy: string; readonly row: KeyRow }) => {
  const action = useAction()
  const [text, setText] = useState(() => inLines(policy))
  const unchanged = text === inLines(policy) ? t("No changes.") : undefined
  const off = action.busy ? t("Saving…") : unchanged
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (off === undefined) void action.run("SetKeyPolicy", { KeyId: row.keyId, Policy: text })
      }}
    >
      <Field label={t("Policy document")}>
        {(ids) => (
          <textarea
            {...ids}
            rows={14}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <Refused refusal={action.refusal} />
      <Button type="submit" off={off}>
        {t("Save")}
      </Button>
    </form>
  )
}

export const KeyPolicy = ({ row }: { readonly row: KeyRow }) => {
  const { region } = useConsole()
  const { refusal, reply } = useLoaded(
    () => callOperation(region, "GetKeyPolicy", { KeyId: row.keyId }),
    `${region} ${row.keyId} ${row.epoch}`
  )
  const policy = reply === undefined ? undefined : textAt(reply, "Policy")
  return (
    <section className="card">
      <h2>{t("Key policy")}</h2>
      <p className="quiet">
        {t(
          "Evaluated together with the caller's RAM policies. An Allow in either is enough; a Deny in either refuses."
        )}
      </p>
      <Refused refusal={refusal} />
      {policy === undefined ? (
        refusal === undefined && <Empty>{t("Loading the policy…")}</Empty>
      ) : (
        <Editor key={policy} policy={policy} row={row} />
      )}
    </section>
  )
}
