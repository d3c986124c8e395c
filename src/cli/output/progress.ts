/** The progress of a run of the conformance suite, on stderr. */
import type { Progress } from "../../conformance/run/options.ts"

const progressLine = ({ phase, done, of, calls, broken }: Progress): string =>
  `${phase} ${done}/${of} · ${calls} calls · ${broken} broken`

/** One line that is written over. */
const showOnTerminal = (progress: Progress): void => {
  process.stderr.write(`\r\u001B[K${progressLine(progress)}`)
  if (progress.done === progress.of) process.stderr.write("\r\u001B[K")
}

/** Without a terminal, a line at the start of each phase and then one every so often. */
const progressMillis = 15_000

const makeShowInLog = (): ((progress: Progress) => void) => {
  let phase = ""
  let last = 0
  return (progress) => {
    const now = performance.now()
    if (progress.phase === phase && now - last < progressMillis) return
    phase = progress.phase
    last = now
    process.stderr.write(`${progressLine(progress)}\n`)
  }
}

export const makeShowProgress = (): ((progress: Progress) => void) =>
  process.stderr.isTTY ? showOnTerminal : makeShowInLog()
