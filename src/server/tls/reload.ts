/** New certificates without a restart: the files are looked at again and again. */
import { statSync } from "node:fs"
import { Effect } from "effect"
import { readTlsFiles } from "./identity.ts"
import type { TlsFiles, TlsIdentity } from "./identity.ts"

const lookMillis = 1000

export interface TlsSource {
  readonly identity: TlsIdentity
  /** Undefined if the identity does not change while the server runs. */
  readonly watched?: Watched
}

/** The files that an identity was read from. */
interface Watched {
  readonly files: TlsFiles
  /** What marked the files just before they were read. */
  readonly marks: string
  /** How often a signal asked for a reload so far. */
  readonly timesAsked: () => number
}

/** Changes whenever a file is written or another one takes its place. */
const markOf = (path: string | undefined): string => {
  if (path === undefined) return ""
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? "absent" : `${found.ino} ${found.mtimeMs} ${found.size}`
}

const marksOf = ({ certificate, key, clientAuthority }: TlsFiles): string =>
  [certificate, key, clientAuthority].map(markOf).join(", ")

/** What cannot be used is not taken: the server goes on with what it has, and says so. */
const reloaded = (files: TlsFiles, take: (identity: TlsIdentity) => void): Effect.Effect<void> =>
  Effect.try({
    try: () => take(readTlsFiles(files)),
    catch: (failure) => (failure instanceof Error ? failure.message : "unknown")
  }).pipe(
    Effect.andThen(Effect.logInfo(`the certificate ${files.certificate} was read again`)),
    Effect.catch((why) => Effect.logError(`the certificate in use stays: ${why}`))
  )

/** Files that are read now, and again when they change. Throws `TlsUnusable`. */
export const watchedFiles = (files: TlsFiles, timesAsked: () => number): TlsSource => {
  const marks = marksOf(files)
  return { identity: readTlsFiles(files), watched: { files, marks, timesAsked } }
}

/** Reads the files again once they have changed and stayed as they are for a second, or once a signal asks for it. */
export const reloadWhenChanged = ({ watched }: TlsSource, take: (identity: TlsIdentity) => void): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (watched === undefined) return
    const { files, timesAsked } = watched
    let taken = watched.marks
    let seen = taken
    let asked = timesAsked()
    for (;;) {
      yield* Effect.sleep(lookMillis)
      const now = marksOf(files)
      const isAsked = timesAsked() !== asked
      const isChanged = now !== taken && now === seen
      seen = now
      if (!isAsked && !isChanged) continue
      asked = timesAsked()
      taken = now
      yield* reloaded(files, take)
    }
  })
