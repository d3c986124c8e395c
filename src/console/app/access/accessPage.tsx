/** The Access page: users, roles and policies of the account, and a check of a permission. */
import { useConsole } from "../data/store.ts"
import { usePlace } from "../data/router.tsx"
import { Tabs } from "../parts/tabs.tsx"
import type { Tab } from "../parts/tabs.tsx"
import { CheckTab } from "./checkAccess.tsx"
import { PoliciesTab } from "./policies.tsx"
import { PolicyPanel } from "./policyPanel.tsx"
import { RolePanel } from "./rolePanel.tsx"
import { RolesTab } from "./roles.tsx"
import { UserPanel } from "./userPanel.tsx"
import { UsersTab } from "./users.tsx"
import { t } from "../text/text.ts"

const tabs = (): ReadonlyArray<Tab> => [
  { id: "users", name: t("Users"), content: () => <Users /> },
  { id: "roles", name: t("Roles"), content: () => <Roles /> },
  { id: "policies", name: t("Policies"), content: () => <Policies /> },
  { id: "check", name: t("Check a permission"), content: () => <CheckTab /> }
]

const Users = () => {
  const { query } = usePlace()
  const name = query.get("user")
  return name === null ? <UsersTab /> : <UserPanel key={name} name={name} />
}

const Roles = () => {
  const { query } = usePlace()
  const name = query.get("role")
  return name === null ? <RolesTab /> : <RolePanel key={name} name={name} />
}

const Policies = () => {
  const { query } = usePlace()
  const name = query.get("policy")
  const type = query.get("type") === "System" ? "System" : "Custom"
  return name === null ? <PoliciesTab /> : <PolicyPanel key={`${type} ${name}`} name={name} type={type} />
}

export const AccessPage = () => {
  const { session } = useConsole()
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>{t("Access")}</h1>
          <p className="quiet">
            {t("Users, roles and policies of account {account}", { account: session?.account ?? "" })}
          </p>
        </div>
      </div>
      <Tabs label={t("Access")} tabs={tabs()} />
    </>
  )
}
