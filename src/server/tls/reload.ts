/** Loads new certificates without a restart: checks the files at intervals. */
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

/** The files of an identity. */
interface Watched {
  readonly files: TlsFiles
  /** The marks of the files just before they were read. */
  readonly marks: string
  /** The number of signals that requested a reload so far. */
  readonly timesAsked: () => number
}

/** Changes if a file is written or replaced. */
const markOf = (path: string | undefined): string => {
  if (path === undefined) return ""
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? "absent" : `${found.ino} ${found.mtimeMs} ${found.size}`
}

const marksOf = ({ certificate, key, clientAuthority }: TlsFiles): string =>
  [certificate, key, clientAuthority].map(markOf).join(", ")

/** Unusable files are not loaded: the server continues with the present ones and logs the reason. */
const reloaded = (files: TlsFiles, take: (identity: TlsIdentity) => void): Effect.Effect<void> =>
  Effect.try({
    try: () => take(readTlsFiles(files)),
    catch: (failure) => (failure instanceof Error ? failure.message : "unknown")
  }).pipe(
    Effect.andThen(Effect.logInfo(`the certificate ${files.certificate} was loaded again`)),
    Effect.catch((why) => Effect.logError(`the present certificate stays in use: ${why}`))
  )

/** Files that are read now, and again when they change. Throws `TlsUnusable`. */
export const watchedFiles = (files: TlsFiles, timesAsked: () => number): TlsSource => {
  const marks = marksOf(files)
  return { identity: readTlsFiles(files), watched: { files, marks, timesAsked } }
}

/** Reads the files again after they changed and then stayed the same for a second, or after a signal. */
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
