/** What the command palette offers on the page of a key: the changes of its state that are legal now. */
import type { AllowedNow, KeyRow } from "../../protocol.ts"
import { nameOf } from "../data/keys.ts"
import { useCommands } from "../parts/ownCommands.ts"
import type { Command } from "../parts/ownCommands.ts"
import type { Changes } from "./changes.tsx"
import { t } from "../text/text.ts"

const words = {
  EnableKey: "Enable {name}",
  DisableKey: "Disable {name}",
  ScheduleKeyDeletion: "Schedule the deletion of {name}",
  CancelKeyDeletion: "Cancel the deletion of {name}",
  ImportKeyMaterial: "Import the material of {name}",
  DeleteKeyMaterial: "Delete the material of {name}",
  UpdateRotationPolicy: "Change the rotation of {name}"
} as const

const isNamed = (operation: string): operation is keyof typeof words => Object.hasOwn(words, operation)

const wordOf = (operation: string, name: string): string =>
  isNamed(operation) ? t(words[operation], { name }) : `${operation} ${name}`

const isAllowed = ({ operations }: AllowedNow, operation: string): boolean =>
  operations.some((one) => one.operation === operation && one.allowed)

/** A call that changes no state now, such as EnableKey on an enabled key, is left out. */
const commandsOf = (row: KeyRow, allowed: AllowedNow, { start }: Changes): ReadonlyArray<Command> =>
  [...new Set(allowed.moves.map(({ operation }) => operation))]
    .filter((operation) => isAllowed(allowed, operation))
    .map((operation) => ({
      id: `action ${operation}`,
      name: wordOf(operation, nameOf(row)),
      kind: t("Action"),
      also: operation,
      act: () => start(operation)
    }))

export const useKeyCommands = (row: KeyRow, allowed: AllowedNow | undefined, changes: Changes): void =>
  useCommands(allowed === undefined ? [] : commandsOf(row, allowed, changes))
