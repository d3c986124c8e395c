/** The effects of a decision's commands, in the commit and after it. */
import type { CmkCommand, CommandOf } from "../../machines/cmk.ts"

export interface CommandPlan {
  /** Versions whose material is made before the commit, so that their rows commit with the decision. */
  readonly versions: ReadonlyArray<CommandOf<"GenerateVersion">>
  /** The commit removes the sealed material from every version row. */
  readonly eraseMaterial: boolean
  /** The commit removes every alias of the key. */
  readonly dropAliases: boolean
  /** Commands with work after the commit. They are stored, and `perform` repeats them until one try succeeds. */
  readonly owed: ReadonlyArray<CmkCommand>
}

export const planCommands = (commands: ReadonlyArray<CmkCommand>): CommandPlan => {
  const versions: Array<CommandOf<"GenerateVersion">> = []
  const owed: Array<CmkCommand> = []
  let eraseMaterial = false
  let dropAliases = false
  for (const command of commands) {
    switch (command._tag) {
      case "GenerateVersion":
        versions.push(command)
        break
      case "EraseMaterial":
        eraseMaterial = true
        owed.push(command)
        break
      case "DropAliases":
        dropAliases = true
        break
      default:
        command satisfies never
    }
  }
  return { versions, eraseMaterial, dropAliases, owed }
}
