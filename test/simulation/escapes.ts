/** Finds what a run uses from outside its world: the machine's time, its randomness, its timers. */
import crypto from "node:crypto"
import { syncBuiltinESMExports } from "node:module"
import os from "node:os"

type Holder = object

/** Functions whose results differ from run to run, and functions that delay work. */
const trapped: ReadonlyArray<readonly [string, Holder, ReadonlyArray<string>]> = [
  ["Date", Date, ["now"]],
  ["Math", Math, ["random"]],
  ["performance", performance, ["now"]],
  ["process", process, ["hrtime", "nextTick", "uptime"]],
  ["process.hrtime", process.hrtime, ["bigint"]],
  ["os", os, ["uptime", "hostname"]],
  ["globalThis", globalThis, ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"]],
  ["Promise.prototype", Promise.prototype, ["then"]],
  ["crypto", crypto, ["randomBytes", "randomFill", "randomFillSync", "randomInt", "randomUUID", "generateKeyPair"]],
  ["webcrypto", Crypto.prototype, ["getRandomValues", "randomUUID"]]
]

const stackOf = (): string => {
  const frames = (new Error("a trap").stack ?? "").split("\n").slice(3)
  const own = frames.find((frame) => /[/](src|machines|test)[/]/.test(frame)) ?? frames[0] ?? ""
  return own.trim().replace(/^at /, "")
}

/** Runs `work`, which must not wait, and returns the outside functions that it called, each with its first caller. */
export const escapesOf = (work: () => void): ReadonlyArray<string> => {
  const found = new Map<string, string>()
  const undo: Array<() => void> = []
  for (const [holderName, holder, names] of trapped) {
    for (const name of names) {
      const original: unknown = Reflect.get(holder, name)
      if (typeof original !== "function") throw new Error(`${holderName} has no ${name}`)
      const trap = function (this: unknown, ...given: ReadonlyArray<unknown>): unknown {
        const called = `${holderName}.${name}`
        if (!found.has(called)) found.set(called, stackOf())
        return Reflect.apply(original, this, given)
      }
      const own = Object.getOwnPropertyDescriptor(holder, name)
      Object.defineProperty(holder, name, { value: Object.assign(trap, original), configurable: true, writable: true })
      undo.push(() => {
        if (own === undefined) Reflect.deleteProperty(holder, name)
        else Object.defineProperty(holder, name, own)
      })
    }
  }
  syncBuiltinESMExports()
  try {
    work()
  } finally {
    for (const restore of undo.toReversed()) restore()
    syncBuiltinESMExports()
  }
  return [...found].map(([name, caller]) => `${name}, called by ${caller}`)
}
