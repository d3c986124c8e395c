/** Every disk that a power loss may leave behind a recorded program: at each instant, with and without each unsynced change. */
import { createHash } from "node:crypto"
import { basename } from "node:path"
import { numbersFrom } from "../histories/weather.ts"
import { imageOf, makeDisk } from "./disk.ts"
import type { Disk, Edit, Fate, Image } from "./disk.ts"
import type { Happening } from "./recording.ts"

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

const droppedSyncs = (happenings: ReadonlyArray<Happening>, control: Control): ReadonlySet<string> => {
  const names = new Map<number, string>()
  const dropped = new Set<string>()
  for (const happening of happenings) {
    if (happening.kind === "open") names.set(happening.file, happening.path)
    if (happening.kind !== "sync" || control === "none") continue
    if (control === "noSyncs" || names.get(happening.file)?.endsWith("-wal") === true) dropped.add(happening.sync)
  }
  return dropped
}

const digestOf = (image: Image): string => {
  const hash = createHash("sha256")
  for (const [path, bytes] of image) hash.update(`${path} ${bytes?.length ?? "directory"}\n`).update(bytes ?? "")
  return hash.digest("hex")
}

/** The writes that contain acknowledgements. */
const tellingIn = (happenings: ReadonlyArray<Happening>): ReadonlySet<Happening> => {
  const files = new Set<number>()
  const telling = new Set<Happening>()
  for (const happening of happenings) {
    if (happening.kind === "open") {
      if (isTold(happening.path)) files.add(happening.file)
      else files.delete(happening.file)
    }
    if (happening.kind === "write" && files.has(happening.file)) telling.add(happening)
  }
  return telling
}

/** The acknowledgements of the service before an event of the record. */
export const toldAt = (happenings: ReadonlyArray<Happening>, at: number): string => {
  const telling = tellingIn(happenings)
  return happenings
    .slice(0, at)
    .flatMap((happening) => (happening.kind === "write" && telling.has(happening) ? [happening.bytes] : []))
    .map((bytes) => Buffer.from(bytes).toString())
    .join("")
}

/** Each disk once for the same acknowledgements. */
export function* lossesOf(
  root: string,
  happenings: ReadonlyArray<Happening>,
  { seed, draws, control }: Drawing
): Generator<Loss> {
  const random = numbersFrom(seed)
  const dropped = droppedSyncs(happenings, control)
  const disk = makeDisk(root)
  const seen = new Set<string>()
  const telling = tellingIn(happenings)
  for (const [before, happening] of happenings.entries()) {
    if (happening.kind !== "synced" || !dropped.has(happening.sync)) disk.happen(happening)
    if (telling.has(happening)) seen.clear()
    if (happening.kind === "open" || happening.kind === "close" || happening.kind === "sync") continue
    for (const fate of fatesOf(disk, random, draws)) {
      const image = new Map([...imageOf(disk, fate)].filter(([path]) => !isTold(path)))
      const digest = digestOf(image)
      if (seen.has(digest)) continue
      seen.add(digest)
      yield { at: before + 1, image }
    }
  }
}
