/** The tables as Maps, and the one function that writes a change into them: it checks everything before it writes. */
import type { CmkCommand } from "../../../machines/cmk.ts"
import { lineOf } from "../../records/auditLine.ts"
import { canonicalJson, chainEntry, chainLines, genesis } from "../../records/hashChain.ts"
import type { KeyId, Realm } from "../../domain/ids.ts"
import { assertCoherent, assertMayTakeMaterial, comesTooLate } from "../coherence.ts"
import { decodeCommand } from "../../records/schemas.ts"
import type { CommitConflict } from "../store.ts"
import type {
  AliasRow,
  Change,
  HashedEntry,
  ImportSessionRow,
  KeyRow,
  NonceBatch,
  OwedRow,
  RamName,
  RamRecord,
  Segment,
  VersionRow
} from "../../records/rows.ts"
import { entryOf, keyAfter, versionOf, wipe } from "./copies.ts"
import { makeDueList } from "./dueList.ts"
import type { DueList } from "./dueList.ts"

/** A key with all that belongs to it alone; arrays hold the oldest first. */
export interface KeptKey {
  /** 1 for the key made first. */
  readonly ordinal: number
  readonly row: KeyRow
  readonly events: Array<HashedEntry>
  readonly versions: ReadonlyArray<VersionRow>
}

export interface Tables {
  /** In the order of creation. */
  readonly keys: Map<KeyId, KeptKey>
  readonly dueList: DueList
  /** By event and command; see `owedName`. */
  readonly owed: Map<string, OwedRow>
  /** By realm and name; see `aliasPlace`. */
  readonly aliases: Map<string, AliasRow & { readonly realm: Realm }>
  readonly importSessions: Map<string, ImportSessionRow>
  /** Uses granted, by version. */
  readonly invocations: Map<string, number>
  /** By account, kind and name; see `ramPlace`. */
  readonly ram: Map<string, RamRecord>
  readonly audit: Array<Segment>
  nonces: ReadonlyArray<NonceBatch>
  readonly meta: Map<string, string>
}

export const makeTables = (): Tables => ({
  keys: new Map(),
  dueList: makeDueList(),
  owed: new Map(),
  aliases: new Map(),
  importSessions: new Map(),
  invocations: new Map(),
  ram: new Map(),
  audit: [],
  nonces: [],
  meta: new Map()
})

export const aliasPlace = ({ account, region }: Realm, aliasName: string): string => `${account} ${region} ${aliasName}`

export const ramPlace = ({ account, kind, name }: RamName): string => `${account} ${kind} ${name}`

export const owedName = (keyId: KeyId, seq: number, command: CmkCommand): string =>
  `${keyId} ${seq} ${canonicalJson(command)}`

export const appendSegment = (tables: Tables, lines: ReadonlyArray<string>): void => {
  if (lines.length === 0) return
  const previous = tables.audit.at(-1)?.hash ?? genesis
  const seq = tables.audit.length + 1
  const hash = chainLines(previous, lines)
  tables.audit.push(Object.freeze({ seq, lines: Object.freeze([...lines]), previous, hash }))
}

/** What came of a change: the new head hash, or what is not as the decision found it; nothing is written then. */
export type Applied = { readonly head: string } | { readonly conflict: CommitConflict["on"] }

export const applyChange = (tables: Tables, change: Change): Applied => {
  assertCoherent(change)
  const { keyId, realm } = change
  const known = tables.keys.get(keyId)
  if (comesTooLate(change, known?.row.snapshot.context.epoch)) return { conflict: "epoch" }
  const isAsFound = (change.aliases ?? []).every(
    ({ aliasName, from }) => (tables.aliases.get(aliasPlace(realm, aliasName))?.keyId ?? null) === from
  )
  if (!isAsFound) return { conflict: "alias" }
  const previous = known?.row.head ?? genesis
  const head = chainEntry(previous, change.entry)
  const row = keyAfter(change, head)
  const entry = entryOf(change, previous, head)
  const versions = versionsAfter(known?.versions ?? [], change)
  const owed = change.owed.map((command) => decodeCommand("an owed command", canonicalJson(command)))
  // Nothing below can fail.
  if (change.eraseMaterial) known?.versions.forEach(wipe)
  const events = known?.events ?? []
  events.push(entry)
  const ordinal = known?.ordinal ?? tables.keys.size + 1
  tables.keys.set(keyId, { ordinal, row, versions, events })
  tables.dueList.replace(keyId, ordinal, change.deadlines)
  for (const command of owed) tables.owed.set(owedName(keyId, entry.seq, command), { keyId, seq: entry.seq, command })
  moveAliases(tables, change)
  appendSegment(tables, [lineOf(change.audit)])
  return { head }
}

const versionsAfter = (known: ReadonlyArray<VersionRow>, change: Change): ReadonlyArray<VersionRow> => {
  const after = known.map((row) => (change.eraseMaterial ? { ...row, stored: undefined } : row))
  for (const added of change.newVersions) {
    const place = after.findIndex((row) => row.keyVersionId === added.keyVersionId)
    const there = after[place]
    if (there === undefined) {
      after.push(versionOf(added))
      continue
    }
    assertMayTakeMaterial(change)
    after[place] = { ...versionOf(added), createdAt: there.createdAt }
  }
  return after
}

const moveAliases = (tables: Tables, { keyId, realm, dropAliases, aliases }: Change): void => {
  if (dropAliases) {
    for (const [place, alias] of tables.aliases) if (alias.keyId === keyId) tables.aliases.delete(place)
  }
  for (const { aliasName, to } of aliases ?? []) {
    const place = aliasPlace(realm, aliasName)
    if (to === null) tables.aliases.delete(place)
    else tables.aliases.set(place, { aliasName, keyId: to, realm })
  }
}
