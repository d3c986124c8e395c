/** The headers of a request with signature V3. */
import { createHash, randomUUID } from "node:crypto"
import { formatInstant } from "../../src/domain/time.ts"
import { signatureV3 } from "../wire/secondOpinion.ts"

export interface ToSend {
  readonly action: string
  readonly version?: string
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  readonly host: string
  /** JSON; no body unless given. */
  readonly body?: Buffer
  readonly who: { readonly accessKeyId: string; readonly secret: string; readonly securityToken?: string }
}

export const headersV3 = ({
  action,
  version = "2016-01-20",
  query,
  host,
  who,
  body = Buffer.alloc(0)
}: ToSend): Readonly<Record<string, string>> => {
  const headers: Readonly<Record<string, string>> = {
    ...(body.length === 0 ? {} : { "content-type": "application/json" }),
    host,
    "x-acs-action": action,
    "x-acs-content-sha256": createHash("sha256").update(body).digest("hex"),
    "x-acs-date": formatInstant(Date.now()),
    ...(who.securityToken === undefined ? {} : { "x-acs-security-token": who.securityToken }),
    "x-acs-signature-nonce": randomUUID(),
    "x-acs-version": version
  }
  const signedHeaders = Object.keys(headers).sort()
  const signature = signatureV3({ method: "POST", query, headers, signedHeaders, body }, who.secret)
  const authorization = `ACS3-HMAC-SHA256 Credential=${who.accessKeyId},SignedHeaders=${signedHeaders.join(";")},Signature=${signature}`
  return { ...headers, authorization }
}
