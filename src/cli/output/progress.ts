/** Progress of long work, on standard error: one line that is overwritten, or periodic lines. */
import { Effect } from "effect"
import { note } from "./print.ts"
import { Style } from "./style.ts"
import { isTerminal } from "./terminal.ts"

/** Reports progress. A phase keeps its name. */
export type Show = (phase: string, line: string) => void

export interface ProgressOptions {
  /** Whether a log gets a line at the start of each phase, in addition to the periodic lines. */
  readonly logsPhases?: boolean
  /** A note for Ctrl-C: what the interrupted work left. Undefined if the command has this note elsewhere. */
  readonly ifInterrupted: string | undefined
}

/** The width of a terminal that does not report one. */
const columnsOtherwise = 80

/** The shortest time between two updates of a terminal. */
const terminalMillis = 100

/** Without a terminal, the interval between two lines. */
const logMillis = 15_000

const write = (text: string): void => {
  process.stderr.write(text)
}

interface Line {
  readonly show: Show
  readonly erase: () => void
}

/** Overwrites the line with spaces, so that the output has no escape codes. */
const onTerminal = (): Line => {
  let last = Number.NEGATIVE_INFINITY
  let shown = ""
  const overwrite = (line: string): void => {
    if (line !== shown) write(`\r${line.padEnd(shown.length)}${line === "" ? "\r" : ""}`)
    shown = line
  }
  return {
    show: (_phase, line) => {
      const now = performance.now()
      if (now - last < terminalMillis) return
      last = now
      overwrite(line.slice(0, (process.stderr.columns || columnsOtherwise) - 1))
    },
    erase: () => overwrite("")
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

const shownIn = <A, E, R>(
  work: (show: Show) => Effect.Effect<A, E, R>,
  options: ProgressOptions
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Style, ({ isJson, isQuiet }) => {
    if (isQuiet) return work(() => undefined)
    if (isTerminal(process.stderr)) {
      const { erase, show } = onTerminal()
      return Effect.ensuring(work(show), Effect.sync(erase))
    }
    return work(isJson ? () => undefined : inLog(options))
  })

/** Says after Ctrl-C what the interrupted work left. */
export const notedIfInterrupted =
  (what: string) =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.onInterrupt(work, () => note(`interrupted. ${what}`))

/** Runs the work and shows its progress. On a terminal, the line is erased at the end. */
export const withProgress = <A, E, R>(
  work: (show: Show) => Effect.Effect<A, E, R>,
  options: ProgressOptions
): Effect.Effect<A, E, R> => {
  const { ifInterrupted } = options
  const shown = shownIn(work, options)
  return ifInterrupted === undefined ? shown : notedIfInterrupted(ifInterrupted)(shown)
}

/** Work of unknown length shows its elapsed time. */
export const withElapsed = <A, E, R>(
  phase: string,
  work: Effect.Effect<A, E, R>,
  options: ProgressOptions
): Effect.Effect<A, E, R> =>
  withProgress((show) => {
    const begin = performance.now()
    const tick = Effect.sync(() => show(phase, `${phase}, ${Math.floor((performance.now() - begin) / 1000)} s`))
    const ticks = Effect.forever(Effect.andThen(Effect.sleep("1 second"), tick))
    return Effect.raceFirst(work, ticks)
  }, options)
