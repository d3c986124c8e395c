/** What the command palette offers on the page of a key: the changes of its state that are legal now. */
import type { AllowedNow, KeyRow } from "../../protocol.ts"
import { nameOf } from "../data/keys.ts"
import { useCommands } from "../parts/ownCommands.ts"
import type { Command } from "../parts/ownCommands.ts"
import type { Changes } from "./changes.tsx"

const words: Readonly<Record<string, string>> = {
  EnableKey: "Enable",
  DisableKey: "Disable",
  ScheduleKeyDeletion: "Schedule the deletion of",
  CancelKeyDeletion: "Cancel the deletion of",
  ImportKeyMaterial: "Import the material of",
  DeleteKeyMaterial: "Delete the material of",
  UpdateRotationPolicy: "Change the rotation of"
}

const isAllowed = ({ operations }: AllowedNow, operation: string): boolean =>
  operations.some((one) => one.operation === operation && one.allowed)

/** A call that changes no state now, such as EnableKey on an enabled key, is left out. */
const commandsOf = (row: KeyRow, allowed: AllowedNow, { start }: Changes): ReadonlyArray<Command> =>
  [...new Set(allowed.moves.map(({ operation }) => operation))]
    .filter((operation) => isAllowed(allowed, operation))
    .map((operation) => ({
      id: `action ${operation}`,
      name: `${words[operation] ?? operation} ${nameOf(row)}`,
      kind: "Action",
      also: operation,
      act: () => start(operation)
    }))

export const useKeyCommands = (row: KeyRow, allowed: AllowedNow | undefined, changes: Changes): void =>
  useCommands(allowed === undefined ? [] : commandsOf(row, allowed, changes))
