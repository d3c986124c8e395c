/** The roles of the account, and a dialog that creates one. */
import { useState } from "react"
import { go } from "../data/router.tsx"
import { textAt } from "../data/replies.ts"
import { useConsole } from "../data/store.ts"
import { Button, Field } from "../parts/basic.tsx"
import { CreateDialog } from "./createDialog.tsx"
import type { CreateProps } from "./createDialog.tsx"
import { created, Listed } from "./listed.tsx"
import { lists, useRamList } from "./ram.ts"
import { t } from "../text/text.ts"

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
  /** A call whose answer was lost may have changed the list. */
  const close = (): void => {
    setOpen(false)
    roles.again()
  }
  return (
    <>
      <div className="row between">
        <p className="quiet">{t("A role gives temporary credentials. Its trust policy says who may assume it.")}</p>
        <Button look="main" onClick={() => setOpen(true)}>
          {t("Create role…")}
        </Button>
      </div>
      <Listed
        label={t("Roles")}
        loaded={roles}
        nameOf={(role) => textAt(role, "RoleName")}
        linkOf={(role) => pathOfRole(textAt(role, "RoleName"))}
        columns={[{ word: t("Description"), isProse: true, cell: (role) => textAt(role, "Description") }, created()]}
        empty={t("The account has no roles yet.")}
        needs="ram:ListRoles"
      />
      {isOpen && <CreateRoleDialog onClose={close} onMade={(name) => go(pathOfRole(name))} />}
    </>
  )
}

const CreateRoleDialog = (props: CreateProps) => {
  const { session } = useConsole()
  const [trust, setTrust] = useState(() => trustOf(session?.account ?? ""))
  return (
    <CreateDialog
      {...props}
      words={{ create: "Create role", name: "Role name", busy: "The role is being created." }}
      nameHint={t("Letters, digits, and the characters . -")}
      noteLabel={t("Description")}
      operation="CreateRole"
      parametersOf={(RoleName, Description) => ({ RoleName, AssumeRolePolicyDocument: trust, Description })}
    >
      <TrustField trust={trust} onChange={setTrust} />
    </CreateDialog>
  )
}

interface TrustProps {
  readonly trust: string
  readonly onChange: (trust: string) => void
}

export const TrustField = ({ trust, onChange }: TrustProps) => (
  <Field label={t("Trust policy")} hint={t("Who may assume the role.")}>
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
