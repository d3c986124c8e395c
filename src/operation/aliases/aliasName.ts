/** The `AliasName` parameter, and a turn for each alias name: one change of a name at a time. */
import { Effect } from "effect"
import { makeKeyedTurns } from "../../actor/keyedTurns.ts"
import type { KeyedTurns } from "../../actor/keyedTurns.ts"
import { aliasCharsMax, aliasFault } from "../../domain/aliasName.ts"
import type { ServiceError } from "../../domain/errorGroups.ts"
import { isKmsError, refuse } from "../../domain/errors.ts"
import type { ErrorOf } from "../../domain/errors.ts"
import type { KeyId } from "../../domain/ids.ts"
import type { Call } from "../operation.ts"
import { required, wireBytesPerAsciiChar } from "../parameters.ts"
import type { Kind } from "../parameters.ts"

const name: Kind<string, string> = {
  read: (given) => (typeof given === "string" && aliasFault(given) === undefined ? given : undefined),
  fault: (given) => (typeof given === "string" ? aliasFault(given) : "must be a string"),
  wireBytesMax: "alias/".length + aliasCharsMax * wireBytesPerAsciiChar,
  form: "`alias/` and 1 to 255 letters, digits, `_`, `-` or `/`; names that begin with `alias/acs` are reserved"
}

export const aliasName = required(name, "The alias.")

/** Turns of alias names, one registry for each store. A change of an alias holds the turn of its name. */
const turnsOf = new WeakMap<object, KeyedTurns>()

/** Runs `work` while no other call in this process changes the alias. */
export const holdingAlias = <A, E>(
  { realm, services }: Call,
  name: string,
  work: Effect.Effect<A, E>
): Effect.Effect<A, E> => {
  const turns = turnsOf.get(services) ?? makeKeyedTurns()
  turnsOf.set(services, turns)
  return turns.inTurn(`${realm.account} ${realm.region} ${name}`)(work)
}

/** The key to which an alias is bound. */
const boundTo = (
  { realm, services }: Call,
  name: string
): Effect.Effect<KeyId, ErrorOf<"Forbidden.AliasNotFound"> | ServiceError> =>
  Effect.flatMap(services.store.alias(realm, name), (keyId) =>
    keyId === undefined ? Effect.fail(refuse("Forbidden.AliasNotFound")) : Effect.succeed(keyId)
  )

/** How often an alias is looked up again because another engine moved it. */
const movesMax = 20

/** Looks the alias up. If another engine moved it during the call, looks it up again and repeats the decision. */
export const changingBound = <A, E>(
  call: Call,
  name: string,
  decide: (from: KeyId) => Effect.Effect<A, E | ErrorOf<"Forbidden.AliasNotFound">>
): Effect.Effect<A, E | ErrorOf<"Forbidden.AliasNotFound"> | ServiceError> => {
  const attempt = (left: number): Effect.Effect<A, E | ErrorOf<"Forbidden.AliasNotFound"> | ServiceError> =>
    Effect.flatMap(boundTo(call, name), (from) =>
      Effect.catch(decide(from), (failure) =>
        left > 0 && isKmsError(failure) && failure.code === "Forbidden.AliasNotFound"
          ? attempt(left - 1)
          : Effect.fail(failure)
      )
    )
  return attempt(movesMax)
}
