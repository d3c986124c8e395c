/** The `AliasName` parameter, and what may be done under it: one change of a name at a time. */
import { Effect } from "effect"
import { makeKeyedTurns } from "../actor/keyedTurns.ts"
import type { KeyedTurns } from "../actor/keyedTurns.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { KeyId } from "../domain/ids.ts"
import type { Call } from "./operation.ts"
import { required, wireBytesPerAsciiChar } from "./parameters.ts"

/** User guide 2: the prefix, then 1 to 255 letters, digits, underscores, hyphens and slashes. */
const aliasCharsMax = 255
const form = /^alias\/[A-Za-z0-9_/-]{1,255}$/
/** User guide 3: names that begin so belong to the keys of cloud services. */
const reservedPrefix = "alias/acs"

export const isAliasName = (text: string): boolean => form.test(text)
export const isReservedAliasName = (text: string): boolean => text.startsWith(reservedPrefix)

/** What is wrong with a name for an alias that a user gives. */
const aliasFault = (given: unknown): string | undefined => {
  if (typeof given !== "string") return "must be a string"
  if (!given.startsWith("alias/")) return "must begin with `alias/`"
  if (isReservedAliasName(given)) return "begins with `alias/acs`, which is reserved for the keys of cloud services"
  const { length } = given.slice("alias/".length)
  if (length === 0) return "has no characters after `alias/`"
  return length > aliasCharsMax
    ? `has ${length} characters after \`alias/\`; the limit is ${aliasCharsMax}`
    : "has a character that is no letter, digit, `_`, `-` or `/`"
}

export const aliasName = required(
  {
    read: (given: unknown): string | undefined =>
      typeof given === "string" && isAliasName(given) && !isReservedAliasName(given) ? given : undefined,
    fault: (given: unknown) => aliasFault(given),
    wireBytesMax: "alias/".length + aliasCharsMax * wireBytesPerAsciiChar,
    form: "`alias/` and 1 to 255 letters, digits, `_`, `-` or `/`; names that begin with `alias/acs` are reserved"
  },
  "The alias."
)

/** Turns of alias names, one registry for each store: whoever changes an alias holds its name meanwhile. */
const turnsOf = new WeakMap<object, KeyedTurns>()

/** Runs `work` while nobody else in this process changes the alias. */
export const holdingAlias = <A>(
  { realm, world }: Call,
  name: string,
  work: Effect.Effect<A, AnyKmsError>
): Effect.Effect<A, AnyKmsError> => {
  const turns = turnsOf.get(world) ?? makeKeyedTurns()
  turnsOf.set(world, turns)
  return turns.inTurn(`${realm.account} ${realm.region} ${name}`)(work)
}

/** The key an alias is bound to. */
export const boundTo = ({ realm, world }: Call, name: string): Effect.Effect<KeyId, AnyKmsError> =>
  Effect.flatMap(world.store.alias(realm, name), (keyId) =>
    keyId === undefined ? Effect.fail(refuse("Forbidden.AliasNotFound")) : Effect.succeed(keyId)
  )
