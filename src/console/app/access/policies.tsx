/** The policies of the account and the system policies, and a dialog that creates one. */
import { useState } from "react"
import type { FormEvent } from "react"
import type { Reply } from "../data/api.ts"
import { go } from "../data/router.tsx"
import { textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Field, Refused } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { Listed, Since } from "./listed.tsx"
import { PolicyEditor } from "./policyEditor.tsx"
import { lists, useRamList } from "./ram.ts"

export const pathOfPolicy = (policy: Reply): string =>
  `/access?tab=policies&type=${textAt(policy, "PolicyType")}&policy=${encodeURIComponent(textAt(policy, "PolicyName"))}`

const firstDocument = JSON.stringify(
  { Version: "1", Statement: [{ Effect: "Allow", Action: ["kms:DescribeKey", "kms:Encrypt"], Resource: "*" }] },
  undefined,
  2
)

export const PoliciesTab = () => {
  const policies = useRamList(lists.policies)
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <div className="row between">
        <p className="quiet">
          A policy allows or denies operations. It applies to the users and roles it is attached to.
        </p>
        <Button look="main" onClick={() => setOpen(true)}>
          Create policy…
        </Button>
      </div>
      <Listed
        label="Policies"
        loaded={policies}
        nameOf={(policy) => textAt(policy, "PolicyName")}
        linkOf={pathOfPolicy}
        columns={[
          { word: "Type", cell: (policy) => textAt(policy, "PolicyType") },
          { word: "Attached to", cell: (policy) => textAt(policy, "AttachmentCount") },
          { word: "Description", isProse: true, cell: (policy) => textAt(policy, "Description") },
          { word: "Changed", cell: (policy) => <Since text={textAt(policy, "UpdateDate")} /> }
        ]}
        empty="The account has no policies yet."
        needs="ram:ListPolicies"
      />
      {isOpen && (
        <CreatePolicyDialog
          onClose={() => setOpen(false)}
          onMade={(PolicyName) => go(pathOfPolicy({ PolicyName, PolicyType: "Custom" }))}
        />
      )}
    </>
  )
}

interface CreateProps {
  readonly onClose: () => void
  readonly onMade: (name: string) => void
}

const CreatePolicyDialog = ({ onClose, onMade }: CreateProps) => {
  const action = useAction("ram")
  const [name, setName] = useState("")
  const [description, setDescription] = useState("")
  const [document, setDocument] = useState(firstDocument)
  const lack = name.trim() === "" ? "Enter a name." : undefined
  const off = action.busy ? "Creating…" : lack
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (off !== undefined) return
    const reply = await action.run("CreatePolicy", {
      PolicyName: name.trim(),
      PolicyDocument: document,
      Description: description
    })
    if (reply === undefined) return
    onMade(name.trim())
  }
  return (
    <Dialog title="Create policy" onClose={onClose} busy={action.busy}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <Field label="Policy name" hint="Letters, digits, and the character -">
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
        <PolicyEditor document={document} onChange={setDocument} />
        <Refused refusal={action.refusal} />
        <div className="row end">
          <Button off={action.busy ? "The policy is being created." : undefined} onClick={onClose}>
            Cancel
          </Button>
          <Button look="main" type="submit" off={off}>
            Create policy
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
