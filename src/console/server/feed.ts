/** What was committed, numbered from the server's start, for pages that look on: the last thousand, and then as it comes. */
import type { Happening, Happenings } from "../../actor/journal.ts"

export interface Numbered {
  readonly n: number
  readonly happening: Happening
}

export interface Feed {
  /** The number of the newest, with the run it belongs to: `3f2a-17`. */
  readonly at: () => string
  readonly name: (n: number) => string
  /** What came after a place; undefined where that is not known any more, or of another run. */
  readonly after: (at: string) => ReadonlyArray<Numbered> | undefined
  readonly watch: (watcher: (numbered: Numbered) => void) => () => void
}

const keptMax = 1000
const placeForm = /^([0-9a-f]+)-([0-9]{1,15})$/

export const makeFeed = (happenings: Happenings["Service"], run: string): { readonly feed: Feed; stop: () => void } => {
  const watchers = new Set<(numbered: Numbered) => void>()
  let kept: Array<Numbered> = []
  let newest = 0
  const name = (n: number): string => `${run}-${n}`
  const stop = happenings.watch((happening) => {
    newest++
    const numbered = { n: newest, happening }
    kept.push(numbered)
    if (kept.length > keptMax * 2) kept = kept.slice(-keptMax)
    for (const watcher of watchers) watcher(numbered)
  })
  const feed: Feed = {
    at: () => name(newest),
    name,
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
  return { feed, stop }
}
