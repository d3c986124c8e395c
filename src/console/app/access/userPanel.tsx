/** One user: access keys, attached policies, and deletion. */
import { useState } from "react"
import { go, Link } from "../data/router.tsx"
import { textAt } from "../data/replies.ts"
import { Button, Empty, Refused } from "../parts/basic.tsx"
import { AccessKeys } from "./accessKeys.tsx"
import { Attached } from "./attached.tsx"
import { ConfirmDialog } from "./confirm.tsx"
import { Since } from "./listed.tsx"
import { useRam } from "./ram.ts"
import { t } from "../text/text.ts"

export const UserPanel = ({ name }: { readonly name: string }) => {
  const { refusal, reply, again } = useRam("GetUser", { UserName: name })
  const [deletes, setDeletes] = useState(false)
  return (
    <>
      <p className="small longName">
        <Link to="/access?tab=users">{t("Users")}</Link> <span className="quiet">/ {name}</span>
      </p>
      <div className="row between">
        <h2 className="longName">{name}</h2>
        <Button look="danger" onClick={() => setDeletes(true)}>
          {t("Delete user…")}
        </Button>
      </div>
      <Refused refusal={refusal} />
      {reply === undefined && refusal === undefined && <Empty>{t("Loading…")}</Empty>}
      {reply !== undefined && (
        <dl className="fields card">
          <dt>{t("Created")}</dt>
          <dd>
            <Since text={textAt(reply, "User", "CreateDate")} />
          </dd>
          <dt>{t("Comments")}</dt>
          <dd>{textAt(reply, "User", "Comments") || "—"}</dd>
        </dl>
      )}
      <AccessKeys user={name} />
      <Attached holder={{ kind: "User", name }} />
      {deletes && (
        <ConfirmDialog
          what={{
            title: t("Delete user {name}", { name }),
            says: t("Delete the access keys of the user and detach its policies first."),
            word: t("Delete user"),
            operation: "DeleteUser",
            parameters: { UserName: name }
          }}
          onClose={() => {
            setDeletes(false)
            // A deletion whose answer was lost may have happened.
            again()
          }}
          onDone={() => go("/access?tab=users")}
        />
      )}
    </>
  )
}
