/** The access keys of a user. A new secret is shown once, in a dialog. */
import { useState } from "react"
import { isAnswerLost, isRecord } from "../data/api.ts"
import type { Reply } from "../data/api.ts"
import { listAt, textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Copy, Empty, Note, Refused } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { ConfirmDialog } from "./confirm.tsx"
import { MayNotList, Since } from "./listed.tsx"
import { useRam } from "./ram.ts"
import { t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

export const AccessKeys = ({ user }: { readonly user: string }) => {
  const keys = useRam("ListAccessKeys", { UserName: user })
  const action = useAction("ram")
  const [made, setMade] = useState<Reply>()
  const create = async (): Promise<void> => {
    const reply = await action.run("CreateAccessKey", { UserName: user })
    if (reply !== undefined) setMade(reply)
    // A new key is in the list even if its answer was lost.
    keys.again()
  }
  const found = listAt(keys.reply, "AccessKeys", "AccessKey").filter(isRecord)
  return (
    <section className="card stack">
      <div className="row between">
        <h2>{t("Access keys")}</h2>
        <Button off={action.busy ? t("Creating…") : undefined} onClick={() => void create()}>
          {t("Create access key")}
        </Button>
      </div>
      <Refused refusal={action.refusal} />
      {isAnswerLost(action.refusal) && (
        <Note tone="warn">
          {t(
            "An access key may have been created anyway. Its secret cannot be shown again: delete that key, then create another."
          )}
        </Note>
      )}
      <MayNotList refusal={keys.refusal} needs="ram:ListAccessKeys" />
      {keys.reply !== undefined && found.length === 0 && (
        <Empty>{t("The user has no access keys and cannot sign in.")}</Empty>
      )}
      {found.length > 0 && (
        <ul className="stack tight" aria-label={t("Access keys")}>
          {found.map((key) => (
            <AccessKey key={textAt(key, "AccessKeyId")} user={user} shown={key} onChange={keys.again} />
          ))}
        </ul>
      )}
      {made !== undefined && <NewSecret made={made} onClose={() => setMade(undefined)} />}
    </section>
  )
}

interface AccessKeyProps {
  readonly user: string
  readonly shown: Reply
  readonly onChange: () => void
}

const AccessKey = ({ user, shown, onChange }: AccessKeyProps) => {
  const action = useAction("ram")
  const [deletes, setDeletes] = useState(false)
  const id = textAt(shown, "AccessKeyId")
  const isActive = textAt(shown, "Status") === "Active"
  const toggle = async (): Promise<void> => {
    const Status = isActive ? "Inactive" : "Active"
    await action.run("UpdateAccessKey", { UserName: user, UserAccessKeyId: id, Status })
    // A refused change may be about a key that another administrator deleted.
    onChange()
  }
  /** Also after a refusal: the key may be gone already. */
  const end = (): void => {
    setDeletes(false)
    onChange()
  }
  return (
    <li>
      <div className="row">
        <code>{id}</code>
        <span className={`badge ${isActive ? "good" : "calm"}`}>{isActive ? t("Active") : t("Inactive")}</span>
        <span className="quiet small">
          {rich("created {time}", { time: <Since text={textAt(shown, "CreateDate")} /> })}
        </span>
        <Button small off={action.busy ? t("Working…") : undefined} onClick={() => void toggle()}>
          {isActive ? t("Deactivate") : t("Activate")}
        </Button>
        <Button small look="danger" onClick={() => setDeletes(true)}>
          {t("Delete…")}
        </Button>
      </div>
      <Refused refusal={action.refusal} />
      {deletes && (
        <ConfirmDialog
          what={{
            title: t("Delete access key"),
            says: t("Requests signed with {id} are refused at once. You cannot undo this.", { id }),
            word: t("Delete access key"),
            operation: "DeleteAccessKey",
            parameters: { UserName: user, UserAccessKeyId: id }
          }}
          onClose={end}
          onDone={end}
        />
      )}
    </li>
  )
}

/** The only place that shows the secret. It is dropped when the dialog closes. */
const NewSecret = ({ made, onClose }: { readonly made: Reply; readonly onClose: () => void }) => {
  const id = textAt(made, "AccessKey", "AccessKeyId")
  const secret = textAt(made, "AccessKey", "AccessKeySecret")
  return (
    <Dialog title={t("New access key")} onClose={onClose}>
      <Note tone="warn">{t("Copy the secret now. It is not shown again.")}</Note>
      <dl className="fields">
        <dt>{t("AccessKey ID")}</dt>
        <dd>
          <code>{id}</code> <Copy text={id} what={t("Copy the AccessKey ID")} />
        </dd>
        <dt>{t("AccessKey secret")}</dt>
        <dd>
          <code>{secret}</code> <Copy text={secret} what={t("Copy the AccessKey secret")} />
        </dd>
      </dl>
      <div className="row end">
        <Button look="main" onClick={onClose}>
          {t("I have copied the secret")}
        </Button>
      </div>
    </Dialog>
  )
}
