/** Gathers the services that key actors need. */
import { Effect } from "effect"
import { deadlines, factOf } from "../../machines/deadlines.ts"
import { Providers } from "../crypto/providers.ts"
import { Failpoints, Randomness } from "../platform/services.ts"
import { Store } from "../store/store.ts"
import { LifecycleClock } from "../timers/clock.ts"
import { Timers } from "../timers/timers.ts"
import type { ActorServices } from "./actorServices.ts"
import { Inspection } from "./inspection.ts"
import { CommitFeed } from "./journal.ts"
import type { KeyActor } from "./keyActorPort.ts"
import { performOwed } from "./perform.ts"
import type { Performer } from "./perform.ts"
import { Permissions } from "./permissions.ts"
import { destroyUnnamed, discard, makeVersion, providerOf } from "./versionMaterial.ts"

/** Performs owed work with the providers and the store. */
export const makePerformer = Effect.gen(function* () {
  const place = { providers: yield* Providers, store: yield* Store }
  const performer: Performer = {
    store: place.store,
    failpoints: yield* Failpoints,
    destroyUnnamed: (context, versions) => destroyUnnamed(place, context, versions),
    isOwing: false
  }
  return performer
})

/** `awake` holds the actors by key id; a broken actor is removed from it. */
export const makeActorServices = Effect.fnUntraced(function* (performer: Performer, awake: Map<string, KeyActor>) {
  const { store, failpoints } = performer
  const place = { providers: yield* Providers, store }
  const timers = yield* Timers
  const clock = yield* LifecycleClock
  const randomness = yield* Randomness
  const factAt: ActorServices["factAt"] = (due, at) => ({
    event: factOf(due, at, randomness.uuid()),
    cause: { principal: "clock", requestId: randomness.uuid(), operation: due.kind }
  })
  let adoptions = 0
  const services: ActorServices = {
    store,
    adopted: () => void adoptions++,
    adoptions: () => adoptions,
    providerOf: (context) => providerOf(place, context),
    makeVersion: (version) => makeVersion(place, version),
    performOwed: (change) => performOwed(performer, change),
    mayOwe: () => {
      performer.isOwing = true
    },
    discard: (context, versions) => discard(place, context, versions),
    exhausted: (exhaustedVersionId) => ({
      event: { type: "VersionExhausted", at: clock.now(), exhaustedVersionId, versionId: randomness.uuid() },
      cause: { principal: "limit", requestId: randomness.uuid(), operation: "VersionExhausted" }
    }),
    factAt,
    dueNow: (keyId, snapshot) => {
      const due = deadlines(snapshot).find((deadline) => timers.isFiring(deadline))
      return due === undefined ? undefined : factAt({ keyId, ...due }, clock.now())
    },
    revoked: (yield* Permissions).revoked,
    now: clock.now,
    armed: timers.armed,
    commitFeed: yield* CommitFeed,
    followerOf: (yield* Inspection).followerOf,
    reach: failpoints.reach,
    drop: (keyId) => awake.delete(keyId)
  }
  return services
})
