/** RAM: the alias of the account. It is only a name and is not used for sign-in. */
import { refuse } from "../../../domain/errors.ts"
import type { Kind } from "../../parameters.ts"

const aliasLength = { minimum: 3, maximum: 63 } as const

const aliasPattern = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

const aliasForm = `${aliasLength.minimum} to ${aliasLength.maximum} lower-case letters, digits and single \`-\` between them`

const isLengthRight = (given: string): boolean =>
  given.length >= aliasLength.minimum && given.length <= aliasLength.maximum

export const alias: Kind<
  string,
  string,
  "InvalidParameter.AccountAlias.Length" | "InvalidParameter.AccountAlias.Format"
> = {
  read: (given) => (typeof given === "string" && isLengthRight(given) && aliasPattern.test(given) ? given : undefined),
  form: aliasForm,
  invalidError: (given) => {
    const details = { parameter: "AccountAlias", hint: `AccountAlias must be ${aliasForm}.` }
    return typeof given === "string" && !isLengthRight(given)
      ? refuse("InvalidParameter.AccountAlias.Length", details)
      : refuse("InvalidParameter.AccountAlias.Format", details)
  }
}
