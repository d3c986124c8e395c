/** The sources of a root key: opens the root key of a store, or creates one for a new store. */
import { join } from "node:path"
import { Effect } from "effect"
import type { Redacted } from "effect"
import { decodeBase64, encodeBase64 } from "../encoding/base64.ts"
import { Randomness } from "../platform/services.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import { orUnusable } from "../store/unavailable.ts"
import { tagName, TokenConnection } from "./hsm/connection.ts"
import type { ConnectedToken } from "./hsm/connection.ts"
import { drawInToken, keptName, knownRootKeyInToken, openRootKeyInToken } from "./hsm/provider/rootKey.ts"
import { rootKeyFromBytes, rootKeyFromPassphrase } from "./native/rootKey.ts"
import { openRootKeyFile, removeRootKeyLeftovers } from "./native/rootKeyFile.ts"
import type { RootKey } from "./seal.ts"

/** A memory store without a source makes its own root key, which is lost when the service stops. */
export type RootKeySource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "passphrase"; readonly passphrase: Redacted.Redacted<string> }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Sealed in the store under a key of the token that `hsm` connects. */
  | { readonly kind: "hsm" }

/** The source of a data directory: a file in it unless another one is configured. */
export const sourceIn = (directory: string, named: RootKeySource | undefined): RootKeySource =>
  named ?? { kind: "file", path: join(directory, "root.key") }

/** A description of the source for messages. */
export const sourceInWords = (source: RootKeySource): string =>
  source.kind === "file"
    ? `file ${source.path}`
    : { passphrase: "passphrase", bytes: "bytes given", hsm: "token" }[source.kind]

const saltName = "rootKey.salt"

const madeOtherwise = (source: string): StoreUnusable =>
  new StoreUnusable({
    message: `The data was not sealed under a root key from a ${source}; name the source of its root key.`
  })

/** The source of a store's root key without a file, as recorded in the store. */
const sourceToldBy = (meta: ReadonlyMap<string, string>): string | undefined => {
  if (meta.has(keptName)) return "one sealed in a token; start with --root-key hsm"
  return meta.has(saltName) ? "one from a passphrase; start with --passphrase-file" : undefined
}

const knownFromFile = Effect.fnUntraced(function* (path: string, meta: ReadonlyMap<string, string>) {
  const other = sourceToldBy(meta)
  if (other === undefined) return yield* openRootKeyFile({ path, randomness: yield* Randomness, make: false })
  return yield* new StoreUnusable({ message: `The data was sealed under another root key: ${other}.` })
})

const connectedToken: Effect.Effect<ConnectedToken, StoreUnusable, TokenConnection> = Effect.gen(function* () {
  const { token } = yield* TokenConnection
  if (token !== undefined) return token
  return yield* new StoreUnusable({ message: "The root key source is a token, but no token is connected." })
})

const saltIn = (text: string): Effect.Effect<Uint8Array, StoreUnusable> => {
  const salt = decodeBase64(text)
  return salt === undefined
    ? Effect.fail(new StoreUnusable({ message: "The salt of the root key is not Base64." }))
    : Effect.succeed(salt)
}

const knownFromPassphrase = Effect.fnUntraced(function* (
  passphrase: Redacted.Redacted<string>,
  meta: ReadonlyMap<string, string>
) {
  const salt = meta.get(saltName)
  if (salt === undefined) return yield* madeOtherwise("passphrase")
  return yield* rootKeyFromPassphrase({
    passphrase,
    salt: yield* saltIn(salt),
    randomness: yield* Randomness
  })
})

/** The root key of an existing store, by the records in `meta`. It changes nothing. */
export const openKnownRootKey = (
  source: RootKeySource,
  meta: ReadonlyMap<string, string>
): Effect.Effect<RootKey, StoreUnusable, Randomness | TokenConnection> =>
  Effect.gen(function* () {
    const randomness = yield* Randomness
    switch (source.kind) {
      case "file":
        return yield* knownFromFile(source.path, meta)
      case "bytes":
        return rootKeyFromBytes({ bytes: source.bytes, randomness })
      case "passphrase":
        return yield* knownFromPassphrase(source.passphrase, meta)
      case "hsm": {
        const { pool } = yield* connectedToken
        const rootKey = yield* knownRootKeyInToken(pool.call, meta)
        return rootKey ?? (yield* madeOtherwise("token"))
      }
      default:
        return source satisfies never
    }
  })

const newFromPassphrase = Effect.fnUntraced(function* (passphrase: Redacted.Redacted<string>) {
  const store = yield* Store
  const randomness = yield* Randomness
  const known = yield* orUnusable(store.meta(saltName))
  // If two first starts run at once, both derive the key from the stored salt.
  const kept = known ?? (yield* orUnusable(store.metaOnce(saltName, encodeBase64(randomness.bytes(16)))))
  const salt = yield* saltIn(kept)
  return yield* rootKeyFromPassphrase({ passphrase, salt, randomness })
})

/** The root key of an open store without one. It is created if the source has none and `make` allows it. */
export const openNewRootKey = (
  source: RootKeySource,
  make: boolean
): Effect.Effect<RootKey, StoreUnusable, Randomness | TokenConnection | Store> =>
  Effect.gen(function* () {
    const randomness = yield* Randomness
    switch (source.kind) {
      case "file":
        removeRootKeyLeftovers(source.path)
        return yield* openRootKeyFile({ path: source.path, randomness, make })
      case "bytes":
        return rootKeyFromBytes({ bytes: source.bytes, randomness })
      case "passphrase":
        return yield* newFromPassphrase(source.passphrase)
      case "hsm":
        return yield* openRootKeyInToken((yield* connectedToken).pool.call)
      default:
        return source satisfies never
    }
  })

/** Rows of `meta` that record the source of a root key. */
export const rootKeyNames: ReadonlyArray<string> = [saltName, keptName]

/** A root key that replaces another one, and the rows of `meta` that it needs. */
export interface NextRootKey {
  readonly rootKey: RootKey
  readonly about: ReadonlyMap<string, string>
}

const nextFromPassphrase = Effect.fnUntraced(function* (passphrase: Redacted.Redacted<string>) {
  const randomness = yield* Randomness
  const salt = randomness.bytes(16)
  const rootKey = yield* rootKeyFromPassphrase({ passphrase, salt, randomness })
  return { rootKey, about: new Map([[saltName, encodeBase64(salt)]]) }
})

const nextInToken = (meta: ReadonlyMap<string, string>) =>
  Effect.gen(function* () {
    const { pool } = yield* connectedToken
    const tag = meta.get(tagName)
    if (tag === undefined) {
      return yield* new StoreUnusable({ message: "The store has never used a token. Start it once with --hsm." })
    }
    const { kept } = yield* drawInToken(pool.call, tag)
    const about = new Map([[keptName, kept]])
    const rootKey = yield* knownRootKeyInToken(pool.call, new Map([...about, [tagName, tag]]))
    return { rootKey: rootKey ?? (yield* madeOtherwise("token")), about }
  }).pipe(
    Effect.catchTag("CallFailed", ({ detail }) =>
      Effect.fail(new StoreUnusable({ message: `The token does not make a root key: ${detail}.` }))
    )
  )

/** Creates a missing file; a passphrase gets a new salt, and a token makes a new key. */
export const openNextRootKey = (
  source: RootKeySource,
  meta: ReadonlyMap<string, string>
): Effect.Effect<NextRootKey, StoreUnusable, Randomness | TokenConnection> =>
  Effect.gen(function* () {
    const randomness = yield* Randomness
    switch (source.kind) {
      case "file":
        removeRootKeyLeftovers(source.path)
        return {
          rootKey: yield* openRootKeyFile({ path: source.path, randomness, make: true }),
          about: new Map<string, string>()
        }
      case "bytes":
        return { rootKey: rootKeyFromBytes({ bytes: source.bytes, randomness }), about: new Map<string, string>() }
      case "passphrase":
        return yield* nextFromPassphrase(source.passphrase)
      case "hsm":
        return yield* nextInToken(meta)
      default:
        return source satisfies never
    }
  })
