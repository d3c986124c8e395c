/** A provider on the test's token, and a second connection to the token. */
import { createRequire } from "node:module"
import type * as Pkcs11js from "pkcs11js"
import { Effect } from "effect"
import type { Scope } from "effect"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import { rootKeyFromBytes } from "../../src/crypto/native/rootKey.ts"
import { makePool } from "../../src/crypto/hsm/pool/pool.ts"
import type { CallFailed, CallTimeouts, Pool } from "../../src/crypto/hsm/pool/pool.ts"
import { makeTokenProvider } from "../../src/crypto/hsm/provider/tokenProvider.ts"
import type { TokenProviderOptions } from "../../src/crypto/hsm/provider/tokenProvider.ts"
import type { CryptoProvider } from "../../src/crypto/provider.ts"
import { chance } from "../crypto/material.ts"
import type { TestToken } from "./token.ts"

const pkcs11js: typeof Pkcs11js = createRequire(import.meta.url)("pkcs11js")

export const tag = "0badcafe"

/** Grants uses like a store, from this process's memory. */
export const countingReserve = () => {
  const granted = new Map<string, number>()
  const reserve: TokenProviderOptions["reserve"] = ({ row, count, limit }) =>
    Effect.sync(() => {
      const before = granted.get(row.keyVersionId) ?? 0
      const more = Math.max(0, Math.min(count, limit - before))
      granted.set(row.keyVersionId, before + more)
      return more
    })
  return { granted, reserve }
}

export interface InToken {
  readonly pool: Pool
  readonly provider: CryptoProvider
  readonly make: (changed: Partial<TokenProviderOptions>) => CryptoProvider
}

/** On a busy machine a call is slow; a failed token is checked at once. */
export const unhurried: CallTimeouts = { callMillis: 60_000, makingMillis: 60_000, pingMillis: 100 }
/** For tests that end threads: the check of the token may run in that thread. */
export const unasked: CallTimeouts = { ...unhurried, pingMillis: 2 ** 31 - 1 }

export const inToken = (
  token: TestToken,
  timeouts: CallTimeouts = unhurried
): Effect.Effect<InToken, CallFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const pool = yield* makePool(token, timeouts)
    const options: TokenProviderOptions = {
      call: pool.call,
      abilities: yield* pool.call("probe", {}),
      tag,
      rootKey: rootKeyFromBytes({ bytes: new Uint8Array(32).fill(7), randomness: chance("root of the token's") }),
      randomness: {
        bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
        uuid: () => crypto.randomUUID()
      },
      primitives: nativePrimitives,
      reserve: countingReserve().reserve,
      invocationsMax: 2 ** 31
    }
    return {
      pool,
      provider: makeTokenProvider(options),
      make: (changed) => makeTokenProvider({ ...options, ...changed })
    }
  })

/** Uses the PKCS#11 module directly, like another program on the machine. */
export const withModule = <A>(
  token: TestToken,
  use: (given: {
    module: Pkcs11js.PKCS11
    session: Pkcs11js.Handle
    slot: Pkcs11js.Handle
    names: typeof Pkcs11js
  }) => A
): A => {
  const module = new pkcs11js.PKCS11()
  module.load(token.module)
  const slot = module.C_GetSlotList(true).find((slot) => module.C_GetTokenInfo(slot).label.trimEnd() === token.label)
  if (slot === undefined) throw new Error("the token is not there")
  const session = module.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION)
  try {
    return use({ module, session, slot, names: pkcs11js })
  } finally {
    try {
      module.C_CloseSession(session)
    } catch {
      // The test closed it together with all others.
    }
  }
}

const secretAttributes = [
  "CKA_VALUE",
  "CKA_PRIVATE_EXPONENT",
  "CKA_PRIME_1",
  "CKA_PRIME_2",
  "CKA_EXPONENT_1",
  "CKA_COEFFICIENT"
] as const

/** Readable secret attributes of objects in the token, of any kind; there should be none. */
export const readableSecrets = (
  token: TestToken
): { readonly objects: number; readonly readable: ReadonlyArray<string> } =>
  withModule(token, ({ module, session, names }) => {
    module.C_FindObjectsInit(session, [{ type: names.CKA_TOKEN, value: true }])
    const objects = module.C_FindObjects(session, 10_000)
    module.C_FindObjectsFinal(session)
    const readable = objects.flatMap((object) => {
      const [kind] = module.C_GetAttributeValue(session, object, [{ type: names.CKA_CLASS }])
      if (kind?.value[0] === names.CKO_PUBLIC_KEY) return []
      return secretAttributes.filter((name) => {
        try {
          return (module.C_GetAttributeValue(session, object, [{ type: names[name] }])[0]?.value.length ?? 0) > 0
        } catch {
          return false
        }
      })
    })
    return { objects: objects.length, readable }
  })
