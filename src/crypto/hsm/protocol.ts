/** What the service asks of the threads that talk to a token, and what they answer: several calls in one message. */
import type { TokenFailure } from "./failures.ts"
import type { PackedRecords } from "./thread/packedRecords.ts"
import type { OaepHash } from "../primitives.ts"
import type { Mechanisms } from "./mechanisms.ts"
import type { Sm2Form } from "./sm2Forms.ts"
import type { Presence } from "./thread/presence.ts"
import type { ConnectLock } from "./thread/connectLock.ts"

/** Which token, and how to reach it. The PIN stays in its file; it is read there whenever a session logs in. */
export interface TokenOptions {
  /** Path of the PKCS#11 module. */
  readonly module: string
  /** CKA_LABEL of the token. */
  readonly label: string
  readonly pinFile: string
  /** What the token's vendor numbers SM2 and SM4 with; without numbers there are no such keys. */
  readonly mechanisms?: Mechanisms
}

/** An object of the token: CKA_ID and CKA_LABEL, which together name one secret key, or the two halves of one pair. */
export interface ObjectName {
  readonly id: Uint8Array
  readonly label: string
}

export type TokenSecretSpec = "Aliyun_AES_256" | "Aliyun_SM4"
export type TokenPairSpec = "RSA_2048" | "RSA_3072" | "EC_P256" | "EC_P256K" | "EC_SM2"
export type TokenWrapping = "RSAES_PKCS1_V1_5" | "RSAES_OAEP_SHA_1" | "RSAES_OAEP_SHA_256"
export type TokenSignature = "RSA_PSS_SHA_256" | "RSA_PKCS1_SHA_256" | "ECDSA_SHA_256" | "SM2DSA"

/** What was tried on the token at hand and worked. A mechanism that is only listed counts for nothing. */
export interface Abilities {
  readonly secrets: ReadonlyArray<TokenSecretSpec>
  readonly pairs: ReadonlyArray<TokenPairSpec>
  /** How OAEP is opened: wholly in the token, or by its bare RSA and our own decoding; none if by neither. */
  readonly oaep: Readonly<Record<OaepHash, "token" | "raw" | "none">>
  /** How the token wants a ciphertext of SM2. */
  readonly sm2Form: Sm2Form | undefined
  /** What each kind of secret key can be unwrapped by. */
  readonly wrappings: Readonly<Record<TokenSecretSpec, ReadonlyArray<TokenWrapping>>>
  /** What was to be used by its number and cannot be, each in a few words. */
  readonly lacking: ReadonlyArray<string>
  /** Who made the token and what it calls itself. */
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

/** Every call by its name. All of them may be made twice: what makes an object first removes any of the same name. */
export interface TokenCalls {
  /** Opens sessions and logs in. `afresh` first ends the module's whole state: nobody else may be in a call then. */
  readonly connect: { readonly asks: { readonly afresh: boolean }; readonly answers: null }
  readonly disconnect: { readonly asks: object; readonly answers: null }
  readonly ping: { readonly asks: object; readonly answers: null }
  readonly probe: { readonly asks: object; readonly answers: Abilities }
  /** The check value is a block encrypted by the key: it tells one key from another, and must stay secret. */
  readonly makeSecret: { readonly asks: SecretKey; readonly answers: Uint8Array }
  /** DER SubjectPublicKeyInfo. A pair that carries material in unwraps, and does nothing else. */
  readonly makePair: {
    readonly asks: { readonly name: ObjectName; readonly spec: TokenPairSpec; readonly unwraps: boolean }
    readonly answers: Uint8Array
  }
  readonly checkSecret: { readonly asks: SecretKey; readonly answers: Uint8Array }
  readonly publicKey: {
    readonly asks: { readonly name: ObjectName; readonly spec: TokenPairSpec }
    readonly answers: Uint8Array
  }
  /** Ciphertext and tag, opened once by the token before they are answered. */
  readonly seal: { readonly asks: Sealing & { readonly plaintext: Uint8Array }; readonly answers: Uint8Array }
  readonly unseal: { readonly asks: Sealing & { readonly sealed: Uint8Array }; readonly answers: Uint8Array }
  /** As the token made it; of ECDSA the bare r and s, which the token has verified. */
  readonly sign: {
    readonly asks: { readonly name: ObjectName; readonly algorithm: TokenSignature; readonly digest: Uint8Array }
    readonly answers: Uint8Array
  }
  readonly decrypt: {
    readonly asks: { readonly name: ObjectName; readonly how: Decryption; readonly ciphertext: Uint8Array }
    readonly answers: Uint8Array
  }
  /** Unwraps a secret key inside the token, and answers its check value. */
  readonly unwrap: {
    readonly asks: SecretKey & {
      readonly wrapping: ObjectName
      readonly algorithm: TokenWrapping
      readonly wrapped: Uint8Array
    }
    readonly answers: Uint8Array
  }
  /** Everything of this name goes, durably; what is not there is gone already. */
  readonly destroy: { readonly asks: { readonly name: ObjectName }; readonly answers: null }
  /** Objects whose labels begin so, all of them or those of one id. */
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

/** A thread's first message, once the module is loaded: from then on the time of its calls counts. */
export const startedMessage = "started"

/** What a thread is given when it starts. */
export interface ThreadData {
  readonly options: TokenOptions
  readonly connectLock: ConnectLock
  readonly presence: Presence
}

/** For a thread that waits for messages, to look whether it is to leave. */
export const leaveMessage = "leave"

export type Reply =
  | { readonly ok: true; readonly answers: Answers<CallName> }
  /** `detail` names a return value of PKCS#11, or what is not as it should be; never a secret. */
  | { readonly ok: false; readonly failure: TokenFailure; readonly detail: string }

/** Calls in the order they are to be made. */
export type CallsMessage = PackedRecords<CallMessage>

export interface RepliesMessage {
  /** In the order of the calls, all that were made since the last message. */
  readonly replies: PackedRecords<Reply>
  /** Sessions that the thread has open after them. */
  readonly sessions: number
}
