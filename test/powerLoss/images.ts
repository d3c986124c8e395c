/** Every disk that a power loss may leave behind a recorded program: at each instant, with and without each unsynced change. */
import { createHash } from "node:crypto"
import { basename } from "node:path"
import { numbersFrom } from "../histories/weather.ts"
import { imageOf, makeDisk } from "./disk.ts"
import type { Disk, Edit, Fate, Image } from "./disk.ts"
import type { FileEvent } from "./recording.ts"

/** The syncs that count: all, none, or all except those of the write-ahead log. */
export type Control = "none" | "noSyncs" | "noLogSyncs"

export interface Loss {
  /** The number of recorded events before the loss. */
  readonly at: number
  readonly image: Image
}

export interface Drawing {
  readonly seed: number
  /** The number of drawn disks for an instant with too many combinations. */
  readonly draws: number
  readonly control: Control
}

const sectorBytes = 512

/** With up to this many edits every combination is used; otherwise combinations are drawn. */
const countedMax = 4

const sectorsOf = (edit: Edit, random: () => number): ReadonlyArray<Edit> => {
  if (edit.kind === "truncate") return [edit]
  const starts = Array.from({ length: Math.ceil(edit.bytes.length / sectorBytes) }, (_, at) => at * sectorBytes)
  return starts
    .filter(() => random() < 0.5)
    .map((start) => ({ ...edit, at: edit.at + start, bytes: edit.bytes.subarray(start, start + sectorBytes) }))
}

/** Keeps some of the edits, some of them in part. */
const drawn = (random: () => number): Fate => {
  const share = random()
  return {
    entries: (unsynced) => Math.floor(random() * (unsynced + 1)),
    edit: (edit) => {
      if (random() < 0.2) return sectorsOf(edit, random)
      return random() < share ? [edit] : []
    }
  }
}

/** The choices of this number: each edit takes one binary digit, and each directory the remainder. */
const counted = (number: number, entries: (unsynced: number) => number): Fate => {
  let left = number
  return {
    entries,
    edit: (edit) => {
      const isThere = left % 2 === 1
      left = Math.floor(left / 2)
      return isThere ? [edit] : []
    }
  }
}

const nothing: Fate = { entries: () => 0, edit: () => [] }
const everything: Fate = { entries: (unsynced) => unsynced, edit: (edit) => [edit] }

const unsyncedIn = ({ things }: Disk): number =>
  things.reduce((sum, { edits, editsSynced, isDirectory }) => sum + (isDirectory ? 0 : edits.length - editsSynced), 0)

const fatesOf = (disk: Disk, random: () => number, draws: number): ReadonlyArray<Fate> => {
  const unsynced = unsyncedIn(disk)
  const ways = unsynced > countedMax ? 0 : 2 ** unsynced
  return [
    nothing,
    everything,
    ...Array.from({ length: ways }, (_, number) => counted(number, nothing.entries)),
    ...Array.from({ length: ways }, (_, number) => counted(number, everything.entries)),
    ...Array.from({ length: draws }, () => drawn(random))
  ]
}

/** The acknowledgements of the service are read from the record and are not on the disk. */
const isTold = (path: string): boolean => basename(path) === "acks"

const droppedSyncs = (fileEvents: ReadonlyArray<FileEvent>, control: Control): ReadonlySet<string> => {
  const names = new Map<number, string>()
  const dropped = new Set<string>()
  for (const fileEvent of fileEvents) {
    if (fileEvent.kind === "open") names.set(fileEvent.file, fileEvent.path)
    if (fileEvent.kind !== "sync" || control === "none") continue
    if (control === "noSyncs" || names.get(fileEvent.file)?.endsWith("-wal") === true) dropped.add(fileEvent.sync)
  }
  return dropped
}

const digestOf = (image: Image): string => {
  const hash = createHash("sha256")
  for (const [path, bytes] of image) hash.update(`${path} ${bytes?.length ?? "directory"}\n`).update(bytes ?? "")
  return hash.digest("hex")
}

/** The writes that contain acknowledgements. */
const tellingIn = (fileEvents: ReadonlyArray<FileEvent>): ReadonlySet<FileEvent> => {
  const files = new Set<number>()
  const telling = new Set<FileEvent>()
  for (const fileEvent of fileEvents) {
    if (fileEvent.kind === "open") {
      if (isTold(fileEvent.path)) files.add(fileEvent.file)
      else files.delete(fileEvent.file)
    }
    if (fileEvent.kind === "write" && files.has(fileEvent.file)) telling.add(fileEvent)
  }
  return telling
}

/** The acknowledgements of the service before an event of the record. */
export const toldAt = (fileEvents: ReadonlyArray<FileEvent>, at: number): string => {
  const telling = tellingIn(fileEvents)
  return fileEvents
    .slice(0, at)
    .flatMap((fileEvent) => (fileEvent.kind === "write" && telling.has(fileEvent) ? [fileEvent.bytes] : []))
    .map((bytes) => Buffer.from(bytes).toString())
    .join("")
}

/** Each disk once for the same acknowledgements. */
export function* lossesOf(
  root: string,
  fileEvents: ReadonlyArray<FileEvent>,
  { seed, draws, control }: Drawing
): Generator<Loss> {
  const random = numbersFrom(seed)
  const dropped = droppedSyncs(fileEvents, control)
  const disk = makeDisk(root)
  const seen = new Set<string>()
  const telling = tellingIn(fileEvents)
  for (const [before, fileEvent] of fileEvents.entries()) {
    if (fileEvent.kind !== "synced" || !dropped.has(fileEvent.sync)) disk.happen(fileEvent)
    if (telling.has(fileEvent)) seen.clear()
    if (fileEvent.kind === "open" || fileEvent.kind === "close" || fileEvent.kind === "sync") continue
    for (const fate of fatesOf(disk, random, draws)) {
      const image = new Map([...imageOf(disk, fate)].filter(([path]) => !isTold(path)))
      const digest = digestOf(image)
      if (seen.has(digest)) continue
      seen.add(digest)
      yield { at: before + 1, image }
    }
  }
}
