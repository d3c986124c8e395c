/** Opens sessions on the token with a given label, and logs in. */
import type { Handle, PKCS11 } from "pkcs11js"
import { isReturnValue, TokenError } from "../failures.ts"
import { readPin } from "./pin.ts"
import { pkcs11js } from "./pkcs11.ts"
import type { TokenOptions } from "../protocol.ts"

export interface SlotSessions {
  readonly slot: Handle
  /** Keeps the login while the working session is replaced. */
  readonly anchor: Handle
  /** The session for calls; undefined if it could not be replaced. */
  session: Handle | undefined
}

export const tolerating = (returnValue: string, call: () => void): void => {
  try {
    call()
  } catch (error) {
    if (!isReturnValue(error, returnValue)) throw error
  }
}

/** PKCS#11 pads token labels with blanks to 32 bytes. */
export const isLabelled = (label: string, wanted: string): boolean => label.trimEnd() === wanted

const slotOf = (pkcs11: PKCS11, label: string): Handle => {
  const slots = pkcs11.C_GetSlotList(true).filter((slot) => {
    try {
      return isLabelled(pkcs11.C_GetTokenInfo(slot).label, label)
    } catch {
      return false
    }
  })
  const [slot] = slots
  if (slot === undefined) throw new TokenError("Unreachable", `no token is labelled ${label}`)
  if (slots.length > 1) throw new TokenError("Unreachable", `${slots.length} tokens are labelled ${label}`)
  return slot
}

const sessionFlags = pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION

export const openSession = (pkcs11: PKCS11, slot: Handle): Handle => pkcs11.C_OpenSession(slot, sessionFlags)

export const closeQuietly = (pkcs11: PKCS11, session: Handle): void => {
  try {
    pkcs11.C_CloseSession(session)
  } catch {
    // The session is already closed.
  }
}

export const openSessions = (pkcs11: PKCS11, options: TokenOptions): SlotSessions => {
  tolerating("CKR_CRYPTOKI_ALREADY_INITIALIZED", () => pkcs11.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK }))
  const slot = slotOf(pkcs11, options.label)
  const anchor = openSession(pkcs11, slot)
  try {
    const pin = readPin(options.pinFile)
    // A login applies to the whole process: another thread may have logged in first.
    tolerating("CKR_USER_ALREADY_LOGGED_IN", () => pkcs11.C_Login(anchor, pkcs11js.CKU_USER, pin))
    return { slot, anchor, session: openSession(pkcs11, slot) }
  } catch (error) {
    closeQuietly(pkcs11, anchor)
    throw error
  }
}
