/** Committed changes of the keys of an account, in order, for the pages that watch them. */
import { Effect } from "effect"
import type { CommitFeed } from "../../actor/journal.ts"
import type { ServiceError } from "../../domain/errorGroups.ts"
import type { AccountId, KeyId, Realm } from "../../domain/ids.ts"

/** The data of a change for a page. */
export interface Noted {
  readonly realm: Realm
  readonly keyId: KeyId
}

/** A change, and the position after it. */
export interface Told {
  readonly at: string
  readonly noted: Noted
}

export interface Watcher {
  /** Some changes in order, or none. If `at` is present, the feed continues from there after them. */
  readonly changed: (told: ReadonlyArray<Told>, at?: string) => void
  /** The requested position is no longer known: changes before `at` may be missing. */
  readonly gap: (at: string) => void
}

/** The changes of one account. Its positions must not reveal how much other accounts change. */
export interface Feed {
  /** The place after the newest change. */
  readonly at: Effect.Effect<string, ServiceError>
  /**
   * Reports each change after a position, or from now on, once and in order. Returns a function that stops the reports.
   */
  readonly follow: (after: string | undefined, watcher: Watcher) => Effect.Effect<() => void, ServiceError>
}

export interface Feeds {
  readonly of: (account: AccountId) => Feed
}

const keptMax = 1000
const placeForm = /^([0-9a-f]+)-([0-9]{1,15})$/

interface Numbered {
  readonly n: number
  readonly noted: Noted
}

/** A position is the run of the server and the number of the change in it: `3f2a-17`. */
const makeAccountFeed = (run: string): Feed & { readonly add: (noted: Noted) => void } => {
  const watchers = new Set<Watcher>()
  let kept: Array<Numbered> = []
  let newest = 0
  const name = (n: number): string => `${run}-${n}`
  const told = ({ n, noted }: Numbered): Told => ({ at: name(n), noted })

  /** The changes after a position; undefined if they are no longer kept or the position is from another run. */
  const since = (at: string): ReadonlyArray<Numbered> | undefined => {
    const [, of, number] = placeForm.exec(at) ?? []
    const n = Number(number)
    if (of !== run || n > newest) return undefined
    const oldest = kept[0]?.n ?? newest + 1
    return n + 1 < oldest ? undefined : kept.filter((numbered) => numbered.n > n)
  }

  return {
    at: Effect.sync(() => name(newest)),
    add: (noted) => {
      newest++
      const numbered = { n: newest, noted }
      kept.push(numbered)
      if (kept.length > keptMax * 2) kept = kept.slice(-keptMax)
      for (const watcher of watchers) watcher.changed([told(numbered)])
    },
    follow: (after, watcher) =>
      Effect.sync(() => {
        const missed = after === undefined ? [] : since(after)
        if (missed === undefined) watcher.gap(name(newest))
        watchers.add(watcher)
        watcher.changed((missed ?? []).map(told))
        return () => void watchers.delete(watcher)
      })
  }
}

/** The feeds of a server that does not share its store: its own engine commits every change. */
export const makeOwnFeeds = Effect.fnUntraced(function* (commitFeed: CommitFeed["Service"], run: string) {
  const made = new Map<AccountId, ReturnType<typeof makeAccountFeed>>()
  const feedOf = (account: AccountId) => {
    const known = made.get(account)
    if (known !== undefined) return known
    const fresh = makeAccountFeed(run)
    made.set(account, fresh)
    return fresh
  }
  const stop = commitFeed.watch(({ entry: { keyId }, realm }) => feedOf(realm.account).add({ realm, keyId }))
  yield* Effect.addFinalizer(() => Effect.sync(stop))
  return { of: feedOf } satisfies Feeds
})
