/** The messages between the service and the threads of a token; one message has several calls. */
import type { TokenFailure } from "./failures.ts"
import type { PackedRecords } from "./thread/packedRecords.ts"
import type { OaepHash } from "../primitives.ts"
import type { Mechanisms } from "./mechanisms.ts"
import type { Sm2Form } from "./sm2Forms.ts"
import type { Presence } from "./thread/presence.ts"
import type { ConnectLock } from "./thread/connectLock.ts"

/** The token, and how to reach it. The PIN stays in its file, which is read at each login. */
export interface TokenOptions {
  /** Path of the PKCS#11 module. */
  readonly module: string
  /** CKA_LABEL of the token. */
  readonly label: string
  readonly pinFile: string
  /** The vendor's numbers of SM2 and SM4 mechanisms; without numbers there are no such keys. */
  readonly mechanisms?: Mechanisms
}

/** An object of the token: CKA_ID and CKA_LABEL, which together name one secret key or the two halves of one pair. */
export interface ObjectName {
  readonly id: Uint8Array
  readonly label: string
}

export type TokenSecretSpec = "Aliyun_AES_256" | "Aliyun_SM4"
export type TokenPairSpec = "RSA_2048" | "RSA_3072" | "EC_P256" | "EC_P256K" | "EC_SM2"
export type TokenWrapping = "RSAES_PKCS1_V1_5" | "RSAES_OAEP_SHA_1" | "RSAES_OAEP_SHA_256"
export type TokenSignature = "RSA_PSS_SHA_256" | "RSA_PKCS1_SHA_256" | "ECDSA_SHA_256" | "SM2DSA"

/** The abilities that worked in trials on this token. A mechanism that is only listed does not count. */
export interface Abilities {
  readonly secrets: ReadonlyArray<TokenSecretSpec>
  readonly pairs: ReadonlyArray<TokenPairSpec>
  /** How OAEP is decrypted: in the token, by its raw RSA with our own decoding, or not at all. */
  readonly oaep: Readonly<Record<OaepHash, "token" | "raw" | "none">>
  /** The form of SM2 ciphertexts in the token. */
  readonly sm2Form: Sm2Form | undefined
  /** The wrappings by which each kind of secret key can be imported. */
  readonly wrappings: Readonly<Record<TokenSecretSpec, ReadonlyArray<TokenWrapping>>>
  /** Configured mechanisms that cannot be used, each in a few words. */
  readonly lacking: ReadonlyArray<string>
  /** The manufacturer and the model name of the token. */
  readonly model: string
}

export interface TokenObject extends ObjectName {
  readonly kind: "secret" | "private" | "public"
}

interface SecretKey {
  readonly name: ObjectName
  readonly spec: TokenSecretSpec
}

interface Sealing extends SecretKey {
  readonly iv: Uint8Array
  readonly aad: Uint8Array
}

export type Decryption =
  | { readonly scheme: "OAEP"; readonly hash: OaepHash; readonly by: "token" | "raw" }
  | { readonly scheme: "SM2"; readonly form: Sm2Form }

/**
 * Every call by its name. All of them may be repeated: a call that makes an object first removes any of the same name.
 */
export interface TokenCalls {
  /**
   * Opens sessions and logs in. `afresh` first ends the module's whole state: no other thread may be in a call then.
   */
  readonly connect: { readonly asks: { readonly afresh: boolean }; readonly answers: null }
  readonly disconnect: { readonly asks: object; readonly answers: null }
  readonly ping: { readonly asks: object; readonly answers: null }
  readonly probe: { readonly asks: object; readonly answers: Abilities }
  /** The check value is a block encrypted by the key. It distinguishes keys, and must stay secret. */
  readonly makeSecret: { readonly asks: SecretKey; readonly answers: Uint8Array }
  /** DER SubjectPublicKeyInfo. A wrapping pair can only unwrap. */
  readonly makePair: {
    readonly asks: { readonly name: ObjectName; readonly spec: TokenPairSpec; readonly unwraps: boolean }
    readonly answers: Uint8Array
  }
  readonly checkSecret: { readonly asks: SecretKey; readonly answers: Uint8Array }
  readonly publicKey: {
    readonly asks: { readonly name: ObjectName; readonly spec: TokenPairSpec }
    readonly answers: Uint8Array
  }
  /** Ciphertext and tag; the token has opened them once before this answer. */
  readonly seal: { readonly asks: Sealing & { readonly plaintext: Uint8Array }; readonly answers: Uint8Array }
  readonly unseal: { readonly asks: Sealing & { readonly sealed: Uint8Array }; readonly answers: Uint8Array }
  /** In the token's form; for ECDSA the bare r and s, which the token has verified. */
  readonly sign: {
    readonly asks: { readonly name: ObjectName; readonly algorithm: TokenSignature; readonly digest: Uint8Array }
    readonly answers: Uint8Array
  }
  readonly decrypt: {
    readonly asks: { readonly name: ObjectName; readonly how: Decryption; readonly ciphertext: Uint8Array }
    readonly answers: Uint8Array
  }
  /** Unwraps a secret key inside the token, and returns its check value. */
  readonly unwrap: {
    readonly asks: SecretKey & {
      readonly wrapping: ObjectName
      readonly algorithm: TokenWrapping
      readonly wrapped: Uint8Array
    }
    readonly answers: Uint8Array
  }
  /** Durably destroys every object of this name; an absent object is no error. */
  readonly destroy: { readonly asks: { readonly name: ObjectName }; readonly answers: null }
  /** Objects whose labels have this prefix: all of them, or those of one id. */
  readonly list: {
    readonly asks: { readonly labelPrefix: string; readonly id?: Uint8Array }
    readonly answers: ReadonlyArray<TokenObject>
  }
}

export type CallName = keyof TokenCalls
export type Asks<Name extends CallName> = TokenCalls[Name]["asks"]
export type Answers<Name extends CallName> = TokenCalls[Name]["answers"]

export interface CallMessage<Name extends CallName = CallName> {
  readonly call: Name
  readonly asks: Asks<Name>
}

/** A thread's first message after it has loaded the module. From then on time limits of calls apply. */
export const startedMessage = "started"

/** The start parameters of a thread. */
export interface ThreadData {
  readonly options: TokenOptions
  readonly connectLock: ConnectLock
  readonly presence: Presence
}

/** Wakes a waiting thread, so that it checks whether it must exit. */
export const leaveMessage = "leave"

export type Reply =
  | { readonly ok: true; readonly answers: Answers<CallName> }
  /** `detail` names a return value of PKCS#11, or the unexpected condition; never a secret. */
  | { readonly ok: false; readonly failure: TokenFailure; readonly detail: string }

/** Calls in the order of execution. */
export type CallsMessage = PackedRecords<CallMessage>

export interface RepliesMessage {
  /** In the order of the calls: all replies since the last message. */
  readonly replies: PackedRecords<Reply>
  /** The number of sessions that the thread has open after the calls. */
  readonly sessions: number
}
