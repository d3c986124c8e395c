/** Wildcards of the policy language: `*` matches any number of characters, also none, and `?` matches one character. */

/** Counts the elementary steps of matching, to measure the cost of a pattern. */
export interface Meter {
  steps: number
}

export type Glob = (text: string, meter?: Meter) => boolean

/** Code points, because a character beyond the basic plane counts as one. */
type Points = Uint32Array

/** The text between two stars. Finds the first match from `from` on; returns its end, or -1. */
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
 * Without `?`: the search of Knuth, Morris and Pratt (1977). Its table says how much of the segment still matches when
 * the next character does not. It takes two steps for each character of the text, for any segment.
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

/** The positions of a character in a segment: words of 32 positions, or a list of positions if they are few. */
interface Fits {
  readonly words: Uint32Array
  readonly few: ReadonlyArray<number>
}

const fewMax = 32

const setBit = (words: Uint32Array, place: number): void => {
  words[place >>> 5] = (words[place >>> 5] ?? 0) | (1 << (place & 31))
}

/** A frequent character has separate words. There are too few such characters for their memory to matter. */
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

/** The state of a Shift-And search: bit k says that the last k + 1 characters match the start of the segment. */
interface Shift {
  now: Uint32Array
  next: Uint32Array
}

const bitAt = (words: Uint32Array, place: number): number => ((words[place >>> 5] ?? 0) >>> (place & 31)) & 1

/** Reads one character into `next`. Updates only the words from `low` to `high`. */
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
 * With `?`: Shift-And (Baeza-Yates and Gonnet, 1992); one step covers 32 positions. Only bits that can still become a
 * match before the text ends are updated. One word below them is enough for the carry. Older bits below that would
 * complete after the end of the text.
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

/** A segment this short is tried at every position, which is cheaper than a table and still bounded. */
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

/** The segments between stars; only the first and the last can be empty. */
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
 * Parses a pattern once, to match many texts. It compiles no regular expression and never retries a star: each segment
 * takes its first match, because a later one leaves less room. So the text is read once. A character costs at most 32
 * steps, or one for every 32 positions of a long segment with `?`.
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

/** Whether the pattern matches the whole text. */
export const matchesGlob = (pattern: string, text: string): boolean => compileGlob(pattern)(text)
