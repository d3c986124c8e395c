/** A simulated disk after a power loss: synced data is present, and only some of the rest. */
// Of the writes to a file that were not synced any may be there, whole or in sectors. Of the changes of a directory that were
// not synced the first so many are there, in their order.
import { basename, dirname } from "node:path"
import type { FileEvent } from "./recording.ts"

/** One change of a file's bytes. */
export type Edit =
  | { readonly kind: "write"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly length: number }

/** A file or a directory. It may have several names. */
export interface Thing {
  readonly id: number
  readonly edits: Array<Edit>
  /** The number of edits that are certainly on the disk; more may be. */
  editsSynced: number
  /** For a directory: the changes of its names. */
  readonly entries: Array<Entry>
  entriesSynced: number
  readonly isDirectory: boolean
}

interface Entry {
  readonly removes: string | undefined
  readonly adds: { readonly name: string; readonly thing: Thing } | undefined
}

export interface Disk {
  readonly root: Thing
  readonly things: ReadonlyArray<Thing>
  /** Performs one event of the disk. */
  readonly happen: (fileEvent: FileEvent) => void
}

interface State {
  readonly things: Array<Thing>
  readonly rootPath: string
  readonly root: Thing
  /** By path, as running programs see it. */
  readonly seen: Map<string, Thing>
  readonly open: Map<number, Thing>
  readonly syncs: Map<string, { readonly thing: Thing; readonly edits: number; readonly entries: number }>
}

const newThing = (things: Array<Thing>, isDirectory: boolean): Thing => {
  const thing = { id: things.length, edits: [], editsSynced: 0, entries: [], entriesSynced: 0, isDirectory }
  things.push(thing)
  return thing
}

const parentOf = ({ rootPath, root, seen }: State, path: string): Thing => {
  const above = dirname(path)
  const found = above === rootPath ? root : seen.get(above)
  if (found === undefined) throw new Error(`${path} is in no directory that was recorded`)
  return found
}

const add = (state: State, path: string, thing: Thing): void => {
  state.seen.set(path, thing)
  parentOf(state, path).entries.push({ removes: undefined, adds: { name: basename(path), thing } })
}

const remove = (state: State, path: string): void => {
  state.seen.delete(path)
  parentOf(state, path).entries.push({ removes: basename(path), adds: undefined })
}

const thingAt = ({ rootPath, root, seen }: State, path: string): Thing => {
  const found = path === rootPath ? root : seen.get(path)
  if (found === undefined) throw new Error(`${path} was not recorded`)
  return found
}

const rename = (state: State, from: string, path: string): void => {
  const thing = thingAt(state, from)
  if (dirname(from) !== dirname(path)) {
    add(state, path, thing)
    return remove(state, from)
  }
  state.seen.delete(from)
  state.seen.set(path, thing)
  parentOf(state, path).entries.push({ removes: basename(from), adds: { name: basename(path), thing } })
}

const openedAs = ({ open }: State, file: number): Thing => {
  const found = open.get(file)
  if (found === undefined) throw new Error(`file ${file} is not open`)
  return found
}

const openFile = (state: State, { cuts, file, path }: Extract<FileEvent, { kind: "open" }>): void => {
  const known = path === state.rootPath ? state.root : state.seen.get(path)
  const thing = known ?? newThing(state.things, false)
  if (known === undefined) add(state, path, thing)
  if (cuts) thing.edits.push({ kind: "truncate", length: 0 })
  state.open.set(file, thing)
}

const happen = (state: State, fileEvent: FileEvent): void => {
  switch (fileEvent.kind) {
    case "open":
      return openFile(state, fileEvent)
    case "close":
      return void state.open.delete(fileEvent.file)
    case "write":
    case "truncate":
      return void openedAs(state, fileEvent.file).edits.push(fileEvent)
    case "sync": {
      const thing = openedAs(state, fileEvent.file)
      state.syncs.set(fileEvent.sync, { thing, edits: thing.edits.length, entries: thing.entries.length })
      return undefined
    }
    case "synced": {
      const sync = state.syncs.get(fileEvent.sync)
      if (sync === undefined) return undefined
      sync.thing.editsSynced = Math.max(sync.thing.editsSynced, sync.edits)
      sync.thing.entriesSynced = Math.max(sync.thing.entriesSynced, sync.entries)
      return undefined
    }
    case "mkdir":
      return add(state, fileEvent.path, newThing(state.things, true))
    case "rmdir":
    case "unlink":
      return remove(state, fileEvent.path)
    case "link":
      return add(state, fileEvent.path, thingAt(state, fileEvent.from))
    case "rename":
      return rename(state, fileEvent.from, fileEvent.path)
    default:
      return fileEvent satisfies never
  }
}

/** An empty disk. `rootPath` is the recorded directory. */
export const makeDisk = (rootPath: string): Disk => {
  const things: Array<Thing> = []
  const root = newThing(things, true)
  const state: State = { things, rootPath, root, seen: new Map(), open: new Map(), syncs: new Map() }
  return { root, things, happen: (fileEvent) => happen(state, fileEvent) }
}

/** Decides which unsynced changes are on the disk. */
export interface Fate {
  /** How many of this number of unsynced changes of a directory are on the disk. */
  readonly entries: (unsynced: number) => number
  /** The part of an unsynced edit that is on the disk: all, nothing, or some of its sectors. */
  readonly edit: (edit: Edit) => ReadonlyArray<Edit>
}

/** The content of every file, by its path below the root. Directories have none. */
export type Image = ReadonlyMap<string, Uint8Array | undefined>

const bytesOf = (thing: Thing, fate: Fate): Uint8Array => {
  const edits = thing.edits.flatMap((edit, at) => (at < thing.editsSynced ? [edit] : fate.edit(edit)))
  let content = Buffer.alloc(0)
  let length = 0
  for (const edit of edits) {
    const end = edit.kind === "write" ? edit.at + edit.bytes.length : edit.length
    if (end > content.length)
      content = Buffer.concat([content, Buffer.alloc(Math.max(end - content.length, content.length))])
    if (edit.kind === "write") {
      content.set(edit.bytes, edit.at)
      length = Math.max(length, end)
    } else {
      content.fill(0, Math.min(end, length))
      length = end
    }
  }
  return content.subarray(0, length)
}

const namesOf = ({ entries, entriesSynced }: Thing, fate: Fate): ReadonlyMap<string, Thing> => {
  const names = new Map<string, Thing>()
  const there = entriesSynced + fate.entries(entries.length - entriesSynced)
  for (const { adds, removes } of entries.slice(0, there)) {
    if (removes !== undefined) names.delete(removes)
    if (adds !== undefined) names.set(adds.name, adds.thing)
  }
  return names
}

/** The disk after a power loss. A file with two names has one content. */
export const imageOf = ({ root }: Disk, fate: Fate): Image => {
  const image = new Map<string, Uint8Array | undefined>()
  const contents = new Map<Thing, Uint8Array>()
  const walk = (directory: Thing, path: string): void => {
    for (const [name, thing] of namesOf(directory, fate)) {
      const below = path === "" ? name : `${path}/${name}`
      if (thing.isDirectory) {
        image.set(below, undefined)
        walk(thing, below)
        continue
      }
      const content = contents.get(thing) ?? bytesOf(thing, fate)
      contents.set(thing, content)
      image.set(below, content)
    }
  }
  walk(root, "")
  return image
}
