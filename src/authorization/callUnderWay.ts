/** A call under way: what its handler may ask for, each time authorized, and which keys it turned out to be about. */
import { Effect } from "effect"
import type { KeyActor } from "../actor/keyActor.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { KeyId, Realm } from "../domain/ids.ts"
import type { ServerCall, ServerWorld } from "../operation/operation.ts"
import type { Source } from "../operation/parameters.ts"
import type { Access, Circumstances } from "./access.ts"
import { callerArn, resourceArn } from "./caller.ts"
import type { Caller } from "./caller.ts"
import { parseReference } from "./reference.ts"

export interface Asked {
  readonly operation: string
  readonly source: Source
  readonly caller: Caller
  readonly realm: Realm
  readonly requestId: string
  /** How the request came in; absent for calls within the process. */
  readonly circumstances?: Circumstances
}

type Tags = Readonly<Record<string, string>>

/** One object a call, and no functions of its own: there is one for each request. Its methods are not to be taken off it. */
export class CallUnderWay implements ServerCall {
  readonly asked: Asked
  readonly principal: string
  readonly world: ServerWorld
  readonly #access: Access["Service"]
  /** Of several keys a refusal is about the one that was looked at last, anything else about the first. */
  first: KeyId | null = null
  latest: KeyId | null = null
  /** Tags that the request puts on a key, once its parameters are read. */
  requestTags: Tags | undefined = undefined

  constructor(asked: Asked, principal: string, world: ServerWorld, access: Access["Service"]) {
    this.asked = asked
    this.principal = principal
    this.world = world
    this.#access = access
  }

  get realm(): Realm {
    return this.asked.realm
  }
  get requestId(): string {
    return this.asked.requestId
  }
  get operation(): string {
    return this.asked.operation
  }

  about(keyId: KeyId): void {
    this.first ??= keyId
    this.latest = keyId
  }

  authorize(action: string, relative: string, tags?: Tags): Effect.Effect<void, AnyKmsError> {
    const { caller, circumstances, realm } = this.asked
    if (caller.kind === "root") return Effect.void
    const resource = resourceArn({ realm, relative })
    const ruling = this.#access.rule({ caller, action, resource, circumstances, tags, requestTags: this.requestTags })
    if (ruling.effect === "Allow") return Effect.void
    // Which policy decided is for the account's root to see, who may ask for an explanation.
    const hint = `The policies of ${callerArn(caller)} do not grant ${action}.`
    return Effect.fail(refuse("Forbidden.NoPermission", { resource, hint }))
  }

  key(text: string, action: string, { alias }: { readonly alias: boolean }): Effect.Effect<KeyActor, AnyKmsError> {
    const { directory, store } = this.world
    const awake = directory.awake(text)
    if (awake !== undefined) return this.#keyById(awake, action)
    const reference = parseReference(this.realm, text)
    if (reference._tag === "Key") return this.#keyById(reference.keyId, action)
    if (reference._tag === "Unknown") {
      return Effect.andThen(this.authorize(action, `key/${text}`), Effect.fail(refuse("Forbidden.KeyNotFound")))
    }
    if (!alias) {
      return Effect.fail(refuse("Unsupported.Alias", { hint: "Give the key id; this operation takes no alias." }))
    }
    return Effect.flatMap(store.alias(this.realm, reference.aliasName), (keyId) =>
      keyId === undefined ? Effect.fail(refuse("Forbidden.AliasNotFound")) : this.#keyById(keyId, action)
    )
  }

  /**
   * Permission comes before existence: to those without rights an unknown key looks like a forbidden one. The key is
   * looked up first all the same, because a policy may ask for its tags.
   */
  #keyById(keyId: KeyId, action: string): Effect.Effect<KeyActor, AnyKmsError> {
    this.about(keyId)
    const found = this.world.directory.find(this.realm, keyId)
    if (this.asked.caller.kind === "root") return found
    const place = `key/${keyId}`
    return Effect.matchEffect(found, {
      onFailure: (error) => Effect.andThen(this.authorize(action, place), Effect.fail(error)),
      onSuccess: (key) => Effect.as(this.authorize(action, place, key.metadata().tags), key)
    })
  }
}
