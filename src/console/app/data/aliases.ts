/** Checks the name of a new alias by the rules of the server, before anything is created. */
import { aliasFault } from "../../../domain/aliasName.ts"
import { consoleState } from "./store.ts"

/** The name as the API writes it; undefined if none is given. */
export const aliasNameOf = (typed: string): string | undefined => {
  const name = typed.trim().replace(/^alias\//, "")
  return name === "" ? undefined : `alias/${name}`
}

/** Why an alias of this name cannot be created, as far as the console knows. The server decides again. */
export const aliasProblem = (typed: string): string | undefined => {
  const name = aliasNameOf(typed)
  if (name === undefined) return undefined
  const fault = aliasFault(name)
  if (fault !== undefined) return `The alias name ${fault.replaceAll("`", "")}.`
  const holder = [...(consoleState().keys?.values() ?? [])].find(({ aliases }) => aliases?.includes(name) === true)
  return holder === undefined ? undefined : `${name} is an alias of another key.`
}
