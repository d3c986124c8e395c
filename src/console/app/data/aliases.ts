/** Checks the name of a new alias by the rules of the server, before anything is created. */
import { aliasFault } from "../../../domain/aliasName.ts"
import { readAliasHolder } from "./api.ts"
import { consoleState } from "./store.ts"

/** The name as the API writes it; undefined if none is given. */
export const aliasNameOf = (typed: string): string | undefined => {
  const name = typed.trim().replace(/^alias\//, "")
  return name === "" ? undefined : `alias/${name}`
}

/** Why an alias of this name cannot be created, by the rules of names. The server decides again. */
export const aliasProblem = (typed: string): string | undefined => {
  const name = aliasNameOf(typed)
  const fault = name === undefined ? undefined : aliasFault(name)
  return fault === undefined ? undefined : `The alias name ${fault.replaceAll("`", "")}.`
}

/** Whether the name belongs to a key already, as far as the caller may know. */
export const isAliasTaken = async (aliasName: string): Promise<boolean> => {
  const answer = await readAliasHolder(consoleState().region, aliasName)
  return answer.ok && answer.reply.keyId !== undefined
}
