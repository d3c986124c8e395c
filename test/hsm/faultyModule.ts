/** SoftHSM behind a module that fails or hangs on demand, built with the machine's C compiler. */
import { closeSync, openSync, readSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { compile } from "./compiler.ts"
import { makeTestToken } from "./token.ts"
import type { TestToken } from "./token.ts"

const source = fileURLToPath(new URL("faultyModule.c", import.meta.url))

export const returnValues = {
  CKR_GENERAL_ERROR: 0x05,
  CKR_DEVICE_ERROR: 0x30,
  CKR_DEVICE_REMOVED: 0x32,
  CKR_OBJECT_HANDLE_INVALID: 0x82,
  CKR_SESSION_HANDLE_INVALID: 0xb3,
  CKR_USER_NOT_LOGGED_IN: 0x101
} as const
export type ReturnValue = keyof typeof returnValues

export interface Fault {
  /** The PKCS#11 function that fails. */
  readonly function: string
  /** A hanging call fails when it returns. A paused one does not: with `after`, it is only slow. */
  readonly how: ReturnValue | "hang" | "pause"
  /** The call is made, and its answer is withheld. */
  readonly after: boolean
  /** The number of failing calls; all if undefined. */
  readonly times: number | undefined
}

export interface FaultyToken extends TestToken {
  /** The token through its own module, which never fails on demand. */
  readonly sound: TestToken
  readonly arm: (fault: Fault) => void
  /** Ends the fault, and returns hanging calls. */
  readonly heal: () => void
  /** Calls that failed since the last fault began. */
  readonly hits: () => number
  /** Sessions that are now open in this module. */
  readonly sessions: () => number
}

/** The final return value. */
const codes: Readonly<Record<Fault["how"], number>> = { ...returnValues, hang: returnValues.CKR_DEVICE_ERROR, pause: 0 }

/** struct control of faultyModule.c, in the machine's byte order. */
const at = { left: 32, after: 36, code: 40, hangs: 44, hits: 48, sessions: 52 }
const controlBytes = 56

export const makeFaultyToken = (token: TestToken = makeTestToken()): FaultyToken => {
  const control = join(token.directory, "control")
  const module = join(token.directory, "faulty.so")
  writeFileSync(control, new Uint8Array(controlBytes))
  const definitions = { MODULE: `"${token.module}"`, CONTROL: `"${control}"` }
  compile({ source, output: module, definitions, libraries: ["-ldl"] })
  const write = (state: Uint8Array, position: number): void => {
    const file = openSync(control, "r+")
    writeSync(file, state, 0, state.length, position)
    closeSync(file)
  }
  const read = (position: number): number => {
    const bytes = new Uint8Array(controlBytes)
    const file = openSync(control, "r")
    readSync(file, bytes, 0, controlBytes, 0)
    closeSync(file)
    return new DataView(bytes.buffer).getInt32(position, true)
  }
  const word = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer)
  const heal = (): void => {
    write(new Uint8Array(at.left), 0)
    write(word(0), at.hangs)
  }
  return {
    ...token,
    module,
    sound: token,
    arm: (fault) => {
      heal()
      write(word(fault.times ?? -1), at.left)
      write(word(fault.after ? 1 : 0), at.after)
      write(word(codes[fault.how]), at.code)
      write(word(fault.how === "hang" || fault.how === "pause" ? 1 : 0), at.hangs)
      write(word(0), at.hits)
      write(new TextEncoder().encode(fault.function), 0)
    },
    heal,
    hits: () => read(at.hits),
    sessions: () => read(at.sessions)
  }
}
