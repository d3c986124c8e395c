/** Seals data under data keys of a KMS, and opens it: the key encryption key never leaves the KMS. */
import { randomBytes as systemRandomBytes } from "node:crypto"
import { canonicalContext, contextFromPairs, pairsFault } from "../domain/encryptionContext.ts"
import { systemClock } from "./clock.ts"
import { keyBytesOf, limitsOf, makeDataKeys } from "./dataKeys.ts"
import type { CacheLimits, Context, DataKey, DataKeySource, EnvelopeClock } from "./dataKeys.ts"
import {
  checkCommitment,
  deriveKeys,
  headLength,
  fixedHeaderBytes,
  nonceBytes,
  openSegment,
  readHead,
  sealSegment,
  sealedSegmentBytes,
  segmentBytes,
  writeHeader
} from "./format.ts"
import type { Binding, MessageKeys } from "./format.ts"
import { EnvelopeError } from "./fault.ts"

export type { CacheLimits, DataKeySource, EnvelopeClock } from "./dataKeys.ts"
export { EnvelopeError } from "./fault.ts"
export type { EnvelopeErrorCode } from "./fault.ts"

/** Options of `createEnvelope`. */
export interface EnvelopeOptions {
  /** The KMS: the service of `createKms`, or two functions that call another client. */
  readonly kms: DataKeySource
  /** The CMK whose data keys seal messages: its id, ARN or alias. Opening does not need it. */
  readonly keyId?: string
  /**
   * Which data keys are kept; none by default. `true` takes the default limits. While a data key is kept, a message is
   * sealed or opened without the KMS, also after its CMK was disabled.
   */
  readonly cache?: { readonly seal?: boolean | CacheLimits; readonly open?: boolean | CacheLimits }
  /** The clock of the cache. By default the clocks of the machine. */
  readonly clock?: EnvelopeClock
  /** The source of nonces. By default that of the operating system. */
  readonly randomBytes?: (length: number) => Uint8Array
}

/** What a message is bound to. Opening needs the same values. */
export interface Bound {
  /** Sent to the KMS with each call: policies and the audit log see it. Never put secrets into it. */
  readonly encryptionContext?: Readonly<Record<string, string>>
  /** Additional authenticated data of this message, which the KMS never sees. */
  readonly aad?: Uint8Array
}

/** Bytes in pieces, such as a stream of Node or of the web. */
export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Seals and opens messages. Errors of the KMS are passed on; all others are an `EnvelopeError`. */
export interface Envelope extends Disposable {
  /** The sealed message. It holds the sealed data key, the ciphertext, and neither context nor AAD. */
  readonly seal: (plaintext: Uint8Array, bound?: Bound) => Promise<Uint8Array>
  /** The plaintext. Rejects with the code `Refused` if the message was changed or bound to something else. */
  readonly open: (sealed: Uint8Array, bound?: Bound) => Promise<Uint8Array>
  /** The same bytes as `seal`, while the plaintext arrives. It uses a separate data key. */
  readonly sealStream: (plaintext: Pieces, bound?: Bound) => AsyncGenerator<Uint8Array, void>
  /**
   * The plaintext in pieces, each of which was checked. A message that was cut off throws only at its end: use nothing
   * before that.
   */
  readonly openStream: (sealed: Pieces, bound?: Bound) => AsyncGenerator<Uint8Array, void>
  /** Overwrites the data keys that are kept. Later calls are refused with the code `Closed`. */
  readonly close: () => void
}

interface Prepared extends Binding {
  /** For the KMS; undefined if it is empty. */
  readonly encryptionContext: Context | undefined
  readonly name: string
}

const nothing = new Uint8Array(0)

const invalid = (message: string): EnvelopeError => new EnvelopeError("InvalidParameter", message)

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array

const known: ReadonlySet<string> = new Set(["encryptionContext", "aad"])

/** A misspelt name would leave the message unbound. */
const prepare = (bound: Bound): Prepared => {
  const other = Object.keys(bound).find((name) => !known.has(name))
  if (other !== undefined) throw invalid(`"${other}" is not an option; there are encryptionContext and aad.`)
  const { aad = nothing, encryptionContext = {} } = bound
  if (!isBytes(aad)) throw invalid("aad must be a Uint8Array.")
  const pairs = Object.entries(encryptionContext)
  const isText = pairs.every(([, value]) => typeof value === "string")
  const context = isText ? contextFromPairs(pairs) : undefined
  if (context === undefined) throw invalid(`encryptionContext ${pairsFault(pairs)}.`)
  const canonical = canonicalContext(context)
  return {
    aad,
    context: canonical,
    encryptionContext: pairs.length === 0 ? undefined : encryptionContext,
    name: Buffer.from(canonical).toString("base64")
  }
}

const asked = (encryptionContext: Context | undefined) =>
  encryptionContext === undefined ? {} : { EncryptionContext: encryptionContext }

/** The segments of a whole message, the last one marked. */
const segmentsOf = function* (bytes: Uint8Array, size: number) {
  const count = Math.max(1, Math.ceil(bytes.length / size))
  for (let index = 0; index < count; index++) {
    yield { index, isLast: index === count - 1, bytes: bytes.subarray(index * size, (index + 1) * size) }
  }
}

/** Pieces of any length as segments. The last one is known only when the pieces end. */
const segmentsIn = async function* (pieces: Pieces, size: number) {
  let waiting: Array<Uint8Array> = []
  let length = 0
  let index = 0
  for await (const piece of pieces) {
    if (!isBytes(piece)) throw invalid("A stream must give Uint8Arrays.")
    waiting.push(piece)
    length += piece.length
    if (length <= size) continue
    const all = Buffer.concat(waiting)
    let at = 0
    for (; all.length - at > size; at += size)
      yield { index: index++, isLast: false, bytes: all.subarray(at, at + size) }
    waiting = [all.subarray(at)]
    length = all.length - at
  }
  yield { index, isLast: true, bytes: Buffer.concat(waiting) }
}

const asyncOf = async function* (pieces: Pieces): AsyncGenerator<Uint8Array, void> {
  yield* pieces
}

/** Reads a stream until its head is there. `begun` is what came with it. */
const headOf = async (source: AsyncGenerator<Uint8Array, void>) => {
  let bytes: Uint8Array = nothing
  const isWhole = (): boolean => bytes.length >= fixedHeaderBytes && bytes.length >= headLength(bytes)
  while (!isWhole()) {
    const next = await source.next()
    if (next.done === true) break
    if (!isBytes(next.value)) throw invalid("A stream must give Uint8Arrays.")
    bytes = Buffer.concat([bytes, next.value])
  }
  const head = readHead(bytes)
  return { head, begun: bytes.subarray(headLength(bytes)) }
}

const chained = async function* (first: Uint8Array, rest: Pieces): AsyncGenerator<Uint8Array, void> {
  yield first
  yield* rest
}

/** Everything that the calls of one envelope share. */
interface Opened {
  /** Streams, whose length is unknown, use a data key that is not kept. */
  readonly newDataKey: (prepared: Prepared, bytes: number | undefined) => Promise<DataKey>
  readonly openedDataKey: (blob: Uint8Array, prepared: Prepared, bytes: number | undefined) => Promise<DataKey>
  readonly randomBytes: (length: number) => Uint8Array
}

/** The head of a new message, and its keys. */
const begin = (
  dataKey: DataKey,
  { randomBytes }: Opened,
  prepared: Prepared
): { head: Uint8Array; keys: MessageKeys } => {
  try {
    const nonce = randomBytes(nonceBytes)
    const header = writeHeader({ nonce, blob: dataKey.blob })
    const keys = deriveKeys(dataKey.key, nonce, prepared)
    return { head: Buffer.concat([header, keys.commitment]), keys }
  } finally {
    dataKey.done()
  }
}

/** The keys of a message that was begun by this head; refuses another context, AAD or data key. */
const resume = (
  dataKey: DataKey,
  { commitment, nonce }: ReturnType<typeof readHead>,
  prepared: Prepared
): MessageKeys => {
  try {
    const keys = deriveKeys(dataKey.key, nonce, prepared)
    checkCommitment(keys, commitment)
    return keys
  } finally {
    dataKey.done()
  }
}

const sealBytes = async (opened: Opened, plaintext: Uint8Array, bound: Bound = {}): Promise<Uint8Array> => {
  if (!isBytes(plaintext)) throw invalid("seal takes a Uint8Array.")
  const prepared = prepare(bound)
  const dataKey = await opened.newDataKey(prepared, plaintext.length)
  const { head, keys } = begin(dataKey, opened, prepared)
  try {
    const segments = [...segmentsOf(plaintext, segmentBytes)].map((segment) => sealSegment(keys, segment))
    return new Uint8Array(Buffer.concat([head, ...segments]))
  } finally {
    keys.wipe()
  }
}

const openBytes = async (opened: Opened, sealed: Uint8Array, bound: Bound = {}): Promise<Uint8Array> => {
  if (!isBytes(sealed)) throw invalid("open takes a Uint8Array.")
  const prepared = prepare(bound)
  const head = readHead(sealed)
  const body = sealed.subarray(headLength(sealed))
  const keys = resume(await opened.openedDataKey(head.blob, prepared, body.length), head, prepared)
  const segments: Array<Uint8Array> = []
  try {
    for (const segment of segmentsOf(body, sealedSegmentBytes)) segments.push(openSegment(keys, segment))
    return new Uint8Array(Buffer.concat(segments))
  } finally {
    for (const segment of segments) segment.fill(0)
    keys.wipe()
  }
}

const sealPieces = async function* (opened: Opened, plaintext: Pieces, bound: Bound = {}) {
  const prepared = prepare(bound)
  const { head, keys } = begin(await opened.newDataKey(prepared, undefined), opened, prepared)
  try {
    yield head
    for await (const segment of segmentsIn(plaintext, segmentBytes)) yield sealSegment(keys, segment)
  } finally {
    keys.wipe()
  }
}

const openPieces = async function* (opened: Opened, sealed: Pieces, bound: Bound = {}) {
  const prepared = prepare(bound)
  const source = asyncOf(sealed)
  let keys: MessageKeys | undefined
  try {
    const { begun, head } = await headOf(source)
    keys = resume(await opened.openedDataKey(head.blob, prepared, undefined), head, prepared)
    for await (const segment of segmentsIn(chained(begun, source), sealedSegmentBytes)) yield openSegment(keys, segment)
  } finally {
    keys?.wipe()
    await source.return()
  }
}

const options: ReadonlySet<string> = new Set(["kms", "keyId", "cache", "clock", "randomBytes"])

/**
 * Makes an envelope. By default each `seal` calls GenerateDataKey and each `open` calls Decrypt, so that a revocation
 * binds at once. Wrong options throw an `EnvelopeError`.
 */
export const createEnvelope = (given: EnvelopeOptions): Envelope => {
  const other = Object.keys(given).find((name) => !options.has(name))
  if (other !== undefined) throw invalid(`"${other}" is not an option; there are ${[...options].join(", ")}.`)
  const { cache = {}, clock = systemClock(), keyId, kms, randomBytes = systemRandomBytes } = given
  const forSeal = makeDataKeys(limitsOf("cache.seal", cache.seal), clock)
  const forOpen = makeDataKeys(limitsOf("cache.open", cache.open), clock)
  const ownKey = makeDataKeys(undefined, clock)
  let isClosed = false
  const assertOpen = (): void => {
    if (isClosed) throw new EnvelopeError("Closed", "The envelope was closed.")
  }
  const opened: Opened = {
    randomBytes,
    newDataKey: async ({ encryptionContext, name }, bytes) => {
      assertOpen()
      if (keyId === undefined) throw invalid("An envelope without keyId opens only. Give keyId to seal.")
      const keys = bytes === undefined ? ownKey : forSeal
      return keys.take(name, bytes ?? 0, async () => {
        const made = await kms.generateDataKey({ KeyId: keyId, ...asked(encryptionContext) })
        return { blob: Buffer.from(made.CiphertextBlob, "base64"), key: keyBytesOf(made.Plaintext) }
      })
    },
    openedDataKey: async (blob, { encryptionContext, name }, bytes) => {
      assertOpen()
      const CiphertextBlob = Buffer.from(blob).toString("base64")
      const keys = bytes === undefined ? ownKey : forOpen
      return keys.take(`${name} ${CiphertextBlob}`, bytes ?? 0, async () => {
        const reply = await kms.decrypt({ CiphertextBlob, ...asked(encryptionContext) })
        return { blob, key: keyBytesOf(reply.Plaintext) }
      })
    }
  }
  const close = (): void => {
    isClosed = true
    forSeal.wipe()
    forOpen.wipe()
  }
  return {
    seal: (plaintext, bound) => sealBytes(opened, plaintext, bound),
    open: (sealed, bound) => openBytes(opened, sealed, bound),
    sealStream: (plaintext, bound) => sealPieces(opened, plaintext, bound),
    openStream: (sealed, bound) => openPieces(opened, sealed, bound),
    close,
    [Symbol.dispose]: close
  }
}
