/** The name that a person gives to an alias, checked as the server checks it and before anything is created. */
import { aliasFault } from "../../../domain/aliasName.ts"
import { consoleState } from "./store.ts"

/** As the API writes it; undefined where none is given. */
export const aliasNameOf = (typed: string): string | undefined => {
  const name = typed.trim().replace(/^alias\//, "")
  return name === "" ? undefined : `alias/${name}`
}

/** Why an alias of this name cannot be created, as far as the console knows; the server has the last word. */
export const aliasProblem = (typed: string): string | undefined => {
  const name = aliasNameOf(typed)
  if (name === undefined) return undefined
  const fault = aliasFault(name)
  if (fault !== undefined) return `The alias name ${fault.replaceAll("`", "")}.`
  const holder = [...(consoleState().keys?.values() ?? [])].find(({ aliases }) => aliases?.includes(name) === true)
  return holder === undefined ? undefined : `${name} is an alias of another key.`
}
