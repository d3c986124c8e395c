/** The proof of calls: one read of all rows that their texts name, before anything is decided. */
import type { Seen } from "../actor/keyDirectory.ts"
import { blobTarget } from "../crypto/blob.ts"
import { KeyId } from "../domain/ids.ts"
import type { Realm } from "../domain/ids.ts"
import { decodeBase64 } from "../encoding/base64.ts"
import type { Source } from "../operation/parameters.ts"
import type { Proof } from "../proof/proofs.ts"
import type { RowName } from "../store/store.ts"
import { parseReference } from "./keyReference.ts"

/** Parameters that may name a key or an alias. */
const referenceNames = ["KeyId", "SourceKeyId", "DestinationKeyId", "AliasName"] as const

/** The most aliases whose keys are remembered. */
const rememberedMax = 10_000

/** Remembers the keys of aliases, so that one read can include both. It is only a guess; the proof confirms it. */
export class AliasMemory {
  readonly #keys = new Map<string, KeyId>()

  keyOf(alias: string): KeyId | undefined {
    return this.#keys.get(alias)
  }

  note(alias: string, keyId: KeyId | undefined): void {
    if (keyId === undefined) this.#keys.delete(alias)
    else {
      if (this.#keys.size >= rememberedMax) this.#keys.clear()
      this.#keys.set(alias, keyId)
    }
  }
}

const aliasPlace = ({ account, region }: Realm, aliasName: string): string => `${account} ${region} ${aliasName}`

/** The key that a ciphertext names. */
const keyOfBlob = (given: unknown): KeyId | undefined => {
  const blob = typeof given === "string" ? decodeBase64(given) : given
  return blob instanceof Uint8Array ? blobTarget(blob)?.keyId : undefined
}

/** Calls of one realm, as their caller wrote them. */
export interface NamingCalls {
  readonly realm: Realm
  readonly sources: ReadonlyArray<Source>
}

/** The rows that the texts of calls name. A handler that needs other rows reads them later. */
export class NamedRows {
  readonly rows: Array<RowName> = []
  readonly keys = new Map<KeyId, number>()
  readonly aliases = new Map<string, number>()
  readonly realm: Realm
  readonly memory: AliasMemory

  constructor({ realm, sources }: NamingCalls, memory: AliasMemory) {
    this.realm = realm
    this.memory = memory
    for (const source of sources) this.#addNamed(source)
  }

  #addNamed(source: Source): void {
    for (const name of referenceNames) {
      const given = source.get(name)
      if (typeof given === "string") this.#addReference(given)
    }
    const keyId = keyOfBlob(source.get("CiphertextBlob"))
    if (keyId !== undefined) this.#addKey(keyId)
  }

  #addReference(text: string): void {
    const reference = parseReference(this.realm, text)
    if (reference._tag === "Key") this.#addKey(reference.keyId)
    if (reference._tag === "Alias" && !this.aliases.has(reference.aliasName)) this.#addAlias(reference.aliasName)
  }

  #addKey(keyId: KeyId): void {
    if (!this.keys.has(keyId)) this.keys.set(keyId, this.rows.push({ table: "keys", id: [keyId] }) - 1)
  }

  #addAlias(aliasName: string): void {
    const { account, region } = this.realm
    this.aliases.set(aliasName, this.rows.push({ table: "aliases", id: [account, region, aliasName] }) - 1)
    const bound = this.memory.keyOf(aliasPlace(this.realm, aliasName))
    if (bound !== undefined) this.#addKey(bound)
  }
}

/** The result of a call's proof. */
export class Proven {
  readonly #named: NamedRows
  readonly #proof: Proof

  constructor(named: NamedRows, proof: Proof) {
    this.#named = named
    this.#proof = proof
    for (const aliasName of named.aliases.keys()) {
      named.memory.note(aliasPlace(named.realm, aliasName), this.alias(aliasName)?.keyId)
    }
  }

  /** Undefined if the proof did not include the key. */
  key(keyId: KeyId): Seen | undefined {
    return this.#seen(this.#named.keys.get(keyId))
  }

  /** The key of the alias, if the proof included the alias. */
  alias(aliasName: string): { readonly keyId: KeyId | undefined } | undefined {
    const seen = this.#seen(this.#named.aliases.get(aliasName))
    // The revision of an alias is the id of its key.
    return seen && { keyId: seen.revision === undefined ? undefined : KeyId.make(seen.revision) }
  }

  #seen(place: number | undefined): Seen | undefined {
    return place === undefined ? undefined : { revision: this.#proof.revisions[place] }
  }
}
