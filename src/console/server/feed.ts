/** Committed changes, numbered per account since the server started, for the pages that watch its keys. */
import type { Happening, Happenings } from "../../actor/journal.ts"
import type { AccountId, KeyId, Realm } from "../../domain/ids.ts"

/** What a page learns about a change. */
export interface Noted {
  readonly realm: Realm
  readonly keyId: KeyId
  readonly type: string
  readonly seq: number
}

export interface Numbered {
  readonly n: number
  readonly noted: Noted
}

/** The changes of one account. Their numbers must not reveal how much other accounts change. */
export interface Feed {
  /** The number of the newest, with the run it belongs to: `3f2a-17`. */
  readonly at: () => string
  readonly name: (n: number) => string
  /** The changes after a number; undefined if they are no longer kept or the number is of another run. */
  readonly after: (at: string) => ReadonlyArray<Numbered> | undefined
  /** Returns how to stop watching. */
  readonly watch: (watcher: (numbered: Numbered) => void) => () => void
}

const keptMax = 1000
const placeForm = /^([0-9a-f]+)-([0-9]{1,15})$/

const notedOf = ({ entry: { keyId, payload, seq }, realm }: Happening): Noted => ({
  realm,
  keyId,
  type: payload.type === "CreateKey" ? "CreateKey" : payload.event.type,
  seq
})

const makeAccountFeed = (run: string): Feed & { readonly add: (noted: Noted) => void } => {
  const watchers = new Set<(numbered: Numbered) => void>()
  let kept: Array<Numbered> = []
  let newest = 0
  const name = (n: number): string => `${run}-${n}`
  return {
    at: () => name(newest),
    name,
    add: (noted) => {
      newest++
      const numbered = { n: newest, noted }
      kept.push(numbered)
      if (kept.length > keptMax * 2) kept = kept.slice(-keptMax)
      for (const watcher of watchers) watcher(numbered)
    },
    after: (at) => {
      const [, of, number] = placeForm.exec(at) ?? []
      const n = Number(number)
      if (of !== run || n > newest) return undefined
      const oldest = kept[0]?.n ?? newest + 1
      return n + 1 < oldest ? undefined : kept.filter((numbered) => numbered.n > n)
    },
    watch: (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    }
  }
}

export interface Feeds {
  readonly of: (account: AccountId) => Feed
  readonly stop: () => void
}

export const makeFeeds = (happenings: Happenings["Service"], run: string): Feeds => {
  const feeds = new Map<AccountId, ReturnType<typeof makeAccountFeed>>()
  const feedOf = (account: AccountId) => {
    const known = feeds.get(account)
    if (known !== undefined) return known
    const fresh = makeAccountFeed(run)
    feeds.set(account, fresh)
    return fresh
  }
  const stop = happenings.watch((happening) => feedOf(happening.realm.account).add(notedOf(happening)))
  return { of: feedOf, stop }
}
