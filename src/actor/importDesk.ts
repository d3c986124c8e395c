/** Issues wrapping pairs and redeems import tokens. One token has one use at a time. */
import { Context, Effect, Layer } from "effect"
import { importFailuresMax, importSessionState, importTokenMillis } from "../../machines/importSession.ts"
import { HeldRootKey } from "../crypto/heldRootKey.ts"
import type { CryptoFailed, ImportedMaterial } from "../crypto/provider.ts"
import { Providers } from "../crypto/providers.ts"
import type { RootKey } from "../crypto/seal.ts"
import type { WrappingAlgorithm, WrappingKeySpec } from "../domain/algorithms.ts"
import { refuse } from "../domain/errors.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import type { ErrorOf } from "../domain/errors.ts"
import { KeyVersionId, uuidFromBytes, uuidToBytes } from "../domain/ids.ts"
import type { KeyId } from "../domain/ids.ts"
import { Randomness } from "../platform/services.ts"
import { Store } from "../store/store.ts"
import { orLater, orRefused } from "../store/unavailable.ts"
import { fingerprintNameOf } from "../records/metaNames.ts"
import type { ImportSessionRow } from "../records/rows.ts"
import { LifecycleClock } from "../timers/clock.ts"
import { keptIn, specOf } from "./handles.ts"
import type { Cause } from "./change.ts"
import type { KeyActor } from "./keyActor.ts"
import type { TellError } from "./keyErrors.ts"
import { makeKeyedTurns } from "./keyedTurns.ts"

export interface IssuedParameters {
  readonly publicKey: Uint8Array
  readonly token: Uint8Array
  readonly expiresAt: number
}

export interface Redemption {
  readonly key: KeyActor
  readonly token: Uint8Array
  readonly wrapped: Uint8Array
  /** When the material expires; null for never. */
  readonly materialExpiresAt: number | null
  readonly cause: Cause
}

export type IssueError = ErrorOf<"UnsupportedOperation"> | ServiceError
export type RedeemError = ErrorOf<"InvalidImportToken" | "ExpiredImportToken"> | TellError<"ImportKeyMaterial">

interface Wrapping {
  readonly spec: WrappingKeySpec
  readonly algorithm: WrappingAlgorithm
}

export class ImportDesk extends Context.Service<
  ImportDesk,
  {
    /** Makes a wrapping pair and a token for one key. */
    readonly issue: (key: KeyActor, wrapping: Wrapping) => Effect.Effect<IssuedParameters, IssueError>
    /** Unwraps material under a token and gives it to the key. */
    readonly redeem: (redemption: Redemption) => Effect.Effect<void, RedeemError>
  }
>()("keystate/actor/ImportDesk") {
  static readonly layer: Layer.Layer<ImportDesk, never, Store | Providers | HeldRootKey | Randomness | LifecycleClock> =
    Layer.effect(
      ImportDesk,
      Effect.gen(function* () {
        const services: DeskServices = {
          store: yield* Store,
          providers: yield* Providers,
          randomness: yield* Randomness,
          clock: yield* LifecycleClock,
          rootKey: (yield* HeldRootKey).rootKey
        }
        const { inTurn } = makeKeyedTurns()
        return {
          issue: (key, wrapping) => issue(services, key, wrapping),
          redeem: (redemption) => redeem(services, inTurn, redemption)
        }
      })
    )
}

interface DeskServices {
  readonly store: Store["Service"]
  readonly providers: Providers["Service"]
  readonly randomness: Randomness["Service"]
  readonly clock: LifecycleClock["Service"]
  readonly rootKey: RootKey
}

const providerOf = ({ providers }: DeskServices, key: KeyActor) => {
  const { context } = key.snapshot()
  const provider = providers.find(context.protection, specOf(context))
  return provider === undefined ? Effect.fail(unavailable()) : Effect.succeed(provider)
}

/**
 * Destroys the wrapping pairs of expired sessions. This cannot be undone, so it waits while the clock is in doubt. The
 * rows are deleted first. A pair without a row is found and destroyed later; a row without its pair is useless.
 */
const forgetSessions = Effect.fnUntraced(function* ({ clock, providers, store }: DeskServices) {
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
  services: DeskServices,
  key: KeyActor,
  { spec, algorithm }: Wrapping
) {
  const { clock, randomness, rootKey, store } = services
  const now = clock.now()
  yield* forgetSessions(services)
  const id = randomness.uuid()
  const provider = yield* providerOf(services, key)
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

/** The contents of a token. Undefined for a token of another key or root key, and for an altered one. */
const readToken = ({ rootKey }: DeskServices, keyId: KeyId, sealed: Uint8Array): Token | undefined => {
  const bytes = rootKey.openSecret({ ...tokenOf(keyId), sealed })
  return bytes === undefined ? undefined : decodeToken(bytes)
}

const unwrap = Effect.fnUntraced(function* (
  services: DeskServices,
  { key, wrapped }: Redemption,
  session: ImportSessionRow
): Effect.fn.Return<ImportedMaterial, ServiceError | CryptoFailed> {
  const { context } = key.snapshot()
  const provider = yield* providerOf(services, key)
  return yield* provider.importMaterial({
    row: { keyId: key.keyId, keyVersionId: KeyVersionId.make(context.newestVersionId) },
    spec: specOf(context),
    wrapping: { id: session.id, spec: session.wrappingKeySpec, sealed: session.sealed },
    algorithm: session.wrappingAlgorithm,
    wrapped
  })
})

/**
 * Removes from the provider all material of the version that its row does not name, whether or not the import
 * succeeded.
 */
const settled = Effect.fnUntraced(function* (services: DeskServices, key: KeyActor, release: () => void) {
  release()
  const keyVersionId = KeyVersionId.make(key.snapshot().context.newestVersionId)
  const keep = keptIn(services.store, { keyId: key.keyId, keyVersionId })
  yield* Effect.flatMap(providerOf(services, key), (provider) =>
    provider.destroy({ row: { keyId: key.keyId, keyVersionId }, keep })
  ).pipe(Effect.catch(() => Effect.logError(`the material that key ${key.keyId} had before its import is still there`)))
})

/** Gives the unwrapped material to the key, which decides whether it is the material it had before. */
const give = (services: DeskServices, { key, materialExpiresAt, cause }: Redemption) => {
  const { newestVersionId, newestVersionAt } = key.snapshot().context
  const row = { keyId: key.keyId, keyVersionId: KeyVersionId.make(newestVersionId), createdAt: newestVersionAt }
  return ({ fingerprint, stored, release }: ImportedMaterial) => {
    const at = services.clock.now()
    const event = { type: "ImportKeyMaterial", at, fingerprint, expiresAt: materialExpiresAt } as const
    const versions = [{ ...row, stored }]
    return key.tell(event, cause, { versions }).pipe(Effect.onExit(() => settled(services, key, release)))
  }
}

/** A new root key changes fingerprints. This computes the old fingerprint of material that the key already knows. */
const recalling = Effect.fnUntraced(function* ({ store }: DeskServices, keyId: KeyId) {
  const [now, before] = ((yield* orRefused(store.meta(fingerprintNameOf(keyId)))) ?? "").split(" ")
  return (imported: ImportedMaterial): ImportedMaterial =>
    before !== undefined && now === imported.fingerprint ? { ...imported, fingerprint: before } : imported
})

/** Unwraps the encrypted material and gives it to the key. */
const unwrapAndGive = (services: DeskServices, redemption: Redemption, session: ImportSessionRow) =>
  Effect.gen(function* () {
    // Must run before the unwrapping: unwrapped material must be released.
    const recall = yield* recalling(services, redemption.key.keyId)
    const imported = yield* unwrap(services, redemption, session).pipe(
      Effect.catchTag("CryptoFailed", ({ reason }) =>
        Effect.fail(reason === "Rejected" ? unfitMaterial() : unavailable())
      )
    )
    return yield* give(services, redemption)(recall(imported))
  })

/** Removes a correct use from the count of wrong uses. If that write fails, the token accepts one wrong use less. */
const forgive = ({ store }: DeskServices, id: string): Effect.Effect<void> =>
  orLater("The record that a use of an import token was correct", store.forgiveImportTry(id))

/**
 * Tries the encrypted material. A try counts as wrong before it runs, even if its caller disconnects or its node stops,
 * because each unwrapping reveals something. No more tries run at once than the token allows.
 */
const tryOnce = Effect.fnUntraced(function* (
  services: DeskServices,
  redemption: Redemption,
  session: ImportSessionRow
) {
  const { id } = session
  const isCounted = yield* orRefused(services.store.countImportTry({ id, failuresMax: importFailuresMax }))
  if (!isCounted) return yield* Effect.fail(unfitMaterial())
  yield* Effect.matchEffect(unwrapAndGive(services, redemption, session), {
    onSuccess: () => forgive(services, id),
    // A failed unwrapping and material of another key must look alike and count alike.
    onFailure: (failure): Effect.Effect<never, RedeemError> =>
      failure.code === "InvalidKeyMaterial"
        ? Effect.fail(unfitMaterial())
        : Effect.andThen(forgive(services, id), Effect.fail(failure))
  })
})

const attempt = Effect.fnUntraced(function* (services: DeskServices, redemption: Redemption, id: string) {
  const { clock, store } = services
  const session = yield* orRefused(store.importSession(id))
  if (session === undefined) return yield* Effect.fail(invalidToken())
  const state = importSessionState(session, clock.now())
  if (state === "Expired") return yield* Effect.fail(expiredToken())
  if (state === "Blocked") return yield* Effect.fail(unfitMaterial())
  yield* Effect.uninterruptible(tryOnce(services, redemption, session))
})

const redeem = Effect.fn("ImportDesk.redeem")(function* (
  services: DeskServices,
  inTurn: ReturnType<typeof makeKeyedTurns>["inTurn"],
  redemption: Redemption
) {
  const token = readToken(services, redemption.key.keyId, redemption.token)
  if (token === undefined) return yield* Effect.fail(invalidToken())
  if (services.clock.now() >= token.expiresAt) return yield* Effect.fail(expiredToken())
  return yield* inTurn(token.id)(attempt(services, redemption, token.id))
})

const unsupportedWrapping = (lack: string, algorithm: WrappingAlgorithm) =>
  refuse("UnsupportedOperation", {
    hint:
      `The HSM that holds the key cannot unwrap ${algorithm}: it lacks ${lack}. Choose another WrappingAlgorithm; ` +
      "the material is never unwrapped outside the HSM."
  })
const invalidToken = () =>
  refuse("InvalidImportToken", {
    hint: "Send the ImportToken that GetParametersForImport returned for this key, unchanged."
  })
const expiredToken = () =>
  refuse("ExpiredImportToken", { hint: "A token lives 24 hours; call GetParametersForImport again." })
const unavailable = () =>
  refuse("ServiceUnavailableTemporary", { hint: "The key's provider did not answer; try again." })

/** One error for all faults of the material, so that the error reveals nothing. */
const unfitMaterial = () =>
  refuse("InvalidKeyMaterial", {
    hint:
      "Wrap the key's own material, the one first imported if there was one, with the public key and the algorithm of " +
      "this token. After too many wrong uses a token accepts nothing: call GetParametersForImport again."
  })

const tokenOf = (keyId: KeyId) => ({ label: "import token", id: keyId })

interface Token {
  readonly id: string
  readonly expiresAt: number
}

const tokenBytes = 24

/** The session's id and its end. A token that outlives its session can then still report that it expired. */
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
