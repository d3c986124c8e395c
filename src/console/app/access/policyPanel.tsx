/** One policy: its document with a verdict, what it is attached to, and deletion. */
import { useState } from "react"
import { isRecord } from "../data/api.ts"
import { go, Link } from "../data/router.tsx"
import { inLines, listAt, textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Empty, Refused } from "../parts/basic.tsx"
import { ConfirmDialog } from "./confirm.tsx"
import { MayNotList } from "./listed.tsx"
import { PolicyEditor } from "./policyEditor.tsx"
import { useRam } from "./ram.ts"
import { t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

interface PolicyProps {
  readonly name: string
  readonly type: "Custom" | "System"
}

export const PolicyPanel = ({ name, type }: PolicyProps) => {
  const named = { PolicyName: name, PolicyType: type }
  const policy = useRam("GetPolicy", named)
  const [deletes, setDeletes] = useState(false)
  const document = textAt(policy.reply, "DefaultPolicyVersion", "PolicyDocument")
  return (
    <>
      <p className="small longName">
        <Link to="/access?tab=policies">{t("Policies")}</Link> <span className="quiet">/ {name}</span>
      </p>
      <div className="row between">
        <h2 className="longName">{name}</h2>
        {type === "Custom" && (
          <Button look="danger" onClick={() => setDeletes(true)}>
            {t("Delete policy…")}
          </Button>
        )}
      </div>
      <Refused refusal={policy.refusal} />
      {policy.reply === undefined && policy.refusal === undefined && <Empty>{t("Loading…")}</Empty>}
      {policy.reply !== undefined && (
        <Editor key={document} name={name} document={document} isFixed={type === "System"} onSaved={policy.again} />
      )}
      <AttachedTo name={name} type={type} />
      {deletes && (
        <ConfirmDialog
          what={{
            title: t("Delete policy {name}", { name }),
            says: t("All versions of the policy are deleted. Detach it first from each user and role."),
            word: t("Delete policy"),
            operation: "DeletePolicy",
            parameters: { PolicyName: name, CascadingDelete: "true" }
          }}
          onClose={() => {
            setDeletes(false)
            // A deletion whose answer was lost may have happened.
            policy.again()
          }}
          onDone={() => go("/access?tab=policies")}
        />
      )}
    </>
  )
}

interface EditorProps {
  readonly name: string
  readonly document: string
  readonly isFixed: boolean
  readonly onSaved: () => void
}

const Editor = ({ name, document, isFixed, onSaved }: EditorProps) => {
  const action = useAction("ram")
  const [text, setText] = useState(() => inLines(document))
  const unchanged = text === inLines(document) ? t("No changes.") : undefined
  const off = action.busy ? t("Saving…") : unchanged
  const save = async (): Promise<void> => {
    const reply = await action.run("CreatePolicyVersion", {
      PolicyName: name,
      PolicyDocument: text,
      SetAsDefault: "true",
      RotateStrategy: "DeleteOldestNonDefaultVersionWhenLimitExceeded"
    })
    if (reply === undefined) return
    onSaved()
  }
  return (
    <section className="card stack">
      {isFixed && <p className="quiet">{t("A system policy cannot be changed.")}</p>}
      <PolicyEditor document={text} onChange={setText} isFixed={isFixed} />
      <Refused refusal={action.refusal} />
      {!isFixed && (
        <div className="row">
          <Button look="main" off={off} onClick={() => void save()}>
            {t("Save as default version")}
          </Button>
        </div>
      )}
    </section>
  )
}

const AttachedTo = ({ name, type }: PolicyProps) => {
  const { refusal, reply } = useRam("ListEntitiesForPolicy", { PolicyName: name, PolicyType: type })
  const users = listAt(reply, "Users", "User").filter(isRecord)
  const roles = listAt(reply, "Roles", "Role").filter(isRecord)
  const groups = listAt(reply, "Groups", "Group").filter(isRecord)
  const count = users.length + roles.length + groups.length
  return (
    <section className="card stack">
      <h2>{t("Attached to")}</h2>
      <MayNotList refusal={refusal} needs="ram:ListEntitiesForPolicy" />
      {reply !== undefined && count === 0 && (
        <Empty>{t("The policy is attached to no user or role, so it has no effect.")}</Empty>
      )}
      {count > 0 && (
        <ul className="stack tight" aria-label={t("Attached to")}>
          {users.map((user) => (
            <li key={`user ${textAt(user, "UserName")}`}>
              {rich("User {name}", { name: <HolderLink tab="users" name={textAt(user, "UserName")} /> })}
            </li>
          ))}
          {roles.map((role) => (
            <li key={`role ${textAt(role, "RoleName")}`}>
              {rich("Role {name}", { name: <HolderLink tab="roles" name={textAt(role, "RoleName")} /> })}
            </li>
          ))}
          {groups.map((group) => (
            <li key={`group ${textAt(group, "GroupName")}`}>
              {t("Group {name}", { name: textAt(group, "GroupName") })}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const HolderLink = ({ tab, name }: { readonly tab: "users" | "roles"; readonly name: string }) => (
  <Link to={`/access?tab=${tab}&${tab === "users" ? "user" : "role"}=${encodeURIComponent(name)}`}>{name}</Link>
)
