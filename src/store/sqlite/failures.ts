/** What an error of SQLite means: the fault of one statement, a file in use, or a disk that cannot be trusted. */

/** Primary result codes (SQLite, "Result and Error Codes"); extended codes carry theirs in the low byte. */
const codes = { busy: 5, locked: 6, tooBig: 18, constraint: 19, mismatch: 20, range: 25, notADatabase: 26 } as const

const primaryCode = (failure: unknown): number | undefined =>
  failure instanceof Error && "errcode" in failure && typeof failure.errcode === "number"
    ? failure.errcode & 0xff
    : undefined

export const describeFailure = (failure: unknown): string => (failure instanceof Error ? failure.message : "an error")

export const isInUse = (failure: unknown): boolean => {
  const code = primaryCode(failure)
  return code === codes.busy || code === codes.locked
}

export const isNoDatabase = (failure: unknown): boolean => primaryCode(failure) === codes.notADatabase

const ofOneStatement: ReadonlySet<number> = new Set([codes.tooBig, codes.constraint, codes.mismatch, codes.range])

/**
 * True if only the statement was wrong, which a bug of ours makes it: the others of its transaction may still go on.
 * Everything else SQLite reports (I/O, full, corrupt, no memory) says that the disk cannot be relied on.
 */
export const isOfOneStatement = (failure: unknown): boolean => {
  const code = primaryCode(failure)
  return code === undefined || ofOneStatement.has(code)
}
