/** The progress of long work, on standard error: one line that is written over, or a line every so often. */
import { Effect } from "effect"
import { Style } from "./style.ts"

/** Tells how far the work is. A phase has a name that stays the same in it. */
export type Show = (phase: string, line: string) => void

export interface ProgressOptions {
  /** Whether a log gets a line at the start of each phase, and not only after a while. */
  readonly logsPhases?: boolean
}

const eraseLine = "\r\u001B[K"

/** The width of a terminal that does not tell its own. */
const columnsOtherwise = 80

/** A terminal shows no more lines in a second than a reader sees. */
const terminalMillis = 100

/** Without a terminal, a line every so often. */
const logMillis = 15_000

const write = (text: string): void => {
  process.stderr.write(text)
}

const onTerminal = (): Show => {
  let last = Number.NEGATIVE_INFINITY
  return (_phase, line) => {
    const now = performance.now()
    if (now - last < terminalMillis) return
    last = now
    write(`${eraseLine}${line.slice(0, (process.stderr.columns || columnsOtherwise) - 1)}`)
  }
}

const inLog = ({ logsPhases = false }: ProgressOptions): Show => {
  let current = ""
  let last = performance.now()
  return (phase, line) => {
    const now = performance.now()
    const isNew = logsPhases && phase !== current
    current = phase
    if (!isNew && now - last < logMillis) return
    last = now
    write(`${line}\n`)
  }
}

/** Runs the work and shows its progress. On a terminal nothing of it remains. */
export const withProgress = <A, E, R>(
  work: (show: Show) => Effect.Effect<A, E, R>,
  options: ProgressOptions = {}
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Style, ({ isJson, isQuiet }) => {
    if (isQuiet) return work(() => undefined)
    if (process.stderr.isTTY) {
      return Effect.ensuring(
        work(onTerminal()),
        Effect.sync(() => write(eraseLine))
      )
    }
    return work(isJson ? () => undefined : inLog(options))
  })

/** Work that cannot tell how far it is shows how long it takes. */
export const withElapsed = <A, E, R>(phase: string, work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  withProgress((show) => {
    const begin = performance.now()
    const tick = Effect.sync(() => show(phase, `${phase}, ${Math.floor((performance.now() - begin) / 1000)} s`))
    const ticks = Effect.forever(Effect.andThen(Effect.sleep("1 second"), tick))
    return Effect.raceFirst(work, ticks)
  })
