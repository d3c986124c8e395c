/** One worker thread and what is asked of it: a call at a time, bounded in time, and a new thread when it is lost. */
import { Worker } from "node:worker_threads"
import { startedMessage } from "./protocol.ts"
import type { Asks, CallMessage, CallName, ReplyMessage, TokenOptions } from "./protocol.ts"

/** How a call ended. `Lost`: its thread is gone. `Hung`: it did not answer in time, and may yet do what it was asked. */
export type Outcome = ReplyMessage | { readonly ok: false; readonly failure: "Lost" | "Hung"; readonly detail: string }

export interface Seat {
  readonly ask: <Name extends CallName>(
    call: Name,
    asks: Asks<Name>,
    ticksMax: number,
    done: (outcome: Outcome) => void
  ) => void
  /** Counts one tick; a call that has seen more than its share is given up, with its thread. */
  readonly tick: () => void
  readonly close: () => Promise<void>
}

/** Beside this file, as it lies in the sources or as it was built. */
const workerFile = new URL(`./tokenWorker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url)

/** Posted whole, a view would take along the memory around it: it travels as a copy, which the thread then owns. */
const standingAlone = (asks: object): { readonly asks: object; readonly transfers: Array<ArrayBuffer> } => {
  const transfers: Array<ArrayBuffer> = []
  const copied = Object.entries(asks).map(([name, value]: [string, unknown]) => {
    if (!(value instanceof Uint8Array)) return [name, value] as const
    const copy = new Uint8Array(value)
    transfers.push(copy.buffer)
    return [name, copy] as const
  })
  return { asks: Object.fromEntries(copied), transfers }
}

/** What starting a thread may take of a machine that is busy; it is no part of the call that needed the thread. */
const startTicksMax = 120

interface Running {
  readonly done: (outcome: Outcome) => void
  ticksLeft: number
}

/** `abandoned` is told of threads that were given up, once when they are and once when they have ended. */
export const makeSeat = ({ module, label, pinFile }: TokenOptions, abandoned: (change: 1 | -1) => void): Seat => {
  const workerData: TokenOptions = { module, label, pinFile }
  let worker: Worker | undefined
  let running: Running | undefined
  let startTicksLeft = 0

  const finish = (outcome: Outcome): void => {
    const last = running
    running = undefined
    last?.done(outcome)
  }

  const forget = (current: Worker, outcome: Outcome): void => {
    if (worker !== current) return
    worker = undefined
    finish(outcome)
  }

  const start = (): Worker => {
    const started = new Worker(workerFile, { workerData, name: "keystate token" })
    started.unref()
    startTicksLeft = startTicksMax
    started.on("message", (reply: ReplyMessage | typeof startedMessage) => {
      if (worker !== started) return
      if (reply === startedMessage) startTicksLeft = 0
      else finish(reply)
    })
    started.on("error", (error) =>
      forget(started, {
        ok: false,
        failure: "Lost",
        detail: error instanceof Error ? (error.message.split("\n")[0] ?? "") : "the thread failed"
      })
    )
    started.on("exit", () => forget(started, { ok: false, failure: "Lost", detail: "the thread ended" }))
    worker = started
    return started
  }

  /** A thread inside the module cannot be stopped before the module returns; it is only not waited for. */
  const giveUp = (): void => {
    const current = worker
    worker = undefined
    if (current === undefined) return
    abandoned(1)
    const ended = (): void => abandoned(-1)
    current.terminate().then(ended, ended)
  }

  return {
    ask: (call, asks, ticksMax, done) => {
      running = { done, ticksLeft: ticksMax }
      const sent = standingAlone(asks)
      const message = { call, asks: sent.asks } satisfies { call: CallMessage["call"]; asks: object }
      ;(worker ?? start()).postMessage(message, sent.transfers)
    },
    tick: () => {
      if (running === undefined || startTicksLeft-- > 1 || running.ticksLeft-- > 0) return
      giveUp()
      finish({ ok: false, failure: "Hung", detail: "no answer in time" })
    },
    close: async () => {
      const current = worker
      worker = undefined
      finish({ ok: false, failure: "Lost", detail: "the service stops" })
      await current?.terminate()
    }
  }
}
