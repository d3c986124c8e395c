/** A step of a test, in symbols: keys, ciphertexts and the rest go by labels, so that any part of a sequence can be run. */
import type { RequestType } from "../../../machines/vocabulary.ts"
import type { KeyStatement, OperationName, Place, Quotas, Wire } from "../adapters/adapter.ts"
import type { IntervalUnit, Wrapping } from "../dialects/dialect.ts"

/** `k1`, `c1`, `t1`, `a1`, `s1`: a key, a ciphertext, an import token, an alias, a signature. `k1.v2` is a version. */
export type Label = string

/** What is done wrongly on purpose. */
export type Twist =
  | "tampered"
  | "truncated"
  | "otherContext"
  | "noContext"
  /** Decrypted under the context of this step, not the context it was encrypted under. */
  | "givenContext"
  | "reorderedContext"
  | "unknownKey"
  | "tooShort"
  | "tooLong"
  | "otherMaterial"
  | "wrongLength"
  | "garbage"
  | "pastExpiry"
  | "otherDigest"
  | "outside"
  | "badName"
  | "otherAlgorithm"
  | "unknownVersion"
  | "pageTooSmall"
  | "pageTooLarge"
  | "pageZero"

/** How a step names its key, if neither by its id nor by a plain alias name. */
export const references = [
  /** The ARN of the key, or of the alias that stands for it. */
  "arn",
  /** The ARN with another account or region in it. */
  "arnOfAnotherAccount",
  "arnOfAnotherRegion",
  /** The id in capitals, or the name of an alias after `Alias/`; either without its last character, or with a blank after it. */
  "upperCase",
  "cutShort",
  "withBlank"
] as const
export type Reference = (typeof references)[number]

/**
 * Steps on the service itself: advance its clock, restart it, fill it up, or change the rights of a user. */
export const deeds = ["Advance", "Restart", "Fill", "Grant"] as const
export type Deed = (typeof deeds)[number]
export const isDeed = (op: string): op is Deed => deeds.some((deed) => deed === op)

/** Whether an operation can take a key from one lifecycle state to another. */
const movesLifecycle = {
  EnableKey: true,
  DisableKey: true,
  ScheduleKeyDeletion: true,
  CancelKeyDeletion: true,
  ImportKeyMaterial: true,
  DeleteKeyMaterial: true,
  SetDeletionProtection: false,
  UpdateKeyDescription: false,
  UpdateRotationPolicy: false,
  CreateKeyVersion: false,
  TagResource: false,
  UntagResource: false,
  CreateAlias: false,
  UpdateAlias: false,
  DeleteAlias: false,
  SetKeyPolicy: false
} as const satisfies Record<RequestType & OperationName, boolean>

const isCalled = (name: string): name is keyof typeof movesLifecycle => Object.hasOwn(movesLifecycle, name)
export const lifecycleMoves = Object.keys(movesLifecycle)
  .filter(isCalled)
  .filter((name) => movesLifecycle[name])

/** Whether an operation changes a key that exists, or what belongs to it. */
export const changesKey = (op: string): boolean => isCalled(op)

/** Operations that bring a key into a state. */
export const moves: ReadonlySet<OperationName | Deed> = new Set(["CreateKey" as const, ...lifecycleMoves])

/** Which keys ListKeys lists. */
export interface Filter {
  readonly Key: "KeyState" | "KeySpec" | "KeyUsage" | "ProtectionLevel" | "CreatorType" | "TagKey" | "TagValue"
  readonly Values: ReadonlyArray<string>
}

/** One step of a sequence: an operation, or something that is done to the service. */
export interface Step {
  readonly op: OperationName | Deed
  /** The key it is about. */
  readonly key?: Label
  /** The alias that stands for the key. */
  readonly by?: Label
  readonly reference?: Reference
  /** What it makes: a key, ciphertext, token, alias or signature. */
  readonly makes?: Label
  /** The kind of key CreateKey makes. */
  readonly kind?: string
  /** The ciphertext, token or signature it uses. */
  readonly of?: Label
  readonly version?: Label
  readonly alias?: Label
  /** The key an alias moves to, or a ciphertext is encrypted under. */
  readonly to?: Label
  readonly text?: string
  /** Plaintext of the longest length that is taken, or of one byte more with the twist `tooLong`. */
  readonly longest?: true
  /** Plaintext of such a length is text that is no Base64. */
  readonly isRaw?: true
  readonly context?: Readonly<Record<string, string>>
  readonly days?: number
  /** The days of an interval are written in this unit. */
  readonly unit?: IntervalUnit
  readonly millis?: number
  /** `Fill` makes so many of these that there is room for `room` more. */
  readonly fills?: keyof Quotas
  readonly room?: number
  readonly bytes?: number
  /** How material is wrapped, or is to be; `RSAES_OAEP_SHA_256` unless said. */
  readonly algorithm?: Wrapping
  /** Which page of a list, of two entries each unless `size` says more. */
  readonly page?: number
  readonly size?: number
  /** The listing that the page belongs to: `l1`. What its pages hold is compared. */
  readonly list?: Label
  readonly filters?: ReadonlyArray<Filter>
  /** The length of a data key is asked for by its name, and not in bytes. */
  readonly named?: true
  readonly on?: boolean
  readonly tags?: Readonly<Record<string, string>>
  readonly twist?: Twist
  /** How the request is sent, if the suite looks at its bytes. */
  readonly wire?: Wire
  /** Steps of one burst are sent together, those of one client in their order. */
  readonly burst?: number
  readonly client?: number
  /** Where it is asked from, if not at home. An alias `a1@otherAccount` has the name of `a1` there. */
  readonly from?: Place
  /** Who asks, if not the root: one who may do only what is listed. */
  readonly as?: {
    readonly name: string
    readonly permits: ReadonlyArray<OperationName>
    readonly denies?: ReadonlyArray<OperationName>
    readonly key?: Label | "*"
    /** What is permitted is permitted on this alias too. */
    readonly alias?: Label
    readonly condition?: "met" | "unmet"
    readonly isOff?: true
    /** With the rights of the latest `Grant`; the others are not looked at. */
    readonly asItIs?: true
  }
  /** What SetKeyPolicy writes. */
  readonly policy?: ReadonlyArray<KeyStatement>
}
