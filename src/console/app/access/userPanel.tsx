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

export const UserPanel = ({ name }: { readonly name: string }) => {
  const { refusal, reply } = useRam("GetUser", { UserName: name })
  const [deletes, setDeletes] = useState(false)
  return (
    <>
      <p className="small longName">
        <Link to="/access?tab=users">Users</Link> <span className="quiet">/ {name}</span>
      </p>
      <div className="row between">
        <h2 className="longName">{name}</h2>
        <Button look="danger" onClick={() => setDeletes(true)}>
          Delete user…
        </Button>
      </div>
      <Refused refusal={refusal} />
      {reply === undefined && refusal === undefined && <Empty>Loading…</Empty>}
      {reply !== undefined && (
        <dl className="fields card">
          <dt>Created</dt>
          <dd>
            <Since text={textAt(reply, "User", "CreateDate")} />
          </dd>
          <dt>Comments</dt>
          <dd>{textAt(reply, "User", "Comments") || "—"}</dd>
        </dl>
      )}
      <AccessKeys user={name} />
      <Attached holder={{ kind: "User", name }} />
      {deletes && (
        <ConfirmDialog
          what={{
            title: `Delete user ${name}`,
            says: "Delete the access keys of the user and detach its policies first.",
            word: "Delete user",
            operation: "DeleteUser",
            parameters: { UserName: name }
          }}
          onClose={() => setDeletes(false)}
          onDone={() => go("/access?tab=users")}
        />
      )}
    </>
  )
}
