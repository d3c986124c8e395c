/** Why an operation on a key is refused now, in the words of the console. */
import { wayBack } from "../../../../machines/permits.ts"
import type { AllowedNow } from "../../protocol.ts"
import { ofMachine, t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"

/** The service's hints, reworded for the console. */
const inTheConsole: ReadonlyMap<string, PlainText> = new Map([
  [wayBack.PendingImport, "Import the key material first, on the Material tab."],
  [wayBack.Disabled, "Enable the key first."],
  [wayBack.PendingDeletion, "Cancel the deletion first."],
  [wayBack.Enabled, "The key is Enabled."],
  [wayBack.Deleted, "The key is deleted; create another."]
])

/** Other hints of the service are shown as they are. */
const hintWord = (hint: string): string => {
  const found = inTheConsole.get(hint)
  return found === undefined ? ofMachine(hint) : t(found)
}

export const whyNot = (allowed: AllowedNow | undefined, operation: string): string | undefined => {
  const found = allowed?.operations.find((one) => one.operation === operation)
  if (found === undefined || found.allowed) return undefined
  return found.hint === undefined ? found.code : hintWord(found.hint)
}
