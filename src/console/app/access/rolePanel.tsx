/** One role: its trust policy, attached policies, and deletion. */
import { useState } from "react"
import { go, Link } from "../data/router.tsx"
import { inLines, textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Copy, Empty, Refused } from "../parts/basic.tsx"
import { Attached } from "./attached.tsx"
import { ConfirmDialog } from "./confirm.tsx"
import { useRam } from "./ram.ts"
import { TrustField } from "./roles.tsx"
import { t } from "../text/text.ts"

export const RolePanel = ({ name }: { readonly name: string }) => {
  const role = useRam("GetRole", { RoleName: name })
  const [deletes, setDeletes] = useState(false)
  const arn = textAt(role.reply, "Role", "Arn")
  const trust = textAt(role.reply, "Role", "AssumeRolePolicyDocument")
  return (
    <>
      <p className="small longName">
        <Link to="/access?tab=roles">{t("Roles")}</Link> <span className="quiet">/ {name}</span>
      </p>
      <div className="row between">
        <h2 className="longName">{name}</h2>
        <Button look="danger" onClick={() => setDeletes(true)}>
          {t("Delete role…")}
        </Button>
      </div>
      <Refused refusal={role.refusal} />
      {role.reply === undefined && role.refusal === undefined && <Empty>{t("Loading…")}</Empty>}
      {role.reply !== undefined && (
        <section className="card stack">
          <p className="row">
            <code>{arn}</code> <Copy text={arn} what={t("Copy the ARN")} word={t("Copy ARN")} />
          </p>
          <Trust key={trust} name={name} trust={trust} onSaved={role.again} />
        </section>
      )}
      <Attached holder={{ kind: "Role", name }} />
      {deletes && (
        <ConfirmDialog
          what={{
            title: t("Delete role {name}", { name }),
            says: t("Detach its policies first. The sessions of the role end at once."),
            word: t("Delete role"),
            operation: "DeleteRole",
            parameters: { RoleName: name }
          }}
          onClose={() => {
            setDeletes(false)
            // A deletion whose answer was lost may have happened.
            role.again()
          }}
          onDone={() => go("/access?tab=roles")}
        />
      )}
    </>
  )
}

interface TrustProps {
  readonly name: string
  readonly trust: string
  readonly onSaved: () => void
}

const Trust = ({ name, trust, onSaved }: TrustProps) => {
  const action = useAction("ram")
  const [text, setText] = useState(() => inLines(trust))
  const unchanged = text === inLines(trust) ? t("No changes.") : undefined
  const save = async (): Promise<void> => {
    const reply = await action.run("UpdateRole", { RoleName: name, NewAssumeRolePolicyDocument: text })
    if (reply === undefined) return
    onSaved()
  }
  return (
    <>
      <TrustField trust={text} onChange={setText} />
      <Refused refusal={action.refusal} />
      <div className="row">
        <Button off={action.busy ? t("Saving…") : unchanged} onClick={() => void save()}>
          {t("Save trust policy")}
        </Button>
      </div>
    </>
  )
}
