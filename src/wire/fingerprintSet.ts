/** A set of 128-bit fingerprints in flat memory: the garbage collector never visits its millions of entries. */

/** Sixteen characters of one byte each. */
export const fingerprintChars = 16

const wordsPerEntry = 4
const shardCount = 256
const slotsAtFirst = 32
/** A shard is rebuilt at twice its size when this share of its slots is used. Shards are small, so pauses are short. */
const loadMax = 0.75

interface Shard {
  words: Uint32Array
  size: number
}

const wordAt = (fingerprint: string, word: number): number => {
  const at = word * 4
  return (
    ((fingerprint.charCodeAt(at) << 24) |
      (fingerprint.charCodeAt(at + 1) << 16) |
      (fingerprint.charCodeAt(at + 2) << 8) |
      fingerprint.charCodeAt(at + 3)) >>>
    0
  )
}

const isFree = (words: Uint32Array, at: number): boolean =>
  words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0 && words[at + 3] === 0

/** Index of the entry, or of the free slot for it. At least one slot is always free. */
const locate = (words: Uint32Array, entry: Uint32Array): number => {
  const mask = words.length / wordsPerEntry - 1
  let slot = (entry[1] ?? 0) & mask
  for (;;) {
    const at = slot * wordsPerEntry
    const same =
      words[at] === entry[0] && words[at + 1] === entry[1] && words[at + 2] === entry[2] && words[at + 3] === entry[3]
    if (same || isFree(words, at)) return at
    slot = (slot + 1) & mask
  }
}

const grown = (words: Uint32Array): Uint32Array => {
  const larger = new Uint32Array(words.length * 2)
  for (let at = 0; at < words.length; at += wordsPerEntry) {
    if (isFree(words, at)) continue
    const entry = words.subarray(at, at + wordsPerEntry)
    larger.set(entry, locate(larger, entry))
  }
  return larger
}

export class FingerprintSet {
  readonly #shards = new Map<number, Shard>()
  readonly #entry = new Uint32Array(wordsPerEntry)
  #size = 0

  get size(): number {
    return this.#size
  }

  has(fingerprint: string): boolean {
    const shard = this.#shards.get(this.#read(fingerprint))
    return shard !== undefined && !isFree(shard.words, locate(shard.words, this.#entry))
  }

  /** Adding an entry again changes nothing. */
  add(fingerprint: string): void {
    const shard = this.#shard(this.#read(fingerprint))
    const at = locate(shard.words, this.#entry)
    if (!isFree(shard.words, at)) return
    shard.words.set(this.#entry, at)
    shard.size++
    this.#size++
    if (shard.size * wordsPerEntry > shard.words.length * loadMax) shard.words = grown(shard.words)
  }

  /** Reads the fingerprint's words into `#entry` and returns their shard. */
  #read(fingerprint: string): number {
    const entry = this.#entry
    for (let word = 0; word < wordsPerEntry; word++) entry[word] = wordAt(fingerprint, word)
    // All zeros marks a free slot, so a fingerprint of zeros is stored with its last word set to 1.
    if (isFree(entry, 0)) entry[3] = 1
    return (entry[0] ?? 0) % shardCount
  }

  #shard(index: number): Shard {
    const known = this.#shards.get(index)
    if (known !== undefined) return known
    const shard = { words: new Uint32Array(slotsAtFirst * wordsPerEntry), size: 0 }
    this.#shards.set(index, shard)
    return shard
  }
}
