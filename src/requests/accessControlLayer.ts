/** Access control for the operations: changes and reads of RAM entities, and explanations of policies. */
import { Effect } from "effect"
import { KeyDirectory } from "../actor/keyDirectory.ts"
import type { AccessControl } from "../authorization/accessControl.ts"
import { operationStore } from "../store/operationStore.ts"
import { Store } from "../store/store.ts"
import { Access } from "../authorization/access.ts"
import { explain } from "./explain.ts"
import type { Explainer } from "./explain.ts"
import { Ram } from "../authorization/ram.ts"

export const makeExplainer = Effect.gen(function* () {
  const { tables, root } = yield* Ram
  const explainer: Explainer = {
    tables,
    access: yield* Access,
    directory: yield* KeyDirectory,
    store: operationStore(yield* Store),
    serverAccount: root.caller.account
  }
  return explainer
})

export const makeAccessControl = Effect.gen(function* () {
  const ram = yield* Ram
  const explainer = yield* makeExplainer
  const control: AccessControl = { ...ram, explain: (realm, question) => explain(explainer, realm, question) }
  return control
})
