/** Parses the bytes of a backup to rows. Content that is not an exact backup is refused, at its end at the latest. */
import { createHash } from "node:crypto"
import type { Hash } from "node:crypto"
import { Effect, Stream } from "effect"
import type { TableName } from "../records/storedRows.ts"
import { pageOf, placeOf } from "../store/transfer.ts"
import type { Page, Rows } from "../store/transfer.ts"
import { BackupUnusable, endText, formatName, formatVersion, readRow } from "./backupFormat.ts"
import { counted } from "./transferRows.ts"
import type { RowCounts } from "./transferRows.ts"

/** The limit of the first line's length. */
const headerBytesMax = 4096
/** The limit of a row's length: Node's longest text has about twice as many characters. */
const lineBytesMax = 256 * 1024 * 1024

const newline = 0x0a

const damaged = (what: string): BackupUnusable =>
  new BackupUnusable({ message: `The backup is damaged: ${what}. Nothing was written; use another backup.` })

const notOurs = new BackupUnusable({ message: "This is not a backup of Keystate." })

const utf8 = new TextDecoder("utf-8", { fatal: true })

const parsed = (line: Uint8Array): unknown => {
  try {
    return JSON.parse(utf8.decode(line))
  } catch {
    return undefined
  }
}

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined

const assertHeader = (header: unknown): void => {
  if (member(header, "format") !== formatName) throw notOurs
  const version = member(header, "version")
  if (version === formatVersion) return
  const written = typeof version === "number" ? `format ${version}` : "an unknown format"
  throw new BackupUnusable({
    message: `The backup has ${written}, and this program reads format ${formatVersion}. Use the version that wrote it.`
  })
}

interface Row {
  readonly table: TableName
  readonly row: object
}

/** The state of the parser. */
interface Reading {
  readonly hash: Hash
  /** The beginning of an incomplete line. */
  rest: Buffer
  lines: number
  /** When the rows were read, according to the first line. */
  made: string
  counts: RowCounts
  /** The position of the current table in the order of transfer. */
  place: number
  /** The last line, after it was read. */
  end: string | undefined
}

/** A line with its newline: returns a row, or undefined for the first and the last line. */
const readLine = (reading: Reading, bytes: Buffer): Row | undefined => {
  if (reading.end !== undefined) throw damaged("there is data after its end")
  reading.lines++
  const text = bytes.subarray(0, -1)
  const value = parsed(text)
  if (reading.lines === 1) {
    assertHeader(value)
    reading.made = String(member(value, "made"))
    reading.hash.update(bytes)
    return undefined
  }
  if (member(value, "end") === true) {
    reading.end = text.toString("utf8")
    return undefined
  }
  const found = readRow(value)
  if (found === undefined) throw damaged(`line ${reading.lines} is not a row`)
  if (placeOf(found.table) < reading.place) throw damaged(`line ${reading.lines} is out of order`)
  reading.place = placeOf(found.table)
  reading.hash.update(bytes)
  return found
}

const assertLength = ({ lines, rest }: Reading): void => {
  if (lines === 0 && rest.length > headerBytesMax) throw notOurs
  if (rest.length > lineBytesMax) throw damaged("a line is longer than any row")
}

/** The rows that this part of the bytes completes. */
const take = (reading: Reading, part: Uint8Array): ReadonlyArray<Page> => {
  const bytes = Buffer.concat([reading.rest, part])
  const pages: Array<{ readonly table: TableName; readonly rows: Array<object> }> = []
  let at = 0
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, at)) {
    const found = readLine(reading, bytes.subarray(at, end + 1))
    const page = pages.at(-1)
    if (found !== undefined && page?.table === found.table) page.rows.push(found.row)
    else if (found !== undefined) pages.push({ table: found.table, rows: [found.row] })
    at = end + 1
  }
  reading.rest = bytes.subarray(at)
  assertLength(reading)
  // Each row was checked against the columns of its table.
  const read = pages.map(({ table, rows }) => pageOf(table, rows as never))
  for (const page of read) reading.counts = counted(reading.counts, page)
  return read
}

/** The last line must match the lines before it exactly. */
const assertWhole = ({ lines, rest, end, counts, hash }: Reading): void => {
  if (lines === 0) throw notOurs
  if (end === undefined || rest.length > 0) throw damaged("its end is missing")
  if (end !== endText(counts, hash.digest("hex"))) throw damaged("its checksum is wrong")
}

const attempt = <A>(work: () => A): Effect.Effect<A, BackupUnusable> =>
  Effect.try({
    try: work,
    catch: (fault) => (fault instanceof BackupUnusable ? fault : damaged(String(fault)))
  })

/**
 * The rows of a backup. The stream fails unless the whole backup is unaltered. At the end, `done` receives the time of
 * the backup.
 */
export const rowsOfBackup = <E>(
  bytes: Stream.Stream<Uint8Array, E>,
  done: (made: string) => void = () => undefined
): Rows<E | BackupUnusable> =>
  Stream.suspend(() => {
    const reading: Reading = {
      hash: createHash("sha256"),
      rest: Buffer.alloc(0),
      lines: 0,
      made: "",
      counts: {},
      place: 0,
      end: undefined
    }
    const pages = bytes.pipe(
      Stream.mapEffect((part) => attempt(() => take(reading, part))),
      Stream.flatMap((found) => Stream.fromIterable(found))
    )
    const end: Rows<BackupUnusable> = Stream.fromEffectDrain(
      attempt(() => {
        assertWhole(reading)
        done(reading.made)
      })
    )
    return Stream.concat(pages, end)
  })
