/** The policies of the account and the system policies, and a dialog that creates one. */
import { useState } from "react"
import type { Reply } from "../data/api.ts"
import { go } from "../data/router.tsx"
import { textAt } from "../data/replies.ts"
import { Button } from "../parts/basic.tsx"
import { CreateDialog } from "./createDialog.tsx"
import type { CreateProps } from "./createDialog.tsx"
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

const CreatePolicyDialog = (props: CreateProps) => {
  const [document, setDocument] = useState(firstDocument)
  return (
    <CreateDialog
      {...props}
      word="policy"
      nameHint="Letters, digits, and the character -"
      noteLabel="Description"
      operation="CreatePolicy"
      parametersOf={(PolicyName, Description) => ({ PolicyName, PolicyDocument: document, Description })}
    >
      <PolicyEditor document={document} onChange={setDocument} />
    </CreateDialog>
  )
}
