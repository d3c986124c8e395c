/** A token that several engines share: repair destroys no object that another engine may be about to name. */
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "@effect/vitest"
import { born } from "../../src/conformance/store/changes.ts"
import type { Inventory } from "../../src/crypto/hsm/provider/inventory.ts"
import { Driver } from "../../src/store/driver.ts"
import type { SharedAbility } from "../../src/store/driver.ts"
import { storeLayer } from "../../src/store/makeStore.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { Store } from "../../src/store/store.ts"
import { reconcile } from "../../src/verification/reconcile.ts"

const layer = storeLayer.pipe(Layer.provide(Layer.effect(Driver, sharedMemoryDriver)))

const shared = Effect.flatMap(Effect.service(Store), (store) =>
  store.shared === undefined ? Effect.die("the memory is shared") : Effect.succeed<SharedAbility>(store.shared)
)

const node = (name: string) => ({ id: `id of ${name}`, name, version: "1", clockOffsetMillis: 0, hsm: "token" })

/** A token that holds objects, each called by the id of its version. `meanwhile` runs while they are listed. */
const tokenOf = (places: ReadonlyArray<string>, meanwhile: Effect.Effect<void> = Effect.void) => {
  const held = new Set(places)
  const nameOf = (place: string) => ({ place, name: { id: new Uint8Array(), label: place } })
  const inventory: Inventory = {
    objects: Effect.tap(
      Effect.sync(() => [...held].map(nameOf)),
      meanwhile
    ),
    destroy: ({ label }) => Effect.sync(() => void held.delete(label)),
    labelOf: ({ keyVersionId }) => keyVersionId,
    sessionLabelOf: () => undefined
  }
  return { inventory, held }
}

const made = born({ n: 1, input: { protection: "HSM" } })
const named = made.change.newVersions[0]?.keyVersionId ?? ""

describe("repair of a token", () => {
  it.effect("repair of a token destroys objects without a row, and keeps objects of a row", () =>
    Effect.gen(function* () {
      yield* Effect.flatMap(Effect.service(Store), (store) => store.commit(made.change))
      const { held, inventory } = tokenOf([named, "lost"])
      expect((yield* reconcile(inventory, true)).orphans).toEqual([{ kind: "object", name: "lost", repaired: true }])
      expect([...held]).toEqual([named])
    }).pipe(Effect.provide(layer))
  )
  it.effect("repair of a token is refused while another engine uses the store, and destroys nothing", () =>
    Effect.gen(function* () {
      const { nodes } = yield* shared
      yield* nodes.announce(node("a"))
      const { held, inventory } = tokenOf(["being made by a"])
      expect(yield* Effect.flip(reconcile(inventory, true))).toMatchObject({
        _tag: "NotAlone",
        message: expect.stringContaining("The server a uses this store")
      })
      expect([...held]).toEqual(["being made by a"])
      expect((yield* reconcile(inventory, false)).orphans).toMatchObject([{ repaired: false }])
      yield* nodes.withdraw(node("a").id)
      expect((yield* reconcile(inventory, true)).orphans).toMatchObject([{ repaired: true }])
    }).pipe(Effect.provide(layer))
  )
  it.effect("repair of a token is refused while a silent engine has not stopped", () =>
    Effect.gen(function* () {
      yield* (yield* shared).nodes.announce(node("paused"))
      yield* TestClock.adjust("1 hour")
      const { held, inventory } = tokenOf(["being made by paused"])
      expect(yield* Effect.flip(reconcile(inventory, true))).toMatchObject({
        message: expect.stringContaining("run keystate nodes --forget paused")
      })
      expect([...held]).toEqual(["being made by paused"])
    }).pipe(Effect.provide(layer))
  )
  it.effect("repair of a token keeps an object that another engine named during the listing", () =>
    Effect.gen(function* () {
      const store = yield* Effect.service(Store)
      const { nodes } = yield* shared
      const whole = Effect.gen(function* () {
        yield* nodes.announce(node("brief"))
        yield* store.commit(made.change)
        yield* nodes.withdraw(node("brief").id)
      })
      const { held, inventory } = tokenOf([named], Effect.orDie(whole))
      expect((yield* reconcile(inventory, true)).orphans).toEqual([])
      expect([...held]).toEqual([named])
    }).pipe(Effect.provide(layer))
  )
  it.effect("repair of a token keeps objects if another engine started during the listing", () =>
    Effect.gen(function* () {
      const { nodes } = yield* shared
      const begins = Effect.asVoid(Effect.orDie(nodes.announce(node("new"))))
      const { held, inventory } = tokenOf([named], begins)
      expect((yield* Effect.flip(reconcile(inventory, true)))._tag).toBe("NotAlone")
      expect([...held]).toEqual([named])
    }).pipe(Effect.provide(layer))
  )
})
