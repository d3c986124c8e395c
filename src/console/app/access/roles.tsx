/** The roles of the account, and a dialog that creates one. */
import { useState } from "react"
import type { FormEvent } from "react"
import { go } from "../data/router.tsx"
import { textAt } from "../data/replies.ts"
import { useConsole } from "../data/store.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Field, Refused } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { created, Listed } from "./listed.tsx"
import { lists, useRamList } from "./ram.ts"

const pathOfRole = (name: string): string => `/access?tab=roles&role=${encodeURIComponent(name)}`

/** Lets every user and role of the account assume the role, if a policy also allows it. */
const trustOf = (account: string): string =>
  JSON.stringify(
    {
      Version: "1",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: [`acs:ram::${account}:root`] } }]
    },
    undefined,
    2
  )

export const RolesTab = () => {
  const roles = useRamList(lists.roles)
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <div className="row between">
        <p className="quiet">A role gives temporary credentials. Its trust policy says who may assume it.</p>
        <Button look="main" onClick={() => setOpen(true)}>
          Create role…
        </Button>
      </div>
      <Listed
        label="Roles"
        loaded={roles}
        nameOf={(role) => textAt(role, "RoleName")}
        linkOf={(role) => pathOfRole(textAt(role, "RoleName"))}
        columns={[{ word: "Description", isProse: true, cell: (role) => textAt(role, "Description") }, created]}
        empty="The account has no roles yet."
        needs="ram:ListRoles"
      />
      {isOpen && <CreateRoleDialog onClose={() => setOpen(false)} onMade={(name) => go(pathOfRole(name))} />}
    </>
  )
}

interface CreateProps {
  readonly onClose: () => void
  readonly onMade: (name: string) => void
}

const CreateRoleDialog = ({ onClose, onMade }: CreateProps) => {
  const { session } = useConsole()
  const action = useAction("ram")
  const [name, setName] = useState("")
  const [description, setDescription] = useState("")
  const [trust, setTrust] = useState(() => trustOf(session?.account ?? ""))
  const lack = name.trim() === "" ? "Enter a name." : undefined
  const off = action.busy ? "Creating…" : lack
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (off !== undefined) return
    const reply = await action.run("CreateRole", {
      RoleName: name.trim(),
      AssumeRolePolicyDocument: trust,
      Description: description
    })
    if (reply === undefined) return
    onMade(name.trim())
  }
  return (
    <Dialog title="Create role" onClose={onClose} busy={action.busy}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <Field label="Role name" hint="Letters, digits, and the characters . -">
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
        <Field label="Description">
          {(ids) => <input {...ids} value={description} onChange={(event) => setDescription(event.target.value)} />}
        </Field>
        <TrustField trust={trust} onChange={setTrust} />
        <Refused refusal={action.refusal} />
        <div className="row end">
          <Button off={action.busy ? "The role is being created." : undefined} onClick={onClose}>
            Cancel
          </Button>
          <Button look="main" type="submit" off={off}>
            Create role
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

interface TrustProps {
  readonly trust: string
  readonly onChange: (trust: string) => void
}

export const TrustField = ({ trust, onChange }: TrustProps) => (
  <Field label="Trust policy" hint="Who may assume the role.">
    {(ids) => (
      <textarea
        {...ids}

        rows={10}
        spellCheck={false}
        value={trust}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
)
