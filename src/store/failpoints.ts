/** The names of a store's durable-write boundaries, at which a crash test stops the process. */

export const storeFailpoints = [
  "store.commit.before",
  "store.commit.afterStatements",
  "store.commit.afterCommit",
  "store.audit.before",
  "store.audit.after",
  "store.nonces.before",
  "store.nonces.after",
  "store.settle.before",
  "store.settle.after",
  "store.meta.before",
  "store.meta.after",
  "store.import.before",
  "store.import.after",
  "store.ram.before",
  "store.ram.after"
] as const

export type StoreFailpoint = (typeof storeFailpoints)[number]
