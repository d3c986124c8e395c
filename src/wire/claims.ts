/** The claims of a signed request, for both schemes. None is trusted before the signature is verified. */
import type { BinaryToTextEncoding } from "node:crypto"
import { timingSafeEqual } from "node:crypto"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { nonceCharsMax } from "../domain/limits.ts"
import { keyedHash } from "./keyedHash.ts"
import type { KeyedHashName } from "./keyedHash.ts"

export interface Claims {
  readonly accessKeyId: string
  /** Undefined unless the credentials are temporary. */
  readonly securityToken: string | undefined
  /** Undefined if a version 1.0 request has none. */
  readonly nonce: string | undefined
  readonly timestamp: string
  readonly signature: string
  readonly mac: Mac
  /** The signed text, computed from the request that will be executed. */
  readonly toSign: () => ToSign
}

export interface ToSign {
  readonly text: string
  /** False if the request contradicts itself, so that no signature can match. */
  readonly intact: boolean
  /** The text behind the hash, if only a hash is signed. */
  readonly about?: string
}

/** A scheme's keyed hash: the suffix of the secret and the encoding of the result. */
export interface Mac {
  readonly hash: KeyedHashName
  readonly secretSuffix: "&" | ""
  readonly encoding: BinaryToTextEncoding
}

export const computeMac = (mac: Mac, input: { readonly secret: string; readonly text: string }): string =>
  keyedHash(mac.hash, { key: input.secret + mac.secretSuffix, text: input.text }, mac.encoding)

/**
 * Compares in a time that does not depend on the position of the first difference. The length of a MAC is not secret.
 */
export const macEquals = (given: string, computed: string): boolean => {
  const left = Buffer.from(given)
  const right = Buffer.from(computed)
  return left.length === right.length && timingSafeEqual(left, right)
}

export const incomplete = (hint: string): AnyKmsError => refuse("IncompleteSignature", { hint })

/** Common parameters whose absence has a separate code, in the order of the checks. */
const mandatory = [
  "AccessKeyId",
  "Signature",
  "SignatureMethod",
  "SignatureVersion",
  "SignatureNonce",
  "Timestamp",
  "Version",
  "Action"
] as const

export type Mandatory = (typeof mandatory)[number]

/** The refusal for the first of the given common parameters that is empty. */
export const firstMissing = (given: Partial<Readonly<Record<Mandatory, string>>>): AnyKmsError | undefined => {
  for (const name of mandatory) {
    if (given[name] === "") return refuse(`Missing${name}`, { parameter: name })
  }
  return undefined
}

/** API, STS: a temporary access key is not valid without its token. */
export const lacksToken = (accessKeyId: string, securityToken: string | undefined): AnyKmsError | undefined =>
  accessKeyId.startsWith("STS.") && securityToken === undefined ? refuse("MissingSecurityToken") : undefined

export const nonceTooLong = (nonce: string | undefined): AnyKmsError | undefined =>
  nonce !== undefined && nonce.length > nonceCharsMax
    ? incomplete(`A signature nonce has at most ${nonceCharsMax} characters.`)
    : undefined
