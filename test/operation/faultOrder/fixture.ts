/** Keys of every kind in the states that refuse, for the fault sequences. */
import { randomBytes } from "node:crypto"
import { textAt } from "../doors.ts"
import type { Ask, Request } from "../doors.ts"

/** The correction of the previous request, and its answer: `InvalidParameter KeyId`, at the end `Success`. */
export type Correction = readonly [correction: Readonly<Record<string, string | undefined>>, answer: string]

export type FaultSequence = (fixture: Fixture) => ReadonlyArray<Correction> | Promise<ReadonlyArray<Correction>>

export interface Fixture {
  readonly ask: Ask
  /** A new key after the named operations. */
  readonly key: (request?: Request, ...then: ReadonlyArray<string>) => Promise<string>
  readonly symmetric: string
  readonly disabled: string
  readonly doomed: string
  readonly waiting: string
  readonly doomedWaiting: string
  /** RSA_2048 for encryption, its version, and the same Disabled. */
  readonly pair: string
  readonly pairVersion: string
  readonly disabledPair: string
  /** EC_P256 for signatures. */
  readonly signer: string
  readonly signerVersion: string
  readonly disabledSigner: string
  /** Blobs of data keys. */
  readonly blob: string
  readonly disabledBlob: string
}

export const nobody = "00000000-0000-4000-8000-000000000000"
export const tooLong = "x".repeat(8193)
export const digest = randomBytes(32).toString("base64")

/** The faults of a `KeyId` without alias, up to one of a key. */
export const idFaults: ReadonlyArray<Correction> = [
  [{ KeyId: "alias/none" }, "Unsupported.Alias"],
  [{ KeyId: nobody }, "Forbidden.KeyNotFound"]
]
export const aliasFaults: ReadonlyArray<Correction> = [
  [{ KeyId: "alias/none" }, "Forbidden.AliasNotFound"],
  [{ KeyId: nobody }, "Forbidden.KeyNotFound"]
]

export const makeFixture = async (ask: Ask): Promise<Fixture> => {
  const must = async (operation: string, request: Request) => {
    const { code, body } = await ask(operation, request)
    if (code !== "Success") throw new Error(`${operation} was refused with ${code}`)
    return body
  }
  const key: Fixture["key"] = async (request = {}, ...then) => {
    const KeyId = textAt(await must("CreateKey", request), "KeyMetadata", "KeyId")
    for (const operation of then) await must(operation, { KeyId })
    return KeyId
  }
  const version = async (KeyId: string): Promise<string> =>
    textAt((await must("ListKeyVersions", { KeyId }))["KeyVersions"], "KeyVersion", "0", "KeyVersionId")
  const sealed = async (KeyId: string): Promise<string> =>
    textAt(await must("GenerateDataKey", { KeyId }), "CiphertextBlob")
  const symmetric = await key()
  const disabled = await key()
  const disabledBlob = await sealed(disabled)
  await must("DisableKey", { KeyId: disabled })
  const pair = await key({ KeySpec: "RSA_2048" })
  const signer = await key({ KeySpec: "EC_P256" })
  return {
    ask,
    key,
    symmetric,
    disabled,
    doomed: await key({}, "ScheduleKeyDeletion"),
    waiting: await key({ Origin: "EXTERNAL" }),
    doomedWaiting: await key({ Origin: "EXTERNAL" }, "ScheduleKeyDeletion"),
    pair,
    pairVersion: await version(pair),
    disabledPair: await key({ KeySpec: "RSA_2048" }, "DisableKey"),
    signer,
    signerVersion: await version(signer),
    disabledSigner: await key({ KeySpec: "EC_P256" }, "DisableKey"),
    blob: await sealed(symmetric),
    disabledBlob
  }
}
