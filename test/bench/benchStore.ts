/** The store of a benchmark's process: a directory, or a database. */
import { isPostgresUrl, postgres } from "../../src/postgres.ts"

/** The same for every process on one database. */
export const benchRootKey = { rootKey: { kind: "bytes", bytes: new Uint8Array(32).fill(9) } } as const

/** A busy machine answers late, and the benchmark must not fail for that. */
const timeoutMillis = 60_000

export const storeAt = (place: string) =>
  isPostgresUrl(place) ? postgres(place, { tls: "off", timeoutMillis }) : { directory: place }
