/** One thread's view of the token: its sessions, its login, and the object handles it has found. */
import type { Handle, PKCS11, Template, TokenInfo } from "pkcs11js"
import { TokenError } from "../failures.ts"
import { closeQuietly, isLabelled, openSession, openSessions, tolerating } from "./connection.ts"
import type { SlotSessions } from "./connection.ts"
import { pkcs11js } from "./pkcs11.ts"
import type { Mechanisms } from "../mechanisms.ts"
import type { ObjectName, TokenObject, TokenOptions } from "../protocol.ts"
import { softHsmDisk } from "./softHsmDisk.ts"

export type ObjectKind = TokenObject["kind"]

const classes: Readonly<Record<ObjectKind, number>> = {
  secret: pkcs11js.CKO_SECRET_KEY,
  private: pkcs11js.CKO_PRIVATE_KEY,
  public: pkcs11js.CKO_PUBLIC_KEY
}

/** A search takes milliseconds on a token with hundreds of objects, so handles are cached, up to this many. */
const handlesMax = 4096

/** The most objects of one name that a search reads. */
const foundMax = 8

export interface Token {
  readonly pkcs11: PKCS11
  readonly mechanisms: Mechanisms
  readonly session: () => Handle
  /** The number of sessions that this thread has open. */
  readonly sessionCount: () => number
  /** A session that is never renewed. Its session objects last as long as the connection. */
  readonly lastingSession: () => Handle
  /** The only object of this name. */
  readonly find: (name: ObjectName, kind: ObjectKind) => Handle
  readonly search: (template: Template, most: number) => ReadonlyArray<Handle>
  /** Replaces the session: a failed call may leave its operation active in the old one. */
  readonly renewSession: () => void
  readonly forgetHandles: () => void
  readonly connect: (afresh: boolean) => void
  readonly disconnect: () => void
  /** Fails unless the token answers and has the wanted label. */
  readonly assertPresent: () => void
  readonly has: (mechanism: number) => boolean
  /** The longest key of a mechanism, in the mechanism's unit; 0 if the token does not have the mechanism. */
  readonly keySizeMax: (mechanism: number) => number
  readonly model: () => string
  /** After `sync` returns, changes since `mark` survive a power loss. */
  readonly mark: () => { readonly sync: () => void }
}

interface State {
  readonly pkcs11: PKCS11
  readonly options: TokenOptions
  readonly handles: Map<string, Handle>
  sessions: SlotSessions | undefined
}

const connected = ({ sessions }: State): SlotSessions => {
  if (sessions === undefined) throw new TokenError("Unreachable", "not connected")
  return sessions
}

const workingSession = (state: State): Handle => {
  const { session } = connected(state)
  if (session === undefined) throw new TokenError("Unreachable", "no session")
  return session
}

const openHandles = ({ sessions }: State): ReadonlyArray<Handle> =>
  [sessions?.session, sessions?.anchor].filter((handle) => handle !== undefined)

const disconnect = (state: State): void => {
  const open = openHandles(state)
  state.sessions = undefined
  state.handles.clear()
  for (const session of open) closeQuietly(state.pkcs11, session)
}

const renewSession = (state: State): void => {
  const current = connected(state)
  state.pkcs11.C_CloseSession(workingSession(state))
  current.session = undefined
  current.session = openSession(state.pkcs11, current.slot)
}

const tokenInfo = (state: State): TokenInfo => state.pkcs11.C_GetTokenInfo(connected(state).slot)

const assertPresent = (state: State): void => {
  if (isLabelled(tokenInfo(state).label, state.options.label)) return
  throw new TokenError("Unreachable", "another token is in the slot")
}

const has = (state: State, mechanism: number): boolean =>
  state.pkcs11.C_GetMechanismList(connected(state).slot).includes(mechanism)

const search = (state: State, template: Template, most: number): ReadonlyArray<Handle> => {
  const session = workingSession(state)
  state.pkcs11.C_FindObjectsInit(session, template)
  try {
    return state.pkcs11.C_FindObjects(session, most)
  } finally {
    state.pkcs11.C_FindObjectsFinal(session)
  }
}

const searchOne = (state: State, { id, label }: ObjectName, kind: ObjectKind): Handle => {
  const template: Template = [
    { type: pkcs11js.CKA_CLASS, value: classes[kind] },
    { type: pkcs11js.CKA_ID, value: Buffer.from(id) },
    { type: pkcs11js.CKA_LABEL, value: Buffer.from(label) },
    { type: pkcs11js.CKA_TOKEN, value: true }
  ]
  const [found, ...others] = search(state, template, foundMax)
  if (found === undefined) {
    // A removed token also finds nothing.
    assertPresent(state)
    throw new TokenError("Missing", `no ${kind} key ${label}`)
  }
  if (others.length > 0) throw new TokenError("Missing", `${others.length + 1} ${kind} keys ${label}`)
  return found
}

const find = (state: State, name: ObjectName, kind: ObjectKind): Handle => {
  const { handles } = state
  const place = `${kind} ${name.label}`
  const known = handles.get(place)
  if (known !== undefined) return known
  const found = searchOne(state, name, kind)
  if (handles.size >= handlesMax) handles.clear()
  handles.set(place, found)
  return found
}

const modelOf = ({ manufacturerID, model }: TokenInfo): string => `${manufacturerID.trimEnd()}, ${model.trimEnd()}`

/** `exclusively` keeps other threads from connecting at the same time. */
export const makeToken = (options: TokenOptions, exclusively: (connect: () => void) => void): Token => {
  const pkcs11 = new pkcs11js.PKCS11()
  pkcs11.load(options.module)
  const state: State = { pkcs11, options, handles: new Map(), sessions: undefined }
  return {
    pkcs11,
    mechanisms: options.mechanisms ?? {},
    session: () => workingSession(state),
    sessionCount: () => openHandles(state).length,
    lastingSession: () => connected(state).anchor,
    find: (name, kind) => find(state, name, kind),
    search: (template, most) => search(state, template, most),
    renewSession: () => renewSession(state),
    forgetHandles: () => state.handles.clear(),
    connect: (afresh) => {
      disconnect(state)
      exclusively(() => {
        if (afresh) tolerating("CKR_CRYPTOKI_NOT_INITIALIZED", () => pkcs11.C_Finalize())
        state.sessions = openSessions(pkcs11, options)
      })
    },
    disconnect: () => disconnect(state),
    assertPresent: () => assertPresent(state),
    has: (mechanism) => has(state, mechanism),
    keySizeMax: (mechanism) =>
      has(state, mechanism) ? pkcs11.C_GetMechanismInfo(connected(state).slot, mechanism).maxKeySize : 0,
    model: () => modelOf(tokenInfo(state)),
    mark: () => softHsmDisk(tokenInfo(state).manufacturerID)
  }
}
