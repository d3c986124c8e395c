/** The parts of a store of your own: the port, its failures, rows and plans, and shared functions. */
export { Driver, StoreConflict, StoreDamaged, StoreUnavailable, StoreUnusable } from "./store/driver.ts"
export type {
  DueClaim,
  NonceUse,
  ProofAnswer,
  ProofQuestion,
  RowName,
  SharedAbility,
  StoreAbilities,
  StoreDriver,
  StoreFailure
} from "./store/driver.ts"

export type { Check, CountCheck, Plan, Purpose, Put, RangeOf, RowCheck, Write } from "./plan/plan.ts"
export { auditBeginning, execute, revisionIn, segmentAfter } from "./plan/execute.ts"
export type { AuditEnd, Conflict, Rows } from "./plan/execute.ts"

export { idOf, indexes, revisionOf } from "./records/storedRows.ts"
export type {
  IndexName,
  KeyFilter,
  Range,
  RowId,
  Scan,
  Standing,
  StoredRow,
  StoredRows,
  TableName,
  Value
} from "./records/storedRows.ts"
export { passes } from "./records/keyFilter.ts"
export { genesis, portableHash } from "./records/hashChain.ts"
export type { HashText } from "./records/hashChain.ts"
export { makeTables } from "./store/memory/tables.ts"
export type { Tables } from "./store/memory/tables.ts"
export { sharedMemoryDriver } from "./store/memory/memoryStore.ts"
