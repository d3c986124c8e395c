/** Data keys of a KMS: new ones, opened ones, and those that are kept within limits. */
import { dataKeyBytes } from "./format.ts"
import { EnvelopeError } from "./fault.ts"

/** The encryption context of a call. */
export type Context = Readonly<Record<string, string>>

/** The two operations that an envelope needs. `createKms` has them, and the vendor's client in a few lines. */
export interface DataKeySource {
  readonly generateDataKey: (request: { readonly KeyId: string; readonly EncryptionContext?: Context }) => Promise<{
    /** In Base64. */
    readonly CiphertextBlob: string
    /** The data key of 32 bytes: Base64, or bytes that the envelope overwrites. */
    readonly Plaintext: string | Uint8Array
  }>
  readonly decrypt: (request: {
    readonly CiphertextBlob: string
    readonly EncryptionContext?: Context
  }) => Promise<{ readonly Plaintext: string | Uint8Array }>
}

/** How long a data key is kept, and for how much. The first limit that is reached ends it. */
export interface CacheLimits {
  /** 60,000 by default: a revocation is not noticed for longer. */
  readonly maxAgeMillis?: number
  /** 1000 by default: as many messages are exposed together with one data key. */
  readonly maxMessages?: number
  /** 268,435,456 (256 MiB) of plaintext by default, for the same reason. */
  readonly maxBytes?: number
  /** The data keys that are kept at once; 100 by default. The one that was used least recently is dropped. */
  readonly maxKeys?: number
}

/** The clock of an envelope, which a test can replace. */
export interface EnvelopeClock {
  /** Elapsed milliseconds. Never decreases. */
  readonly now: () => number
  /** Calls `run` after this time unless the result is called first. Must not keep the process alive. */
  readonly after: (millis: number, run: () => void) => () => void
}

/** A data key that may be used once, now: the caller derives from it before it waits for anything. */
export interface DataKey {
  readonly blob: Uint8Array
  readonly key: Uint8Array
  /** Overwrites the key, unless it is kept. */
  readonly done: () => void
}

type MadeDataKey = Pick<DataKey, "blob" | "key">

type MakeDataKey = () => Promise<MadeDataKey>

interface Kept {
  readonly blob: Uint8Array
  readonly key: Uint8Array
  readonly endsAt: number
  readonly cancel: () => void
  messages: number
  bytes: number
}

type Limits = Required<CacheLimits>

/** Named in docs/how-to/envelope.md, with their reasons. */
const defaults: Limits = { maxAgeMillis: 60_000, maxMessages: 1000, maxBytes: 2 ** 28, maxKeys: 100 }

/** Node runs a timer with a longer time at once. */
const timerMax = 2 ** 31 - 1

const largest: Limits = {
  maxAgeMillis: timerMax,
  maxMessages: 2 ** 32,
  maxBytes: Number.MAX_SAFE_INTEGER,
  maxKeys: 10_000
}

const isLimit = (name: string): name is keyof Limits => Object.hasOwn(defaults, name)

const invalid = (message: string): EnvelopeError => new EnvelopeError("InvalidParameter", message)

/** The limits of a cache; undefined if nothing is kept. */
export const limitsOf = (name: string, given: boolean | CacheLimits | undefined): Limits | undefined => {
  if (given === undefined || given === false) return undefined
  const limits = { ...defaults, ...(given === true ? {} : given) }
  for (const [limit, value] of Object.entries(limits)) {
    if (!isLimit(limit)) throw invalid(`${name} has no limit ${limit}; there are ${Object.keys(defaults).join(", ")}.`)
    if (!Number.isInteger(value) || value < 1 || value > largest[limit]) {
      throw invalid(`${name}.${limit} must be a whole number from 1 to ${largest[limit]}, not ${value}.`)
    }
  }
  return limits
}

/** The bytes of a data key. A text of the reply cannot be overwritten; bytes are taken over. */
export const keyBytesOf = (plaintext: string | Uint8Array): Uint8Array => {
  const key = typeof plaintext === "string" ? Buffer.from(plaintext, "base64") : plaintext
  if (key.length === dataKeyBytes) return key
  const { length } = key
  key.fill(0)
  throw new EnvelopeError(
    "UnusableDataKey",
    `The KMS gave a data key of ${length} bytes; an envelope needs ${dataKeyBytes}.`
  )
}

/** Data keys by name, with their limits. */
export interface DataKeys {
  /**
   * A data key for one message of so many bytes: a kept one, or one that `make` gives. Calls with one name share a call of
   * `make`.
   */
  readonly take: (name: string, bytes: number, make: MakeDataKey) => Promise<DataKey>
  /** Overwrites every kept key. */
  readonly wipe: () => void
}

const keptNowhere: DataKeys = {
  take: async (_name, _bytes, make) => {
    const { blob, key } = await make()
    return { blob, key, done: () => void key.fill(0) }
  },
  wipe: () => undefined
}

class Cache implements DataKeys {
  readonly #limits: Limits
  readonly #clock: EnvelopeClock
  /** The least recently used first. */
  readonly #kept = new Map<string, Kept>()
  readonly #made = new Map<string, Promise<MadeDataKey>>()
  /** Changes when everything is wiped, so that a key that arrives later is not kept. */
  #era = 0

  constructor(limits: Limits, clock: EnvelopeClock) {
    this.#limits = limits
    this.#clock = clock
  }

  async take(name: string, bytes: number, make: MakeDataKey): Promise<DataKey> {
    if (bytes > this.#limits.maxBytes) return keptNowhere.take(name, bytes, make)
    for (;;) {
      const found = this.#use(name, bytes)
      if (found !== undefined) return found
      const making = this.#made.get(name)
      if (making === undefined) return this.#make(name, bytes, make)
      await making
    }
  }

  /** The time counts from before the call, because the KMS decides during it. The caller always gets the new key. */
  async #make(name: string, bytes: number, make: MakeDataKey): Promise<DataKey> {
    const era = this.#era
    const endsAt = this.#clock.now() + this.#limits.maxAgeMillis
    const making = make()
    this.#made.set(name, making)
    try {
      const { blob, key } = await making
      if (era !== this.#era) {
        key.fill(0)
        throw new EnvelopeError("Closed", "The envelope was closed.")
      }
      this.#keep(name, { blob, key }, endsAt)
      return this.#use(name, bytes) ?? { blob, key, done: () => void key.fill(0) }
    } finally {
      this.#made.delete(name)
    }
  }

  wipe(): void {
    this.#era++
    for (const name of this.#kept.keys()) this.#drop(name)
  }

  /** A kept key that has room for the message. A key that has none is dropped. */
  #use(name: string, bytes: number): DataKey | undefined {
    const kept = this.#kept.get(name)
    if (kept === undefined) return undefined
    const { maxBytes, maxMessages } = this.#limits
    if (this.#clock.now() >= kept.endsAt || kept.messages >= maxMessages || kept.bytes + bytes > maxBytes) {
      this.#drop(name)
      return undefined
    }
    kept.messages++
    kept.bytes += bytes
    this.#kept.delete(name)
    this.#kept.set(name, kept)
    return { blob: kept.blob, key: kept.key, done: () => undefined }
  }

  /** A key whose time ended during the call is not kept. */
  #keep(name: string, { blob, key }: MadeDataKey, endsAt: number): void {
    const left = endsAt - this.#clock.now()
    if (left <= 0) return
    this.#drop(name)
    const cancel = this.#clock.after(left, () => this.#drop(name))
    this.#kept.set(name, { blob, key, endsAt, cancel, messages: 0, bytes: 0 })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > this.#limits.maxKeys && oldest !== undefined) this.#drop(oldest)
  }

  #drop(name: string): void {
    const kept = this.#kept.get(name)
    if (kept === undefined) return
    this.#kept.delete(name)
    kept.cancel()
    kept.key.fill(0)
  }
}

export const makeDataKeys = (limits: Limits | undefined, clock: EnvelopeClock): DataKeys =>
  limits === undefined ? keptNowhere : new Cache(limits, clock)
