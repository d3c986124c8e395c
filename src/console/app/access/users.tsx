/** The users of the account, and a dialog that creates one. */
import { useState } from "react"
import { go } from "../data/router.tsx"
import { textAt } from "../data/replies.ts"
import { Button } from "../parts/basic.tsx"
import { CreateDialog } from "./createDialog.tsx"
import type { CreateProps } from "./createDialog.tsx"
import { created, Listed } from "./listed.tsx"
import { lists, useRamList } from "./ram.ts"
import { t } from "../text/text.ts"

const pathOfUser = (name: string): string => `/access?tab=users&user=${encodeURIComponent(name)}`

export const UsersTab = () => {
  const users = useRamList(lists.users)
  const [isOpen, setOpen] = useState(false)
  /** A call whose answer was lost may have changed the list. */
  const close = (): void => {
    setOpen(false)
    users.again()
  }
  return (
    <>
      <div className="row between">
        <p className="quiet">{t("A user signs requests with access keys. Policies say what the user may do.")}</p>
        <Button look="main" onClick={() => setOpen(true)}>
          {t("Create user…")}
        </Button>
      </div>
      <Listed
        label={t("Users")}
        loaded={users}
        nameOf={(user) => textAt(user, "UserName")}
        linkOf={(user) => pathOfUser(textAt(user, "UserName"))}
        columns={[{ word: t("Comments"), isProse: true, cell: (user) => textAt(user, "Comments") }, created()]}
        empty={t("The account has no users yet.")}
        needs="ram:ListUsers"
      />
      {isOpen && <CreateUserDialog onClose={close} onMade={(name) => go(pathOfUser(name))} />}
    </>
  )
}

const CreateUserDialog = (props: CreateProps) => (
  <CreateDialog
    {...props}
    words={{ create: "Create user", name: "User name", busy: "The user is being created." }}
    nameHint={t("Letters, digits, and the characters . _ -")}
    noteLabel={t("Comments")}
    operation="CreateUser"
    parametersOf={(UserName, Comments) => ({ UserName, Comments })}
  />
)
