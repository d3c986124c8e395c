/** Counts failed sign-in attempts and blocks further ones for a while. */

/** Failed attempts with one access key from one address before the next must wait. */
const failuresMax = 10
const failureMillis = 60_000
/** Pairs of address and access key whose failures are kept. */
const failuresKeptMax = 10_000

export interface Attempts {
  readonly mayTry: (by: string) => boolean
  readonly noteFailure: (by: string) => void
}

/**
 * Names an attempt by address and access key. By address alone, one person behind a proxy would block everybody there;
 * by access key alone, a stranger would block its owner.
 */
export const attemptOf = (accessKeyId: string, from: string): string => `${from} ${accessKeyId}`

export const makeAttempts = (now: () => number): Attempts => {
  const failures = new Map<string, { readonly count: number; readonly until: number }>()

  const forgetOldest = (): void => {
    const oldest = failures.keys().next()
    if (failures.size >= failuresKeptMax && oldest.done === false) failures.delete(oldest.value)
  }

  return {
    mayTry: (by) => {
      const failed = failures.get(by)
      return failed === undefined || failed.until <= now() || failed.count < failuresMax
    },
    noteFailure: (by) => {
      const before = failures.get(by)
      const count = before === undefined || before.until <= now() ? 1 : before.count + 1
      failures.delete(by)
      forgetOldest()
      failures.set(by, { count, until: now() + failureMillis })
    }
  }
}
