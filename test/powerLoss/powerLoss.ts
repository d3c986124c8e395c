/** Records a service, a backup and the writing of a file, and opens the disks that a power loss may leave. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { programOf, commandFile } from "../programs.ts"
import { lossesOf, toldAt } from "./images.ts"
import type { Drawing, Loss } from "./images.ts"
import { imageOf, makeDisk } from "./disk.ts"
import type { Fate, Image } from "./disk.ts"
import { brokenIn, promisesIn } from "./promises.ts"
import { makeRecorder } from "./recording.ts"
import type { FileEvent } from "./recording.ts"

/** A file that must have one of its contents, and may be absent only before its acknowledgement. */
interface WholeFile {
  readonly path: string
  readonly contents: ReadonlyArray<Uint8Array>
  /** After this number of events, only the last `count` contents are right. */
  readonly promised: ReadonlyArray<{ readonly after: number; readonly from: number }>
}

export interface Recording {
  readonly root: string
  readonly fileEvents: ReadonlyArray<FileEvent>
  readonly files: ReadonlyArray<WholeFile>
}

const command = await commandFile()

const [old, anew] = [Buffer.from("old".repeat(100_000)), Buffer.from("new".repeat(100_000))]

const everything: Fate = { entries: (unsynced) => unsynced, edit: (edit) => [edit] }

/** The disk without a power loss. */
const wholeImage = (root: string, fileEvents: ReadonlyArray<FileEvent>): Image => {
  const disk = makeDisk(root)
  for (const fileEvent of fileEvents) disk.happen(fileEvent)
  return imageOf(disk, everything)
}

/** A call that the recorder does not know would make the directory differ from the record. */
const assertComplete = (root: string, fileEvents: ReadonlyArray<FileEvent>): void => {
  const image = wholeImage(root, fileEvents)
  const there = readdirSync(root, { recursive: true, encoding: "utf8" })
  const other = [...image.keys()].filter((path) => !there.includes(path))
  const missed = there.filter((path) => {
    const bytes = image.get(path)
    if (statSync(join(root, path)).isDirectory()) return !image.has(path) || bytes !== undefined
    return bytes === undefined || Buffer.compare(bytes, readFileSync(join(root, path))) !== 0
  })
  const wrong = [...other, ...missed]
  if (wrong.length > 0) throw new Error(`the record is not what happened to ${wrong.join(", ")}`)
}

const contentOf = (root: string, fileEvents: ReadonlyArray<FileEvent>, path: string): Uint8Array => {
  const content = wholeImage(root, fileEvents).get(path)
  if (content === undefined) throw new Error(`${path} was not recorded`)
  return content
}

/** Records `lives` times three keys; `withCommands` also records a backup and the writing of a file. */
export const record = async (lives: number, withCommands: boolean): Promise<Recording> => {
  const recorder = makeRecorder()
  const { root, run } = recorder
  try {
    const [service, writer] = [await programOf("recordedService"), await programOf("fileWriter")]
    run(service, root, String(lives))
    if (!withCommands) {
      const fileEvents = recorder.fileEvents()
      assertComplete(root, fileEvents)
      return { root, fileEvents, files: [] }
    }
    run(command, "backup", "--data", join(root, "data"), "-o", join(root, "keystate.backup"))
    const backedUp = recorder.fileEvents().length
    run(writer, join(root, "page.svg"), "old")
    const written = recorder.fileEvents().length
    run(writer, join(root, "page.svg"), "new")
    const fileEvents = recorder.fileEvents()
    assertComplete(root, fileEvents)
    const backup = contentOf(root, fileEvents, "keystate.backup")
    return {
      root,
      fileEvents,
      files: [
        { path: "keystate.backup", contents: [backup], promised: [{ after: backedUp, from: 0 }] },
        {
          path: "page.svg",
          contents: [old, anew],
          promised: [
            { after: written, from: 0 },
            { after: fileEvents.length, from: 1 }
          ]
        }
      ]
    }
  } finally {
    recorder.remove()
  }
}

const fileFaults = ({ contents, path, promised }: WholeFile, { at, image }: Loss): ReadonlyArray<string> => {
  const found = image.get(path)
  const promise = promised.findLast(({ after }) => at >= after)
  if (found === undefined) return promise === undefined ? [] : [`${path} is gone`]
  const right = contents.slice(promise?.from ?? 0)
  return right.some((content) => Buffer.compare(content, found) === 0) ? [] : [`${path} is not whole`]
}

const lay = (folder: string, image: Image): void => {
  for (const [path, bytes] of image) {
    const place = join(folder, path)
    mkdirSync(bytes === undefined ? place : dirname(place), { recursive: true, mode: 0o700 })
    if (bytes !== undefined) writeFileSync(place, bytes, { mode: 0o600 })
  }
}

/** A folder in memory, if the system has one. */
const scratch = (): string => mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "keystate-image-"))

/** Opens the disk with the service. Returns the faults. */
export const faultsOf = async ({ files, fileEvents }: Recording, loss: Loss): Promise<ReadonlyArray<string>> => {
  const folder = scratch()
  try {
    lay(folder, new Map([...loss.image].filter(([path]) => path.startsWith("data"))))
    const faults = await brokenIn(join(folder, "data"), promisesIn(toldAt(fileEvents, loss.at)))
    return [...faults, ...files.flatMap((file) => fileFaults(file, loss))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const lossesIn = ({ fileEvents, root }: Recording, drawing: Drawing): Iterable<Loss> =>
  lossesOf(root, fileEvents, drawing)
