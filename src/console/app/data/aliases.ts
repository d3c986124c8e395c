/** Checks the name of a new alias by the rules of the server, before anything is created. */
import { aliasCharsMax, aliasFault, isReservedAliasName } from "../../../domain/aliasName.ts"
import { readAliasHolder } from "./api.ts"
import { consoleState } from "./store.ts"
import type { Action } from "./useAction.ts"
import { t } from "../text/text.ts"

/** The name as the API writes it; undefined if none is given. */
export const aliasNameOf = (typed: string): string | undefined => {
  const name = typed.trim().replace(/^alias\//, "")
  return name === "" ? undefined : `alias/${name}`
}

/** Why an alias of this name cannot be created, by the rules of names. The server decides again. */
export const aliasProblem = (typed: string): string | undefined => {
  const name = aliasNameOf(typed)
  if (name === undefined || aliasFault(name) === undefined) return undefined
  if (isReservedAliasName(name)) {
    return t("The alias name begins with alias/acs, which is reserved for the keys of cloud services.")
  }
  const count = name.length - "alias/".length
  return count > aliasCharsMax
    ? t("The alias name has {count} characters after alias/; the limit is {maximum}.", {
        count,
        maximum: aliasCharsMax
      })
    : t("The alias name has a character that is not a letter, digit, _, - or /.")
}

/** Whether the name belongs to a key already, as far as the caller may know. */
export const isAliasTaken = async (aliasName: string): Promise<boolean> => {
  const answer = await readAliasHolder(consoleState().region, aliasName)
  return answer.ok && answer.reply.keyId !== undefined
}

/** Adds an alias to a key. A repeated call succeeds if an earlier one, whose answer was lost, added the alias. */
export const addAlias = async (action: Action, keyId: string, aliasName: string): Promise<boolean> => {
  if ((await action.run("CreateAlias", { KeyId: keyId, AliasName: aliasName })) !== undefined) return true
  const holder = await readAliasHolder(consoleState().region, aliasName)
  const isAdded = holder.ok && holder.reply.keyId === keyId
  if (isAdded) action.clear()
  return isAdded
}
