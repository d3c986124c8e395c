/** What each key owes to time, computed from its journal alone: next rotation, expiry of material, deletion. */
import type { DeadlineKind } from "../../machines/vocabulary.ts"
import type { StoredRow } from "../../src/records/storedRows.ts"

type EventRow = StoredRow<"events">

export interface Recorded {
  readonly type: string
  readonly at: number
  readonly intervalMillis?: number | null
  readonly expiresAt?: number | null
  readonly dueAt?: number
}

interface Payload {
  readonly event?: Recorded
  readonly input?: { readonly origin: string; readonly rotationIntervalMillis: number | null }
}

interface Account {
  readonly keyId: string
  readonly bornAt: number
  diedAt: number | undefined
  isEnabled: boolean
  interval: number | null
  versionAt: number
  expiresAt: number | null
  deletionAt: number | null
  /** The position of the clock when the present debts arose: a debt may be older than the change that made it due. */
  since: number
  /** Whether the clock moved just then: then it may have passed the debt. */
  isSurprised: boolean
}

export interface Debt {
  readonly kind: DeadlineKind
  readonly dueAt: number
}

/** The circumstances of an event. */
export interface Moment {
  /** The state of the key after it. */
  readonly state: string
  readonly clock: number
  readonly isMoving: boolean
}

export interface Answered {
  readonly dueAt: number
  /** The first position of the clock at which it could be performed; undefined if the clock moved when it arose. */
  readonly onTimeAt: number | undefined
}

export interface Ledger {
  /** Takes an event of a key. Returns the debt that the event answers; undefined if the journal has none. */
  readonly take: (row: EventRow, moment: Moment) => Answered | undefined
  /** The debts that were due at a time, with their keys. */
  readonly owedAt: (time: number) => ReadonlyArray<Debt & { readonly keyId: string }>
  /** How long all keys have lived together until a time, milliseconds. */
  readonly livedUntil: (time: number) => number
}

/** The event of a journal's row; undefined for the creation of the key. */
export const eventIn = ({ payload }: EventRow): Recorded | undefined => {
  const { event }: Payload = JSON.parse(payload)
  return event
}

const opened = ({ at, keyId, payload }: EventRow): Account => {
  const { input }: Payload = JSON.parse(payload)
  const interval = input?.origin === "EXTERNAL" ? null : (input?.rotationIntervalMillis ?? null)
  return {
    keyId,
    bornAt: at,
    diedAt: undefined,
    isEnabled: false,
    interval,
    versionAt: at,
    expiresAt: null,
    deletionAt: null,
    since: at,
    isSurprised: false
  }
}

/** The effects of events on the debts. Other events have none, except by the state after them. */
const effects: Readonly<Record<string, (account: Account, event: Recorded) => void>> = {
  UpdateRotationPolicy: (account, { intervalMillis }) => {
    account.interval = intervalMillis ?? null
  },
  RotationDue: (account, { at }) => {
    account.versionAt = at
  },
  VersionExhausted: (account, { at }) => {
    account.versionAt = at
  },
  ImportKeyMaterial: (account, { expiresAt }) => {
    account.expiresAt = expiresAt ?? null
  },
  DeleteKeyMaterial: (account) => {
    account.expiresAt = null
  },
  MaterialExpired: (account) => {
    account.expiresAt = null
  },
  ScheduleKeyDeletion: (account, { dueAt }) => {
    account.deletionAt = dueAt ?? null
  },
  CancelKeyDeletion: (account) => {
    account.deletionAt = null
  },
  DeletionDue: (account, { at }) => {
    account.diedAt = at
  }
}

const debtsOf = ({ deletionAt, diedAt, expiresAt, interval, isEnabled, versionAt }: Account): ReadonlyArray<Debt> => {
  if (diedAt !== undefined) return []
  const debts: Array<Debt> = []
  if (deletionAt !== null) debts.push({ kind: "DeletionDue", dueAt: deletionAt })
  if (expiresAt !== null) debts.push({ kind: "MaterialExpired", dueAt: expiresAt })
  if (interval !== null && isEnabled) debts.push({ kind: "RotationDue", dueAt: versionAt + interval })
  return debts
}

const answeredBy = (account: Account, { type }: Recorded): Answered | undefined => {
  const debt = debtsOf(account).find(({ kind }) => kind === type)
  if (debt === undefined) return undefined
  return { dueAt: debt.dueAt, onTimeAt: account.isSurprised ? undefined : Math.max(debt.dueAt, account.since) }
}

const take = (accounts: Map<string, Account>, row: EventRow, moment: Moment): Answered | undefined => {
  const event = eventIn(row)
  const account = accounts.get(row.keyId) ?? opened(row)
  accounts.set(row.keyId, account)
  const answered = event === undefined ? undefined : answeredBy(account, event)
  if (event !== undefined) effects[event.type]?.(account, event)
  account.isEnabled = moment.state === "Enabled"
  account.since = Math.max(row.at, moment.clock)
  account.isSurprised = moment.isMoving
  return answered
}

export const makeLedger = (): Ledger => {
  const accounts = new Map<string, Account>()
  const all = (): ReadonlyArray<Account> => [...accounts.values()]
  return {
    take: (row, moment) => take(accounts, row, moment),
    owedAt: (time) =>
      all().flatMap((account) =>
        debtsOf(account)
          .filter(({ dueAt }) => dueAt <= time)
          .map((debt) => ({ ...debt, keyId: account.keyId }))
      ),
    livedUntil: (time) =>
      all().reduce((sum, { bornAt, diedAt }) => sum + Math.max(0, Math.min(diedAt ?? time, time) - bornAt), 0)
  }
}
