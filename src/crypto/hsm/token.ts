/** One thread's connection to the token: its sessions, its login, and the handles of objects it has found. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs"
import type { Handle, PKCS11, Template } from "pkcs11js"
import { isReturnValue, TokenError } from "./failures.ts"
import { pkcs11js } from "./library.ts"
import type { Mechanisms } from "./mechanisms.ts"
import type { ObjectName, TokenObject, TokenOptions } from "./protocol.ts"
import { softHsmDisk } from "./softHsmDisk.ts"

export type ObjectKind = TokenObject["kind"]

const classes: Readonly<Record<ObjectKind, number>> = {
  secret: pkcs11js.CKO_SECRET_KEY,
  private: pkcs11js.CKO_PRIVATE_KEY,
  public: pkcs11js.CKO_PUBLIC_KEY
}

/** Handles are looked up anew when there are more; a search costs milliseconds where a token holds hundreds. */
const handlesMax = 4096

/** What a search may find of one name before it is given up. */
const foundMax = 8

export interface Token {
  readonly pkcs11: PKCS11
  readonly mechanisms: Mechanisms
  readonly session: () => Handle
  /** How many are open, as far as this thread knows. */
  readonly sessionCount: () => number
  /** A session that is not renewed; what is made in it lasts as long as the connection. */
  readonly lastingSession: () => Handle
  /** The one object of this name. */
  readonly find: (name: ObjectName, kind: ObjectKind) => Handle
  readonly search: (template: Template, most: number) => ReadonlyArray<Handle>
  /** A call that failed may leave its operation active: the next one gets a session that knows nothing of it. */
  readonly renewSession: () => void
  readonly forgetHandles: () => void
  readonly connect: (afresh: boolean) => void
  readonly disconnect: () => void
  /** Fails unless the token answers and is the one that was asked for. */
  readonly assertPresent: () => void
  readonly has: (mechanism: number) => boolean
  /** The longest key of a mechanism, in the unit of the mechanism; 0 if the token does not have it. */
  readonly keySizeMax: (mechanism: number) => number
  readonly model: () => string
  /** What was made or destroyed since `mark` survives a loss of power once `sync` has returned. */
  readonly mark: () => { readonly sync: () => void }
}

/** Bits that let the group or others in. */
const othersMask = 0o077

const readPin = (path: string): string => {
  const file = openSync(path, "r")
  try {
    if ((fstatSync(file).mode & othersMask) !== 0) {
      throw new TokenError("PinRefused", `the PIN file may be read by others than its owner; chmod 600 it`)
    }
    return readFileSync(file, "utf8").replace(/\r?\n$/, "")
  } finally {
    closeSync(file)
  }
}

const pinOf = (path: string): string => {
  try {
    return readPin(path)
  } catch (error) {
    throw error instanceof TokenError ? error : new TokenError("PinRefused", "the PIN file cannot be read")
  }
}

const tolerating = (returnValue: string, call: () => void): void => {
  try {
    call()
  } catch (error) {
    if (!isReturnValue(error, returnValue)) throw error
  }
}

/** Labels of tokens are padded with blanks to 32 bytes. */
const isLabelled = (label: string, wanted: string): boolean => label.trimEnd() === wanted

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

interface Connection {
  readonly slot: Handle
  /** Keeps the login alive while the working session is replaced. */
  readonly anchor: Handle
  /** Undefined where it could not be replaced. */
  session: Handle | undefined
}

const sessionFlags = pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION

const closeQuietly = (pkcs11: PKCS11, session: Handle): void => {
  try {
    pkcs11.C_CloseSession(session)
  } catch {
    // It is gone already, and that is what was wanted.
  }
}

const connectTo = (pkcs11: PKCS11, options: TokenOptions): Connection => {
  tolerating("CKR_CRYPTOKI_ALREADY_INITIALIZED", () => pkcs11.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK }))
  const slot = slotOf(pkcs11, options.label)
  const anchor = pkcs11.C_OpenSession(slot, sessionFlags)
  try {
    const pin = pinOf(options.pinFile)
    // A login is the whole process's: another thread may have been first.
    tolerating("CKR_USER_ALREADY_LOGGED_IN", () => pkcs11.C_Login(anchor, pkcs11js.CKU_USER, pin))
    return { slot, anchor, session: pkcs11.C_OpenSession(slot, sessionFlags) }
  } catch (error) {
    closeQuietly(pkcs11, anchor)
    throw error
  }
}

/** `inTurn` lets no other thread connect meanwhile. */
export const makeToken = (options: TokenOptions, inTurn: (connect: () => void) => void): Token => {
  const pkcs11 = new pkcs11js.PKCS11()
  pkcs11.load(options.module)
  const handles = new Map<string, Handle>()
  let connection: Connection | undefined

  const connected = (): Connection => {
    if (connection === undefined) throw new TokenError("Unreachable", "not connected")
    return connection
  }

  const open = (): ReadonlyArray<Handle> => {
    const { anchor, session } = connection ?? {}
    return [session, anchor].filter((handle) => handle !== undefined)
  }

  const close = (): void => {
    const last = open()
    connection = undefined
    handles.clear()
    for (const session of last) closeQuietly(pkcs11, session)
  }

  const working = (): Handle => {
    const { session } = connected()
    if (session === undefined) throw new TokenError("Unreachable", "no session")
    return session
  }

  const search = (template: Template, most: number): ReadonlyArray<Handle> => {
    const session = working()
    pkcs11.C_FindObjectsInit(session, template)
    try {
      return pkcs11.C_FindObjects(session, most)
    } finally {
      pkcs11.C_FindObjectsFinal(session)
    }
  }

  const assertPresent = (): void => {
    if (isLabelled(pkcs11.C_GetTokenInfo(connected().slot).label, options.label)) return
    throw new TokenError("Unreachable", "another token is in the slot")
  }

  const find: Token["find"] = ({ id, label }, kind) => {
    const place = `${kind} ${label}`
    const known = handles.get(place)
    if (known !== undefined) return known
    const [found, ...others] = search(
      [
        { type: pkcs11js.CKA_CLASS, value: classes[kind] },
        { type: pkcs11js.CKA_ID, value: Buffer.from(id) },
        { type: pkcs11js.CKA_LABEL, value: Buffer.from(label) },
        { type: pkcs11js.CKA_TOKEN, value: true }
      ],
      foundMax
    )
    if (found === undefined) {
      // A token that was pulled out has no objects either.
      assertPresent()
      throw new TokenError("Missing", `no ${kind} key ${label}`)
    }
    if (others.length > 0) throw new TokenError("Missing", `${others.length + 1} ${kind} keys ${label}`)
    if (handles.size >= handlesMax) handles.clear()
    handles.set(place, found)
    return found
  }

  const has = (mechanism: number): boolean => pkcs11.C_GetMechanismList(connected().slot).includes(mechanism)

  const tokenInfo = () => pkcs11.C_GetTokenInfo(connected().slot)

  return {
    pkcs11,
    mechanisms: options.mechanisms ?? {},
    session: working,
    sessionCount: () => open().length,
    lastingSession: () => connected().anchor,
    find,
    search,
    renewSession: () => {
      const current = connected()
      pkcs11.C_CloseSession(working())
      current.session = undefined
      current.session = pkcs11.C_OpenSession(current.slot, sessionFlags)
    },
    forgetHandles: () => handles.clear(),
    connect: (afresh) => {
      close()
      inTurn(() => {
        if (afresh) tolerating("CKR_CRYPTOKI_NOT_INITIALIZED", () => pkcs11.C_Finalize())
        connection = connectTo(pkcs11, options)
      })
    },
    disconnect: close,
    assertPresent,
    has,
    keySizeMax: (mechanism) => (has(mechanism) ? pkcs11.C_GetMechanismInfo(connected().slot, mechanism).maxKeySize : 0),
    model: () => {
      const { manufacturerID, model } = tokenInfo()
      return `${manufacturerID.trimEnd()}, ${model.trimEnd()}`
    },
    mark: () => softHsmDisk(tokenInfo().manufacturerID)
  }
}
