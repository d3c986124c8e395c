/** The token of temporary credentials: the whole session, sealed, so that none of it need be stored. */
import { Redacted, Result, Schema } from "effect"
import type { RootKey } from "../crypto/seal.ts"
import { decodeBase64, encodeBase64 } from "../encoding/base64.ts"
import { AccountId } from "../domain/ids.ts"
import { redactSecret } from "./keyPairs.ts"

const { Boolean, Number, String, Struct } = Schema

const AssumerShape = Struct({
  kind: Schema.Literals(["user", "role"]),
  account: AccountId,
  name: String,
  id: String,
  accessKeyId: Schema.optional(String)
})

const BegunShape = Struct({
  by: AssumerShape,
  trustRevision: Number,
  at: Number,
  session: String,
  sourceIp: Schema.optional(String),
  secureTransport: Boolean,
  externalId: Schema.optional(String)
})

const Contents = Struct({
  secret: String,
  account: AccountId,
  role: String,
  roleId: String,
  session: String,
  /** The canonical document of the session policy, if there is one. */
  policy: Schema.optionalKey(String),
  /** The calls that led to the session; absent if the account's root issued it. */
  begun: Schema.optionalKey(Schema.Array(BegunShape)),
  /** Milliseconds of real time, unless `clock` is set. */
  expiresAt: Number,
  clock: Schema.optionalKey(Schema.Literal("lifecycle"))
})

const fromJson = Schema.decodeUnknownResult(Schema.fromJsonString(Contents))

export interface TokenContents extends Omit<typeof Contents.Type, "secret"> {
  readonly secret: Redacted.Redacted<string>
}

const label = "security token"
const utf8 = new TextEncoder()

/** The token belongs to its access key id and opens with no other id. */
export const sealToken = (rootKey: RootKey, accessKeyId: string, contents: TokenContents): string => {
  const plaintext = utf8.encode(JSON.stringify({ ...contents, secret: Redacted.value(contents.secret) }))
  const sealed = rootKey.sealSecret({ label, id: accessKeyId, plaintext })
  plaintext.fill(0)
  return encodeBase64(sealed)
}

export type TokenFault = "InvalidSecurityToken.Malformed" | "InvalidSecurityToken.MismatchWithAccessKey"

/** The length of a nonce and a tag. */
const sealedBytesMin = 32

export const openToken = (
  rootKey: RootKey,
  accessKeyId: string,
  token: string
): Result.Result<TokenContents, TokenFault> => {
  const sealed = decodeBase64(token)
  if (sealed === undefined || sealed.length < sealedBytesMin) return Result.fail("InvalidSecurityToken.Malformed")
  const plaintext = rootKey.openSecret({ label, id: accessKeyId, sealed })
  if (plaintext === undefined) return Result.fail("InvalidSecurityToken.MismatchWithAccessKey")
  const read = fromJson(new TextDecoder().decode(plaintext))
  plaintext.fill(0)
  return Result.isFailure(read)
    ? Result.fail("InvalidSecurityToken.Malformed")
    : Result.succeed({ ...read.success, secret: redactSecret(read.success.secret) })
}
