/** A server in its own process whose system clock a test sets with libfaketime. */
import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { firstOf, fromDebian } from "../../src/development/debian.ts"
import { formatInstant } from "../../src/domain/time.ts"
import { programOf } from "../programs.ts"
import { form, post } from "./signed.ts"
import type { Answered } from "./signed.ts"

const script = await programOf("interposedServer")

const library = (): string =>
  fromDebian({
    name: "libfaketime",
    packages: ["faketime"],
    look: () =>
      firstOf(
        ["x86_64-linux-gnu", "aarch64-linux-gnu"].map((machine) => `/usr/lib/${machine}/faketime/libfaketime.so.1`)
      )
  })

/** The environment of a process whose system clock has the offset in `file`. */
export const interposedClock = (
  file: string
): { readonly environment: Readonly<Record<string, string>>; readonly set: (offMillis: number) => void } => {
  const set = (millis: number): void => writeFileSync(file, `${millis < 0 ? "-" : "+"}${Math.abs(millis) / 1000}`)
  set(0)
  return {
    environment: {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1"
    },
    set
  }
}

export interface InterposedServer {
  /** Sets the system clock of the server, in milliseconds from the right time. */
  readonly set: (offMillis: number) => void
  /** A request of a client with the server's clock, or with another one. */
  readonly ask: (action: string, parameters?: Readonly<Record<string, string>>, at?: number) => Promise<Answered>
  readonly send: (body: string) => Promise<Answered>
  readonly get: (path: string) => Promise<unknown>
  /** The timestamp of a client with the server's clock. */
  readonly stamp: () => string
  readonly kill: () => Promise<void>
  readonly stop: () => Promise<void>
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once("exit", () => resolve()))

const children = new Set<ChildProcess>()
/** Runs after each test: a server of a failed test would keep the test run from ending. */
export const killAll = async (): Promise<void> => {
  const left = [...children].filter((child) => child.exitCode === null && child.signalCode === null)
  children.clear()
  await Promise.all(left.map((child) => (child.kill("SIGKILL"), ended(child))))
}

const urlOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    child.once("message", (url) => resolve(String(url)))
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)))
  })

/** Starts a server on `directory` with a clock offset of `offMillis`. */
export const startInterposed = async (
  root: string,
  directory: string,
  offMillis: number
): Promise<InterposedServer> => {
  const clock = interposedClock(join(root, "faketime"))
  let off = offMillis
  const set = (millis: number): void => {
    off = millis
    clock.set(millis)
  }
  set(offMillis)
  const child = fork(script, [directory], {
    env: { ...process.env, ...clock.environment },
    stdio: ["ignore", "ignore", "inherit", "ipc"]
  })
  children.add(child)
  const url = await urlOf(child)
  const stamp = (): string => formatInstant(Date.now() + off)
  return {
    set,
    stamp,
    ask: (action, parameters = {}, at) =>
      post(url, form(action, parameters, { timestamp: at === undefined ? stamp() : formatInstant(at) })),
    send: (body) => post(url, body),
    get: async (path) => (await fetch(`${url}${path}`)).json(),
    kill: () => {
      child.kill("SIGKILL")
      return ended(child)
    },
    stop: () => {
      child.send("stop")
      return ended(child)
    }
  }
}
