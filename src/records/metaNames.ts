/** Names of rows of table `meta` that every engine on a store must know the newest value of. */

/** The number of the newest change of access control. */
export const accessVersionName = "ram.version"
/** Where the lifecycle clock stands that engines share: the position of a virtual clock, or which time a real one follows. */
export const clockPositionName = "clock.position"
/** `closed` after a clean end of a run; `open` and the clock's time while it lasts, for a store of one engine. */
export const runEndName = "wire.end"
/** The check value of the root key. A store without it was never started. */
export const rootKeyCheckName = "rootKey.check"
/**
 * The fingerprint of a key's imported material under the root key in use, and the one in its journal, which was made under an
 * earlier root key.
 */
export const fingerprintNameOf = (keyId: string): string => `fingerprint.${keyId}`
