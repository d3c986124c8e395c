/** The users of the account, and a dialog that creates one. */
import { useState } from "react"
import type { FormEvent } from "react"
import { go } from "../data/router.tsx"
import { textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Field, Refused } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { created, Listed } from "./listed.tsx"
import { lists, useRamList } from "./ram.ts"

const pathOfUser = (name: string): string => `/access?tab=users&user=${encodeURIComponent(name)}`

export const UsersTab = () => {
  const users = useRamList(lists.users)
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <div className="row between">
        <p className="quiet">A user signs requests with access keys. Policies say what the user may do.</p>
        <Button look="main" onClick={() => setOpen(true)}>
          Create user…
        </Button>
      </div>
      <Listed
        label="Users"
        loaded={users}
        nameOf={(user) => textAt(user, "UserName")}
        linkOf={(user) => pathOfUser(textAt(user, "UserName"))}
        columns={[{ word: "Comments", isProse: true, cell: (user) => textAt(user, "Comments") }, created]}
        empty="The account has no users yet."
        needs="ram:ListUsers"
      />
      {isOpen && <CreateUserDialog onClose={() => setOpen(false)} onMade={(name) => go(pathOfUser(name))} />}
    </>
  )
}

interface CreateProps {
  readonly onClose: () => void
  readonly onMade: (name: string) => void
}

const CreateUserDialog = ({ onClose, onMade }: CreateProps) => {
  const action = useAction("ram")
  const [name, setName] = useState("")
  const [comments, setComments] = useState("")
  const lack = name.trim() === "" ? "Enter a name." : undefined
  const off = action.busy ? "Creating…" : lack
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (off !== undefined) return
    const reply = await action.run("CreateUser", { UserName: name.trim(), Comments: comments })
    if (reply === undefined) return
    onMade(name.trim())
  }
  return (
    <Dialog title="Create user" onClose={onClose} busy={action.busy}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <Field label="User name" hint="Letters, digits, and the characters . _ -">
          {(ids) => (
            <input
              {...ids}
              value={name}
              onChange={(event) => setName(event.target.value)}
              spellCheck={false}
              autoFocus
            />
          )}
        </Field>
        <Field label="Comments">
          {(ids) => <input {...ids} value={comments} onChange={(event) => setComments(event.target.value)} />}
        </Field>
        <Refused refusal={action.refusal} />
        <div className="row end">
          <Button off={action.busy ? "The user is being created." : undefined} onClick={onClose}>
            Cancel
          </Button>
          <Button look="main" type="submit" off={off}>
            Create user
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
