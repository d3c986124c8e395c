/** Names of rows of table `meta` that every engine on a store must know the newest value of. */

/** The number of the newest change of access control. */
export const accessVersionName = "ram.version"
/** Where a virtual clock stands. */
export const clockPositionName = "clock.position"
