/** Where key material comes in: wrapping pairs are issued here, and import tokens redeemed, one use of a token at a time. */
import { Context, Effect, Layer } from "effect"
import { importSessionState, importTokenMillis } from "../../machines/importSession.ts"
import { HeldRootKey } from "../crypto/heldRootKey.ts"
import type { CryptoFailed, ImportedMaterial } from "../crypto/provider.ts"
import { Providers } from "../crypto/providers.ts"
import type { WrappingAlgorithm, WrappingKeySpec } from "../domain/algorithms.ts"
import { refuse } from "../domain/errors.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import type { ErrorOf } from "../domain/errors.ts"
import { KeyVersionId, uuidFromBytes, uuidToBytes } from "../domain/ids.ts"
import type { KeyId } from "../domain/ids.ts"
import { Randomness } from "../platform/services.ts"
import { Store } from "../store/store.ts"
import { orRefused } from "../store/unavailable.ts"
import type { ImportSessionRow, VersionRow } from "../records/rows.ts"
import { LifecycleClock } from "../timers/clock.ts"
import { keptIn, specOf } from "./handles.ts"
import type { TellError } from "./keyErrors.ts"
import type { KeyActor } from "./keyActor.ts"
import { makeKeyedTurns } from "./keyedTurns.ts"

export interface IssuedParameters {
  readonly publicKey: Uint8Array
  readonly token: Uint8Array
  readonly expiresAt: number
}

export type IssueError = ErrorOf<"UnsupportedOperation"> | ServiceError
export type RedeemError = ErrorOf<"InvalidImportToken" | "ExpiredImportToken"> | TellError<"ImportKeyMaterial">

export interface Redemption {
  readonly key: KeyActor
  readonly token: Uint8Array
  readonly wrapped: Uint8Array
  /** Makes the key take what was unwrapped. It decides whether this is the material it had before. */
  readonly take: (fingerprint: string, version: VersionRow) => Effect.Effect<void, TellError<"ImportKeyMaterial">>
}

export class ImportDesk extends Context.Service<
  ImportDesk,
  {
    readonly issue: (
      key: KeyActor,
      wrapping: { readonly spec: WrappingKeySpec; readonly algorithm: WrappingAlgorithm }
    ) => Effect.Effect<IssuedParameters, IssueError>
    readonly redeem: (redemption: Redemption) => Effect.Effect<void, RedeemError>
  }
>()("keystate/actor/ImportDesk") {
  static readonly layer: Layer.Layer<ImportDesk, never, Store | Providers | HeldRootKey | Randomness | LifecycleClock> =
    Layer.effect(
      ImportDesk,
      Effect.gen(function* () {
        const store = yield* Store
        const providers = yield* Providers
        const randomness = yield* Randomness
        const clock = yield* LifecycleClock
        const { rootKey } = yield* HeldRootKey
        const { inTurn } = makeKeyedTurns()

        const providerOf = (key: KeyActor) => {
          const { context } = key.snapshot()
          const provider = providers.find(context.protection, specOf(context))
          return provider === undefined ? Effect.fail(unavailable()) : Effect.succeed(provider)
        }

        /**
         * Destroys the wrapping pairs of expired sessions, which cannot be undone and waits like every such act. The rows
         * go first: a pair that no row names is found and destroyed, and a row without its pair is of no use.
         */
        const forgetSessions = Effect.fnUntraced(function* () {
          const until = clock.irreversibleUntil()
          if (until === Number.NEGATIVE_INFINITY) return
          for (const { id } of yield* orRefused(store.forgetImportSessions(until))) {
            for (const provider of providers.all) {
              yield* provider
                .forgetWrappingPair(id)
                .pipe(Effect.catch(() => Effect.logError(`the wrapping pair of import session ${id} is still there`)))
            }
          }
        })

        const issue = Effect.fn("ImportDesk.issue")(function* (
          key: KeyActor,
          { spec, algorithm }: { readonly spec: WrappingKeySpec; readonly algorithm: WrappingAlgorithm }
        ) {
          const now = clock.now()
          yield* forgetSessions()
          const id = randomness.uuid()
          const provider = yield* providerOf(key)
          const lack = provider.lacks({ keySpec: specOf(key.snapshot().context), spec, algorithm })
          if (lack !== undefined) return yield* Effect.fail(unsupportedWrapping(lack, algorithm))
          const pair = yield* provider.makeWrappingPair({ id, spec }).pipe(Effect.mapError(() => unavailable()))
          const expiresAt = now + importTokenMillis
          yield* orRefused(
            store.addImportSession({
              id,
              keyId: key.keyId,
              wrappingKeySpec: spec,
              wrappingAlgorithm: algorithm,
              expiresAt,
              failures: 0,
              sealed: pair.sealed
            })
          )
          const token = rootKey.sealSecret({ ...tokenOf(key.keyId), plaintext: encodeToken({ id, expiresAt }) })
          return { publicKey: pair.publicKey, token, expiresAt }
        })

        /** What a token stands for. One of another key, or altered, or issued under another root key, is no token. */
        const read = (keyId: KeyId, sealed: Uint8Array) => {
          const bytes = rootKey.openSecret({ ...tokenOf(keyId), sealed })
          return bytes === undefined ? undefined : decodeToken(bytes)
        }

        const unwrap = Effect.fnUntraced(function* (
          { key, wrapped }: Redemption,
          session: ImportSessionRow
        ): Effect.fn.Return<ImportedMaterial, ServiceError | CryptoFailed> {
          const { context } = key.snapshot()
          const provider = yield* providerOf(key)
          return yield* provider.importMaterial({
            row: { keyId: key.keyId, keyVersionId: KeyVersionId.make(context.newestVersionId) },
            spec: specOf(context),
            wrapping: { id: session.id, spec: session.wrappingKeySpec, sealed: session.sealed },
            algorithm: session.wrappingAlgorithm,
            wrapped
          })
        })

        /** Taken or not: what a token holds of the version from now on is what the row names, and nothing else. */
        const settled = Effect.fnUntraced(function* (key: KeyActor, release: () => void) {
          release()
          const keyVersionId = KeyVersionId.make(key.snapshot().context.newestVersionId)
          const keep = keptIn(store, { keyId: key.keyId, keyVersionId })
          yield* Effect.flatMap(providerOf(key), (provider) =>
            provider.destroy({ row: { keyId: key.keyId, keyVersionId }, keep })
          ).pipe(Effect.catch(() => Effect.logError(`what key ${key.keyId} had before its import is still there`)))
        })

        const attempt = Effect.fnUntraced(function* (redemption: Redemption, id: string) {
          const session = yield* orRefused(store.importSession(id))
          if (session === undefined) return yield* Effect.fail(invalidToken())
          const state = importSessionState(session, clock.now())
          if (state === "Expired") return yield* Effect.fail(expiredToken())
          if (state === "Blocked") return yield* Effect.fail(unfitMaterial())
          const { key, take } = redemption
          const { newestVersionId, newestVersionAt } = key.snapshot().context
          yield* unwrap(redemption, session).pipe(
            Effect.catchTag("CryptoFailed", ({ reason }) =>
              Effect.fail(reason === "Rejected" ? unfitMaterial() : unavailable())
            ),
            Effect.flatMap(({ fingerprint, stored, release }) =>
              take(fingerprint, {
                keyId: key.keyId,
                keyVersionId: KeyVersionId.make(newestVersionId),
                createdAt: newestVersionAt,
                stored
              }).pipe(Effect.onExit(() => settled(key, release)))
            ),
            // Not unwrapping and not being the key's own material must look alike, and count alike.
            Effect.catchTag("InvalidKeyMaterial", () =>
              Effect.andThen(orRefused(store.countImportFailure(id)), Effect.fail(unfitMaterial()))
            ),
            // A try counts although nobody waits for its answer any more: what is unwrapped has told something.
            Effect.uninterruptible
          )
        })

        return {
          issue,
          redeem: Effect.fn("ImportDesk.redeem")(function* (redemption: Redemption) {
            const token = read(redemption.key.keyId, redemption.token)
            if (token === undefined) return yield* Effect.fail(invalidToken())
            if (clock.now() >= token.expiresAt) return yield* Effect.fail(expiredToken())
            return yield* inTurn(token.id)(attempt(redemption, token.id))
          })
        }
      })
    )
}

const unsupportedWrapping = (lack: string, algorithm: WrappingAlgorithm) =>
  refuse("UnsupportedOperation", {
    hint:
      `The HSM that holds the key cannot unwrap ${algorithm}: it lacks ${lack}. Choose another WrappingAlgorithm; ` +
      "the material is never unwrapped outside the HSM."
  })
const invalidToken = () =>
  refuse("InvalidImportToken", {
    hint: "Send the ImportToken that GetParametersForImport gave for this key, unchanged."
  })
const expiredToken = () =>
  refuse("ExpiredImportToken", { hint: "A token lives 24 hours; call GetParametersForImport again." })
const unavailable = () =>
  refuse("ServiceUnavailableTemporary", { hint: "The key's provider did not answer; try again." })

/** One answer to everything that is wrong with material, so that it tells nothing. */
const unfitMaterial = () =>
  refuse("InvalidKeyMaterial", {
    hint:
      "Wrap the key's own material, the one first imported if there was one, with the public key and the algorithm of " +
      "this token. A token that was used wrongly too often takes nothing any more: get new parameters."
  })

const tokenOf = (keyId: KeyId) => ({ label: "import token", id: keyId })

interface Token {
  readonly id: string
  readonly expiresAt: number
}

const tokenBytes = 24

/** The session's id, and when it ends: a token that outlived its session still says that it expired. */
const encodeToken = ({ id, expiresAt }: Token): Uint8Array => {
  const bytes = new Uint8Array(tokenBytes)
  bytes.set(uuidToBytes(id))
  new DataView(bytes.buffer).setBigUint64(16, BigInt(expiresAt))
  return bytes
}

const decodeToken = (bytes: Uint8Array): Token | undefined =>
  bytes.length === tokenBytes
    ? {
        id: uuidFromBytes(bytes),
        expiresAt: Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(16))
      }
    : undefined
