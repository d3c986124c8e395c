/** Names of rows of table `meta` whose newest value every engine of a store must know. */

/** The number of the newest change of access control. */
export const accessVersionName = "ram.version"
/** The lifecycle clock that engines share: the position of a virtual clock, or the time that a real one follows. */
export const clockPositionName = "clock.position"
/** For a store of one engine: `closed` after a clean shutdown; `open` with the clock's time while the engine runs. */
export const runEndName = "wire.end"
/** The check value of the root key. A store without it was never started. */
export const rootKeyCheckName = "rootKey.check"
/**
 * The fingerprint of a key's imported material under the present root key, and the one in its journal. The latter was
 * made under an earlier root key.
 */
export const fingerprintNameOf = (keyId: string): string => `fingerprint.${keyId}`
