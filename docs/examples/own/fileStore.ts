/**
 * A store made outside Keystate: an append-only file of JSON lines, one line a plan, with every row in memory as well. It
 * uses published names only. `createKms({ store: fileStore("./keys.log"), rootKey })`
 *
 * A line is durable before its plan is acknowledged. A torn last line was never acknowledged and is dropped at the next
 * start. The ability `scrub` rewrites the file, so that no old line keeps erased material.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { Effect, Layer } from "effect"
import {
  auditBeginning,
  Driver,
  execute,
  makeTables,
  portableHash,
  segmentAfter,
  StoreConflict,
  StoreUnavailable,
  StoreUnusable
} from "keystate/store"
import type { AuditEnd, Plan, StoreDriver, Tables, Write } from "keystate/store"

/** JSON has no bytes: they are written as `{"$bytes": "<Base64>"}`. */
const toText = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    member instanceof Uint8Array ? { $bytes: Buffer.from(member).toString("base64") } : member
  )

const isBytes = (value: unknown): value is { readonly $bytes: string } =>
  typeof value === "object" && value !== null && "$bytes" in value

const fromText = (text: string): unknown =>
  JSON.parse(text, (_name, member: unknown) =>
    isBytes(member) ? new Uint8Array(Buffer.from(member.$bytes, "base64")) : member
  )

/** The writes of a line. Only this program writes the file, and the hash of the line was compared. */
const writesIn = (text: string): ReadonlyArray<Write> => fromText(text) as ReadonlyArray<Write>

/** A line: the SHA-256 of a text, a space, the text. */
const lineOf = (writes: ReadonlyArray<Write>): string => {
  const text = toText(writes)
  return `${portableHash(text)} ${text}\n`
}

const hashCharacters = 64

/** The text of a line; undefined for a line that is torn or damaged. */
const textOf = (line: string): string | undefined => {
  const text = line.slice(hashCharacters + 1)
  return line.slice(0, hashCharacters) === portableHash(text) ? text : undefined
}

const reasons: Readonly<Record<string, StoreUnavailable["reason"]>> = {
  ENOSPC: "DiskFull",
  EDQUOT: "QuotaExceeded",
  EFBIG: "FileTooLarge",
  EROFS: "ReadOnly"
}

const codeOf = (failure: unknown): string =>
  failure instanceof Error && "code" in failure ? String(failure.code) : "unknown"

const unavailable = (path: string, failure: unknown): StoreUnavailable =>
  new StoreUnavailable({
    reason: reasons[codeOf(failure)] ?? "Unreachable",
    message: `${path} cannot be written: ${codeOf(failure)}.`
  })

/** How a text reaches the file. The check of this store gives one that fails. */
export interface Disk {
  /** Writes at the end of the file, and returns once the text is durable. */
  readonly append: (file: number, text: string) => void
}

interface Opened {
  readonly path: string
  readonly disk: Disk
  readonly tables: Tables
  file: number
  /** Length of the file up to its last whole line. */
  bytes: number
  end: AuditEnd
  /** Set when the store is closed, or when it is not known what the file holds. Nothing is read or written after that. */
  broken: StoreUnavailable | undefined
}

const apply = (store: Opened, writes: ReadonlyArray<Write>): void => {
  for (const write of writes) {
    store.tables.rows.write(write)
    if (write.op === "put" && write.table === "audit") store.end = write.row
  }
}

/** Reads every whole line again and cuts off a torn last one. A damaged line before the last is refused. */
const replay = (store: Opened): void => {
  const lines = readFileSync(store.path, "utf8").split("\n")
  const texts = lines.map(textOf)
  const whole = texts.findIndex((text) => text === undefined)
  if (texts.slice(whole + 1).some((text) => text !== undefined)) {
    throw new StoreUnusable({ message: `Line ${whole + 1} of ${store.path} is damaged. Restore the file from a backup.` })
  }
  for (const text of texts.slice(0, whole)) if (text !== undefined) apply(store, writesIn(text))
  store.bytes = lines.slice(0, whole).reduce((bytes, line) => bytes + Buffer.byteLength(line) + 1, 0)
  ftruncateSync(store.file, store.bytes)
}

const syncFolder = (path: string): void => {
  const folder = openSync(dirname(path), "r")
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

const writeWhole = (file: number, text: string): void => {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
  fsyncSync(file)
}

const realDisk: Disk = { append: writeWhole }

/** Appends a line. If it fails, the file is as it was; if even that is not certain, the store is broken. */
const append = (store: Opened, line: string): void => {
  try {
    store.disk.append(store.file, line)
    store.bytes += Buffer.byteLength(line)
  } catch (failure) {
    const reason = unavailable(store.path, failure)
    try {
      ftruncateSync(store.file, store.bytes)
      fsyncSync(store.file)
    } catch {
      store.broken = new StoreUnavailable({ ...reason, outcome: "Unknown" })
    }
    throw store.broken ?? reason
  }
}

/** The lines of plans, without the material that a later plan erased. Material that was imported after that stays. */
const withoutErased = (plans: ReadonlyArray<ReadonlyArray<Write>>): string => {
  const erased = new Set<string>()
  const lines: Array<string> = []
  for (const writes of plans.toReversed()) {
    const kept = writes.map((write) =>
      write.op === "put" && write.table === "versions" && erased.has(write.row.keyId)
        ? { ...write, row: { ...write.row, sealed: null, publicKey: null } }
        : write
    )
    for (const write of writes) if (write.op === "erase") erased.add(write.keyId)
    lines.push(lineOf(kept))
  }
  return lines.toReversed().join("")
}

/** Replaces the file by one without erased material. A crash leaves the old file or the new one. */
const rewrite = (store: Opened): void => {
  const lines = readFileSync(store.path, "utf8").split("\n").slice(0, -1)
  const text = withoutErased(lines.map((line) => writesIn(textOf(line) ?? "[]")))
  const beside = `${store.path}.new`
  const file = openSync(beside, "w", 0o600)
  store.disk.append(file, text)
  closeSync(file)
  renameSync(beside, store.path)
  syncFolder(store.path)
  closeSync(store.file)
  store.file = openSync(store.path, "a", 0o600)
  store.bytes = Buffer.byteLength(text)
}

/** What a plan changes here, once all of its checks hold: its writes, and the segment of its audit lines. */
const decided = (store: Opened, plan: Plan): ReadonlyArray<Write> => {
  const conflict = execute({ ...store.tables.rows, write: () => undefined }, plan)
  if (conflict !== undefined) throw new StoreConflict(conflict)
  if (plan.lines.length === 0) return plan.writes
  const row = segmentAfter(store.end, plan.lines, portableHash)
  return [...plan.writes, { op: "put", table: "audit", row }]
}

const commit = (store: Opened, plan: Plan): void => {
  const writes = decided(store, plan)
  append(store, lineOf(writes))
  apply(store, writes)
}

/** Runs a step of the store. What it throws is a typed failure, never a defect. */
const attempt = <A>(store: Opened, step: () => A): Effect.Effect<A, StoreConflict | StoreUnavailable> =>
  Effect.try({
    try: () => {
      if (store.broken !== undefined) throw store.broken
      return step()
    },
    catch: (failure) =>
      failure instanceof StoreConflict || failure instanceof StoreUnavailable
        ? failure
        : unavailable(store.path, failure)
  })

/** A read that conflicts would be a bug of this store. */
const read = <A>(store: Opened, step: () => A): Effect.Effect<A, StoreUnavailable> =>
  Effect.catchTag(attempt(store, step), "StoreConflict", (conflict) => Effect.die(conflict))

const driverOf = (store: Opened): StoreDriver => ({
  get: (table, id) => read(store, () => store.tables.get(table, id)),
  scan: (scan) => read(store, () => store.tables.scan(scan)),
  count: (range) => read(store, () => store.tables.count(range)),
  commit: (plan) => attempt(store, () => commit(store, plan)),
  // The engine asks for it after each erasure, and asks again until it succeeds.
  abilities: { scrub: read(store, () => rewrite(store)) }
})

/** One process at a time: the lock file is made with the store and removed with it. */
const open = (path: string, disk: Disk): Opened => {
  closeSync(openSync(`${path}.lock`, "wx"))
  rmSync(`${path}.new`, { force: true })
  const store: Opened = {
    path,
    disk,
    tables: makeTables(),
    file: openSync(path, "a", 0o600),
    bytes: 0,
    end: auditBeginning,
    broken: undefined
  }
  replay(store)
  syncFolder(path)
  return store
}

const unusable = (path: string, failure: unknown): StoreUnusable => {
  if (failure instanceof StoreUnusable) return failure
  const why =
    codeOf(failure) === "EEXIST"
      ? `${path}.lock exists: another process has the store. If none has, remove that file.`
      : `${path} cannot be opened: ${codeOf(failure)}.`
  return new StoreUnusable({ message: why })
}

const close = (store: Opened): void => {
  store.broken = new StoreUnavailable({ reason: "Closed", message: `${store.path} is closed.` })
  closeSync(store.file)
  rmSync(`${store.path}.lock`, { force: true })
}

/** The store in a file. A missing file is created. */
export const fileStore = (path: string, disk: Disk = realDisk): Layer.Layer<Driver, StoreUnusable> =>
  Layer.effect(
    Driver,
    Effect.map(
      Effect.acquireRelease(
        Effect.try({ try: () => open(path, disk), catch: (failure) => unusable(path, failure) }),
        (store) => Effect.sync(() => close(store))
      ),
      driverOf
    )
  )
