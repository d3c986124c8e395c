/** Wildcards of the policy language: `*` is any run of characters, also none, and `?` is one character. */

/** Counts the elementary steps of matching, for whoever wants to know what a pattern costs. */
export interface Meter {
  steps: number
}

export type Glob = (text: string, meter?: Meter) => boolean

/** Characters, not the units a string counts: one beyond the basic plane is one. */
type Points = Uint32Array

/** What stands between two stars: found at the first place it fits, from `from` on; answers where it ends, or -1. */
interface Segment {
  readonly length: number
  readonly endOfFirst: (text: Points, from: number, meter: Meter) => number
  readonly fitsAt: (text: Points, at: number, meter: Meter) => boolean
}

const star = 0x2a
const question = 0x3f

const pointsOf = (text: string): Points => {
  const points = new Uint32Array(text.length)
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at) ?? 0
    points[count++] = point
    if (point > 0xffff) at++
  }
  return points.subarray(0, count)
}

/**
 * Without `?`: the search of Knuth, Morris and Pratt (1977), whose table says how much of the segment is matched still
 * when the next character does not fit. Two steps for a character of the text, whatever the segment.
 */
const literalSearch = (segment: Points): Segment["endOfFirst"] => {
  const kept = new Uint32Array(segment.length)
  for (let at = 1, matched = 0; at < segment.length; at++) {
    while (matched > 0 && segment[at] !== segment[matched]) matched = kept[matched - 1] ?? 0
    if (segment[at] === segment[matched]) matched++
    kept[at] = matched
  }
  return (text, from, meter) => {
    let matched = 0
    for (let at = from; at < text.length; at++) {
      meter.steps++
      while (matched > 0 && text[at] !== segment[matched]) {
        meter.steps++
        matched = kept[matched - 1] ?? 0
      }
      if (text[at] === segment[matched]) matched++
      if (matched === segment.length) return at + 1
    }
    return -1
  }
}

/** Where a character fits in a segment: words of 32 places, and places beside them if they are few. */
interface Fits {
  readonly words: Uint32Array
  readonly few: ReadonlyArray<number>
}

const fewMax = 32

const setBit = (words: Uint32Array, place: number): void => {
  words[place >>> 5] = (words[place >>> 5] ?? 0) | (1 << (place & 31))
}

/** A character in many places has words of its own; there are too few such characters for them to weigh anything. */
const fitsOf = (segment: Points): { readonly of: ReadonlyMap<number, Fits>; readonly anything: Fits } => {
  const words = new Uint32Array((segment.length + 31) >>> 5)
  const places = new Map<number, Array<number>>()
  for (const [place, point] of segment.entries()) {
    const known = places.get(point)
    if (point === question) setBit(words, place)
    else if (known === undefined) places.set(point, [place])
    else known.push(place)
  }
  const of = new Map<number, Fits>()
  for (const [point, few] of places) {
    if (few.length <= fewMax) of.set(point, { words, few })
    else {
      const own = words.slice()
      for (const place of few) setBit(own, place)
      of.set(point, { words: own, few: [] })
    }
  }
  return { of, anything: { words, few: [] } }
}

/** The state of a Shift-And search: bit k of the words says that the last k + 1 characters fit the segment's start. */
interface Shift {
  now: Uint32Array
  next: Uint32Array
}

const bitAt = (words: Uint32Array, place: number): number => ((words[place >>> 5] ?? 0) >>> (place & 31)) & 1

/** Reads one character into `next`. Only the words from `low` to `high` are kept up. */
const shiftIn = ({ now, next }: Shift, { words, few }: Fits, low: number, high: number): void => {
  let carry = low === 0 ? 1 : (now[low - 1] ?? 0) >>> 31
  for (let word = low; word <= high; word++) {
    const bits = now[word] ?? 0
    next[word] = ((bits << 1) | carry) & (words[word] ?? 0)
    carry = bits >>> 31
  }
  for (const place of few) {
    const isReached = place === 0 || bitAt(now, place - 1) === 1
    if (isReached && place >>> 5 >= low) setBit(next, place)
  }
}

/**
 * With `?`: Shift-And (Baeza-Yates and Gonnet, 1992); 32 places are one step. Only bits that can still become a match
 * before the text ends are kept up. One word below them is enough for the carry. Stale bits below that would complete
 * after the end of the text.
 */
const wildSearch = (segment: Points): Segment["endOfFirst"] => {
  const { of, anything } = fitsOf(segment)
  const top = anything.words.length - 1
  const last = segment.length - 1
  return (text, from, meter) => {
    const slack = text.length - from - segment.length
    const shift: Shift = { now: new Uint32Array(top + 1), next: new Uint32Array(top + 1) }
    for (let at = 0; at < text.length - from; at++) {
      const low = Math.max(0, ((at - slack) >> 5) - 1)
      const high = Math.min(top, at >>> 5)
      const fits = of.get(text[from + at] ?? 0) ?? anything
      shiftIn(shift, fits, low, high)
      meter.steps += high - low + 1 + fits.few.length
      ;[shift.now, shift.next] = [shift.next, shift.now]
      if (high === top && bitAt(shift.now, last) === 1) return from + at + 1
    }
    return -1
  }
}

/** A segment this short is tried at every place: cheaper than any table, and bounded all the same. */
const shortMax = 32

const fits = (segment: Points, text: Points, at: number, meter: Meter): boolean => {
  for (let offset = 0; offset < segment.length; offset++) {
    meter.steps++
    if (segment[offset] !== question && segment[offset] !== text[at + offset]) return false
  }
  return true
}

const shortSearch =
  (segment: Points): Segment["endOfFirst"] =>
  (text, from, meter) => {
    for (let at = from; at + segment.length <= text.length; at++) {
      if (fits(segment, text, at, meter)) return at + segment.length
    }
    return -1
  }

const searchOf = (segment: Points): Segment["endOfFirst"] => {
  if (segment.length <= shortMax) return shortSearch(segment)
  return segment.includes(question) ? wildSearch(segment) : literalSearch(segment)
}

const segmentOf = (points: Points): Segment => ({
  length: points.length,
  endOfFirst: searchOf(points),
  fitsAt: (text, at, meter) => fits(points, text, at, meter)
})

/** The runs between stars; empty ones stand only at the ends. */
const segmentsOf = (points: Points): ReadonlyArray<Segment> => {
  const segments: Array<Segment> = []
  let start = 0
  for (let at = 0; at <= points.length; at++) {
    if (at < points.length && points[at] !== star) continue
    const isEnd = start === 0 || at === points.length
    if (at > start || isEnd) segments.push(segmentOf(points.subarray(start, at)))
    start = at + 1
  }
  return segments
}

/**
 * Reads a pattern once, to be asked of many texts. No expression is compiled from it and no star is tried twice: each run
 * between stars takes the first place it fits, for no later one leaves more room. So the text is walked once, and a
 * character costs 32 steps at most, or one for every 32 places of a long run that has `?` in it.
 */
export const compileGlob = (pattern: string): Glob => {
  const segments = segmentsOf(pointsOf(pattern))
  const first = segments[0] ?? segmentOf(new Uint32Array())
  const last = segments.at(-1) ?? first
  const between = segments.slice(1, -1)
  return (asked, meter = { steps: 0 }) => {
    const text = pointsOf(asked)
    if (segments.length === 1) return text.length === first.length && first.fitsAt(text, 0, meter)
    if (text.length < first.length + last.length || !first.fitsAt(text, 0, meter)) return false
    const end = text.length - last.length
    const room = text.subarray(0, end)
    let at = first.length
    for (const segment of between) {
      at = segment.length > end - at ? -1 : segment.endOfFirst(room, at, meter)
      if (at < 0) return false
    }
    return last.fitsAt(text, end, meter)
  }
}

/** Whether the pattern describes the whole text. */
export const matchesGlob = (pattern: string, text: string): boolean => compileGlob(pattern)(text)
