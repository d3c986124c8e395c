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
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"

const types: Readonly<Record<string, PlainText>> = { Custom: "Custom", System: "System" }

/** The type of a policy in words. */
export const policyTypeWord = (type: string): string => {
  const found = Object.hasOwn(types, type) ? types[type] : undefined
  return found === undefined ? type : t(found)
}

export const pathOfPolicy = (policy: Reply): string =>
  `/access?tab=policies&type=${textAt(policy, "PolicyType")}&policy=${encodeURIComponent(textAt(policy, "PolicyName"))}`

const firstDocument = JSON.stringify(
  { Version: "1", Statement: [{ Effect: "Allow", Action: ["kms:DescribeKey", "kms:Encrypt"], Resource: "*" }] },
  undefined,
  2
)

/** The service describes system policies in English. */
const Described = ({ policy }: { readonly policy: Reply }) => (
  <span lang={textAt(policy, "PolicyType") === "System" ? "en" : undefined}>{textAt(policy, "Description")}</span>
)

export const PoliciesTab = () => {
  const policies = useRamList(lists.policies)
  const [isOpen, setOpen] = useState(false)
  /** A call whose answer was lost may have changed the list. */
  const close = (): void => {
    setOpen(false)
    policies.again()
  }
  return (
    <>
      <div className="row between">
        <p className="quiet">
          {t("A policy allows or denies operations. It applies to the users and roles it is attached to.")}
        </p>
        <Button look="main" onClick={() => setOpen(true)}>
          {t("Create policy…")}
        </Button>
      </div>
      <Listed
        label={t("Policies")}
        loaded={policies}
        nameOf={(policy) => textAt(policy, "PolicyName")}
        linkOf={pathOfPolicy}
        columns={[
          { word: t("Type"), cell: (policy) => policyTypeWord(textAt(policy, "PolicyType")) },
          { word: t("Attached to"), cell: (policy) => textAt(policy, "AttachmentCount") },
          { word: t("Description"), isProse: true, cell: (policy) => <Described policy={policy} /> },
          { word: t("Changed"), cell: (policy) => <Since text={textAt(policy, "UpdateDate")} /> }
        ]}
        empty={t("The account has no policies yet.")}
        needs="ram:ListPolicies"
      />
      {isOpen && (
        <CreatePolicyDialog
          onClose={close}
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
      words={{ create: "Create policy", name: "Policy name", busy: "The policy is being created." }}
      nameHint={t("Letters, digits, and the character -")}
      noteLabel={t("Description")}
      operation="CreatePolicy"
      parametersOf={(PolicyName, Description) => ({ PolicyName, PolicyDocument: document, Description })}
    >
      <PolicyEditor document={document} onChange={setDocument} />
    </CreateDialog>
  )
}
