/** Compares the references of a store with the objects of a token, and can destroy objects without a reference. */
import { Data, Effect } from "effect"
import type { CallFailed } from "../crypto/hsm/pool/pool.ts"
import type { Inventory } from "../crypto/hsm/provider/inventory.ts"
import type { KeyId } from "../domain/ids.ts"
import { nodeLostMillis } from "../domain/limits.ts"
import { formatInstant } from "../domain/time.ts"
import { Store } from "../store/store.ts"
import type { NodeRow, StoreFailure } from "../store/store.ts"

/** `object`: an object without a row, which may be destroyed. `row`: a row without its object; that key is lost. */
export interface Orphan {
  readonly kind: "object" | "version" | "importSession"
  /** The label of an object, or the ids of a row. */
  readonly name: string
  readonly repaired: boolean
}

export interface Reconciliation {
  readonly objects: number
  readonly versions: number
  readonly orphans: ReadonlyArray<Orphan>
}

const pageSize = 256

/** The labels that the store names, each with its row. A row that does not open names nothing. */
const namedByStore = (holdings: Inventory) =>
  Effect.gen(function* () {
    const store = yield* Store
    const named = new Map<string, Omit<Orphan, "repaired">>()
    const unreadable: Array<string> = []
    let after: KeyId | undefined
    for (;;) {
      const keyIds: ReadonlyArray<KeyId> = yield* store.allKeyIds({ after, limit: pageSize })
      for (const keyId of keyIds) {
        const key = yield* store.key(keyId)
        if (key?.snapshot.context.protection !== "HSM") continue
        for (const { keyVersionId, stored } of yield* store.versions(keyId)) {
          const name = `${keyId} ${keyVersionId}`
          const label = stored && holdings.labelOf({ keyId, keyVersionId }, stored)
          if (label !== undefined) named.set(label, { kind: "version", name })
          else if (stored !== undefined) unreadable.push(name)
        }
      }
      after = keyIds.at(-1)
      if (keyIds.length < pageSize) break
    }
    for (const { id, keyId, sealed } of yield* store.importSessions) {
      const label = holdings.sessionLabelOf(id, sealed)
      if (label !== undefined) named.set(label, { kind: "importSession", name: `${keyId} ${id}` })
    }
    return { named, unreadable }
  })

/** Another engine may be about to name an object that has no row yet. Nothing was changed. */
export class NotAlone extends Data.TaggedError("NotAlone")<{ readonly message: string }> {}

const sentenceOf = ({ name, seen }: NodeRow, now: number): string =>
  now - seen < nodeLostMillis
    ? `The server ${name} uses this store, and may be making a key whose object would be destroyed. Stop every server ` +
      "on the store, and run the command again; nothing was changed."
    : `The server ${name} did not say that it has stopped; it was last seen at ${formatInstant(seen)}. If its process ` +
      `has ended, run keystate nodes --forget ${name}, and then this command again; nothing was changed.`

/** Fails unless every engine that used the store has stopped. A store of one engine has no list of engines. */
const assertAlone = Effect.gen(function* () {
  const { shared } = yield* Store
  if (shared === undefined) return
  const { nodes, now } = yield* shared.nodes.list
  const [other] = nodes
  if (other !== undefined) return yield* new NotAlone({ message: sentenceOf(other, now) })
})

/**
 * With `repair`, destroys objects that no row names. If a row does not open under the root key in use, nothing is
 * destroyed.
 *
 * The order of the steps spares an object that an engine made and has not named yet. An engine is on the list of nodes
 * before it makes objects, and until it has named or destroyed them. So the maker of an object found here was already
 * on the list. If it still is, nothing is destroyed. If it is not, the rows that are read afterwards name the object.
 */
export const reconcile = (
  holdings: Inventory,
  repair: boolean
): Effect.Effect<Reconciliation, CallFailed | NotAlone | StoreFailure, Store> =>
  Effect.gen(function* () {
    const objects = yield* holdings.objects
    if (repair) yield* assertAlone
    const { named, unreadable } = yield* namedByStore(holdings)
    const held = new Set(objects.map(({ place }) => place))
    const orphans: Array<Orphan> = unreadable.map((name) => ({ kind: "version", name, repaired: false }))
    for (const [place, row] of named) if (!held.has(place)) orphans.push({ ...row, repaired: false })
    const destroyed = new Set<string>()
    for (const { place, name } of objects) {
      if (named.has(place) || destroyed.has(place)) continue
      destroyed.add(place)
      const repaired = repair && unreadable.length === 0
      if (repaired) yield* holdings.destroy(name)
      orphans.push({ kind: "object", name: place, repaired })
    }
    return { objects: objects.length, versions: named.size, orphans }
  })
