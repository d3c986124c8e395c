/** The name of a server in `keystate nodes`. */
import { Effect, Option } from "effect"
import { userError } from "../output/userError.ts"

/** Printable, and short enough for a table row. */
const pattern = /^[\x21-\x7e]{1,63}$/

export const nodeNameOf = ({ node }: { readonly node: Option.Option<string> }) => {
  const name = Option.getOrUndefined(node)
  return name === undefined || pattern.test(name)
    ? Effect.succeed(name)
    : Effect.fail(userError("--node takes 1 to 63 printable ASCII characters without spaces."))
}
