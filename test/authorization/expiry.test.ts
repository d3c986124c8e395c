/** A session expires in real time, to the millisecond. */
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { AccessKeys } from "../../src/authorization/accessKeys.ts"
import { Ram } from "../../src/authorization/ram.ts"
import { createRole } from "../../src/ram/roles.ts"
import { trustOf } from "../../src/ram/trust.ts"
import { rootKeyFromBytes } from "../../src/crypto/native/rootKey.ts"
import { randomnessSeeded } from "../../src/crypto/native/randomness.ts"
import { HeldRootKey } from "../../src/crypto/heldRootKey.ts"
import { AccountId } from "../../src/domain/ids.ts"
import { Randomness } from "../../src/platform/services.ts"
import { Proofs } from "../../src/proof/proofs.ts"
import { memoryStoreLayer } from "../../src/store/memory/memoryStore.ts"

const account = AccountId.make("1")
const rootKey = Effect.map(Randomness, (randomness) =>
  rootKeyFromBytes({ bytes: new Uint8Array(32).fill(7), randomness })
)
const layer = AccessKeys.layer.pipe(
  Layer.provideMerge(Ram.layer({ account, given: undefined })),
  Layer.provideMerge(HeldRootKey.layer(rootKey)),
  Layer.provideMerge(Proofs.layer),
  Layer.provideMerge(memoryStoreLayer),
  Layer.provideMerge(randomnessSeeded("expiry"))
)

it.effect("temporary credentials are valid until the instant of their expiration, and invalid from then on", () =>
  Effect.gen(function* () {
    const by = { account, principal: "root", requestId: "r", operation: "AssumeRole", at: 0 }
    const ram = yield* Ram
    const { find } = yield* AccessKeys
    yield* TestClock.setTime(1_800_000_000_000)
    const details = { description: "", maxSessionSeconds: 3600, tags: {}, trust: trustOf(account), at: 0 }
    yield* ram.change(by, (entities) => createRole(entities, { name: "worker", id: "3", ...details }))
    const session = { role: "worker", session: "shift", policy: undefined, seconds: 900 }
    const { accessKeyId, securityToken, expiresAt } = yield* ram.issueSession(by, session)
    expect(expiresAt).toBe(1_800_000_900_000)
    const outcome = (now: number): string =>
      Result.match(find(accessKeyId, securityToken, now), { onSuccess: () => "ok", onFailure: (code) => code })
    expect(outcome(expiresAt - 1)).toBe("ok")
    expect(outcome(expiresAt)).toBe("InvalidSecurityToken.Expired")
    expect(outcome(expiresAt + 1)).toBe("InvalidSecurityToken.Expired")
  }).pipe(Effect.provide(layer))
)
