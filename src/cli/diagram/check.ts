/** `keystate diagram check` and `update`: keep the drawings in Markdown files up to date. */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { embeddedIn, withBodies } from "../../visualizer/embedded.ts"
import type { Embedded } from "../../visualizer/embedded.ts"
import { made } from "./made.ts"
import { makeDirectory, writeWhole } from "../../platform/durableFiles.ts"
import { ending } from "../output/ending.ts"
import type { Shapes } from "../output/shapes.ts"
import { print } from "../output/print.ts"
import { userError } from "../output/userError.ts"

const file = Argument.String("file").pipe(Argument.withDescription("Markdown file with drawings"))

interface Fresh {
  readonly embedded: Embedded
  readonly content: Uint8Array
  readonly isStale: boolean
}

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b)

/** File names are relative to the Markdown file, like its links. */
const beside = (path: string, output: string): string => join(dirname(path), output)

const fresh = Effect.fnUntraced(function* (path: string) {
  const text = yield* Effect.try({
    try: () => readFileSync(path, "utf8"),
    catch: () => userError(`${path} cannot be read.`)
  })
  const found = embeddedIn(text)
  if (found.length === 0) {
    return yield* userError(`${path} has no drawings. A drawing follows a line <!-- keystate diagram … -->.`)
  }
  const drawings = yield* Effect.forEach(found, (embedded) =>
    Effect.gen(function* () {
      if ("message" in embedded) return yield* userError(`${path}:${embedded.line}: ${embedded.message}`)
      const { asked, body } = embedded
      const { content } = yield* made(asked).pipe(
        Effect.mapError(({ message }) => userError(`${path}:${embedded.line}: ${message}`))
      )
      const bytes = bytesOf(content)
      const there =
        body === undefined ? stored(beside(path, asked.output ?? "")) : bytesOf(text.slice(body.from, body.to))
      return { embedded, content: bytes, isStale: there === undefined || !isSame(there, bytes) } satisfies Fresh
    })
  )
  return { text, drawings }
})

const stored = (path: string): Uint8Array | undefined => (existsSync(path) ? readFileSync(path) : undefined)

export const check = Command.make("check", { file }, (settings) =>
  Effect.gen(function* () {
    const { drawings } = yield* fresh(settings.file)
    const stale = drawings.filter(({ isStale }) => isStale)
    const sentence = `${settings.file}: ${drawings.length} drawings, ${stale.length === 0 ? "all up to date" : `${stale.length} out of date`}.`
    yield* print("diagram check", { ...reported(settings.file, drawings), table: () => [sentence] })
    if (stale.length === 0) return
    const places = stale.map(({ embedded }) => `${settings.file}:${embedded.line}: ${what(embedded)} is out of date.`)
    return yield* ending(2, `${places.join("\n")}\nRun: keystate diagram update ${settings.file}`)
  })
).pipe(Command.withDescription("Fail with exit code 2 if a drawing in a Markdown file is out of date"))

const what = ({ asked }: Embedded): string => asked.output ?? `the ${asked.format ?? "mermaid"} block below`

const reported = (path: string, drawings: ReadonlyArray<Fresh>) => ({
  value: {
    file: path,
    drawings: drawings.map(({ embedded, isStale }) => ({
      line: embedded.line,
      drawing: embedded.asked.output ?? embedded.asked.format ?? "mermaid",
      isStale
    }))
  },
  normally: "table" as const,
  items: ({ drawings: items }: Shapes["diagram check"]) => items
})

export const update = Command.make("update", { file }, (settings) =>
  Effect.gen(function* () {
    const { text, drawings } = yield* fresh(settings.file)
    const stale = drawings.filter(({ isStale }) => isStale)
    for (const { embedded, content } of stale) {
      if (embedded.asked.output === undefined) continue
      const path = beside(settings.file, embedded.asked.output)
      makeDirectory(dirname(path), 0o777)
      writeWhole(path, content)
    }
    const bodies = stale.flatMap(({ embedded: { body }, content }) =>
      body === undefined ? [] : [{ ...body, text: new TextDecoder().decode(content) }]
    )
    if (bodies.length > 0) writeWhole(settings.file, withBodies(text, bodies))
    const sentence = `${settings.file}: ${stale.length} of ${drawings.length} drawings updated.`
    yield* print("diagram update", { ...reported(settings.file, drawings), table: () => [sentence] })
  })
).pipe(Command.withDescription("Update the drawings in a Markdown file that are out of date"))
