/** A step of a test with labels for keys, ciphertexts and other values, so that any part of a sequence can run. */
import type { RequestType } from "../../../machines/vocabulary.ts"
import type { KeyStatement, OperationName, Place, Quotas, Wire } from "../adapters/adapter.ts"

export type IntervalUnit = "d" | "h" | "m" | "s"

export type Wrapping = "RSAES_PKCS1_V1_5" | "RSAES_OAEP_SHA_1" | "RSAES_OAEP_SHA_256"

/** `k1`, `c1`, `t1`, `a1`, `s1`: a key, a ciphertext, an import token, an alias, a signature. `k1.v2` is a version. */
export type Label = string

/** Deliberate faults. */
export type Twist =
  | "tampered"
  | "truncated"
  /** With one byte behind the value. */
  | "lengthened"
  | "otherContext"
  | "noContext"
  /** Decrypts with the context of this step, not with the context of the encryption. */
  | "givenContext"
  | "reorderedContext"
  | "unknownKey"
  | "tooShort"
  | "tooLong"
  | "otherMaterial"
  | "wrongLength"
  /** A data key of a KeySpec that does not exist; or with the KeySpec of another length beside NumberOfBytes. */
  | "unknownSpec"
  | "bothLengths"
  | "garbage"
  | "pastExpiry"
  /** An import whose expiry is 0, which means never (API, ImportKeyMaterial). */
  | "zeroExpiry"
  | "otherDigest"
  | "outside"
  | "badName"
  | "otherAlgorithm"
  | "unknownVersion"
  | "pageTooSmall"
  | "pageTooLarge"
  | "pageZero"

/** The form of the key's reference, if it is neither an id nor a plain alias name. */
export const references = [
  /** The ARN of the key, or of its alias. */
  "arn",
  /** The ARN with another account or region. */
  "arnOfAnotherAccount",
  "arnOfAnotherRegion",
  /** The id in capitals, or the alias after `Alias/`; either one without its last character, or followed by a blank. */
  "upperCase",
  "cutShort",
  "withBlank"
] as const
export type Reference = (typeof references)[number]

/** Steps on the service itself: advance its clock, restart it, fill it, or change the rights of a user. */
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

/** Whether an operation changes an existing key, or something that belongs to it. */
export const changesKey = (op: string): boolean => isCalled(op)

/** Operations that bring a key into a state. */
export const moves: ReadonlySet<OperationName | Deed> = new Set(["CreateKey" as const, ...lifecycleMoves])

/** The selection of keys in ListKeys. */
export interface Filter {
  readonly Key:
    | "KeyState"
    | "KeySpec"
    | "KeyUsage"
    | "ProtectionLevel"
    | "CreatorType"
    | "TagKey"
    | "TagValue"
    /** The values are labels of keys, or of aliases. */
    | "KeyId"
    | "AliasName"
  readonly Values: ReadonlyArray<string>
}

/** One step of a sequence: an operation, or an action on the service. */
export interface Step {
  readonly op: OperationName | Deed
  /** The key of the step. */
  readonly key?: Label
  /** The alias that names the key. */
  readonly by?: Label
  readonly reference?: Reference
  /** The label of the result: a key, ciphertext, token, alias or signature. */
  readonly makes?: Label
  /** The kind of key that CreateKey creates. */
  readonly kind?: string
  /** The ciphertext, token or signature that the step uses. */
  readonly of?: Label
  readonly version?: Label
  readonly alias?: Label
  /** The key to move an alias to, or to encrypt under. */
  readonly to?: Label
  readonly text?: string
  /** Plaintext of the greatest permitted length, or one byte more with the fault `tooLong`. */
  readonly longest?: true
  /** Plaintext of such a length that is not Base64. */
  readonly isRaw?: true
  readonly context?: Readonly<Record<string, string>>
  readonly days?: number
  /** The unit of an interval. */
  readonly unit?: IntervalUnit
  readonly millis?: number
  /** `Fill` creates items of this kind until `room` more are permitted. */
  readonly fills?: keyof Quotas
  readonly room?: number
  readonly bytes?: number
  /** The wrapping algorithm, or that of an RSA pair; `RSAES_OAEP_SHA_256` if absent. */
  readonly algorithm?: Wrapping
  /** The page of a list, with two entries each unless `size` gives another number. */
  readonly page?: number
  readonly size?: number
  /** The listing of the page: `l1`. The contents of its pages are compared. */
  readonly list?: Label
  readonly filters?: ReadonlyArray<Filter>
  /** Requests the length of a data key by name instead of bytes. */
  readonly named?: true
  readonly on?: boolean
  /** Asks for the outcome only: the service makes every check of the call and performs nothing. */
  readonly isDryRun?: true
  readonly tags?: Readonly<Record<string, string>>
  readonly twist?: Twist
  /** The form of the request, if the suite tests the wire. */
  readonly wire?: Wire
  /** Steps of one burst are sent together; those of one client in order. */
  readonly burst?: number
  readonly client?: number
  /** The account or region of the caller, if not home. The alias `a1@otherAccount` has the name of `a1` there. */
  readonly from?: Place
  /** The caller, if not the root: a user with only the listed rights. */
  readonly as?: {
    readonly name: string
    readonly permits: ReadonlyArray<OperationName>
    readonly denies?: ReadonlyArray<OperationName>
    readonly key?: Label | "*"
    /** The same rights also apply to this alias. */
    readonly alias?: Label
    readonly condition?: "met" | "unmet"
    /** Whether calls meet the condition under which the rights in `denies` are denied; always denied if absent. */
    readonly denyCondition?: "met" | "unmet"
    readonly isOff?: true
    /** Uses the rights of the latest `Grant` and ignores the others. */
    readonly asItIs?: true
  }
  /** The document of SetKeyPolicy. */
  readonly policy?: ReadonlyArray<KeyStatement>
}
