/** Why an operation on a key is refused now, in the words of the console. */
import { wayBack } from "../../../../machines/permits.ts"
import { lifecycleStates } from "../../../../machines/vocabulary.ts"
import type { LifecycleState } from "../../../../machines/vocabulary.ts"
import type { AllowedNow } from "../../protocol.ts"

/** The service's hints, reworded for the console. */
const wayBackHere: Readonly<Record<LifecycleState, string>> = {
  ...wayBack,
  PendingImport: "Import the key material first, on the Material tab.",
  Disabled: "Enable the key first.",
  PendingDeletion: "Cancel the deletion first."
}
const inTheConsole: ReadonlyMap<string, string> = new Map(
  lifecycleStates.map((state) => [wayBack[state], wayBackHere[state]])
)

export const whyNot = (allowed: AllowedNow | undefined, operation: string): string | undefined => {
  const found = allowed?.operations.find((one) => one.operation === operation)
  if (found === undefined || found.allowed) return undefined
  return found.hint === undefined ? found.code : (inTheConsole.get(found.hint) ?? found.hint)
}
