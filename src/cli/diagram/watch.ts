/** `keystate diagram --watch`: draws again when a source file beside the machine, or the history, changes. */
import { spawn } from "node:child_process"
import { existsSync, watch } from "node:fs"
import { isSea } from "node:sea"
import { basename, dirname, extname, resolve } from "node:path"
import { Effect, Option, Queue } from "effect"
import { note } from "../output/print.ts"
import { userError } from "../output/userError.ts"

/** Editors write a file in several steps; changes within this time count as one. */
const settleMillis = 100

const sources = new Set([".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json", ".ndjson"])

/** The words that start the command; empty for a single executable. */
const program = isSea() ? [] : [...process.execArgv, process.argv[1] ?? ""]

/** An imported module stays loaded, so each drawing runs in a new process. */
const drawOnce = (words: ReadonlyArray<string>) =>
  Effect.callback<void>((resume) => {
    const child = spawn(process.execPath, [...program, ...words], { stdio: "inherit" })
    child.once("close", () => resume(Effect.void))
    child.once("error", () => resume(Effect.void))
    return Effect.sync(() => child.kill())
  })

interface Followed {
  readonly machine: string
  readonly history: Option.Option<string>
  readonly output: Option.Option<string>
}

/** The file to watch. */
const fileOf = ({ machine, history }: Followed): string | undefined => {
  const file = Option.getOrElse(history, () => machine.split("#")[0] ?? "")
  return existsSync(file) ? resolve(file) : undefined
}

/** Draws now and after each change, until interrupted. */
export const follow = Effect.fn("diagram.follow")(function* (followed: Followed) {
  const file = fileOf(followed)
  if (file === undefined) return yield* userError("--watch needs a machine from a file, or --history.")
  const written = Option.match(followed.output, { onNone: () => "", onSome: (name) => basename(name) })
  const changes = yield* Queue.sliding<true>(1)
  yield* Effect.acquireRelease(
    Effect.try({
      try: () =>
        watch(dirname(file), (_kind, name) => {
          if (name === null || (sources.has(extname(name)) && name !== written)) Queue.offerUnsafe(changes, true)
        }),
      catch: () => userError(`The folder ${dirname(file)} cannot be watched.`)
    }),
    (watcher) => Effect.sync(() => watcher.close())
  )
  const words = process.argv.slice(2).filter((word) => word !== "--watch")
  yield* drawOnce(words)
  yield* note(`watching ${dirname(file)}. Press Ctrl-C to stop.`)
  return yield* Queue.take(changes).pipe(
    Effect.andThen(Effect.sleep(settleMillis)),
    Effect.andThen(drawOnce(words)),
    Effect.forever
  )
}, Effect.scoped)
