/** Requests, a credential and an instant for the tests of the wire. */
import { Redacted, Result } from "effect"
import type { AnyKmsError } from "../../src/domain/errors.ts"
import { formatInstant } from "../../src/domain/time.ts"
import { authenticate } from "../../src/wire/authenticate.ts"
import type { Authenticated, Credential, CredentialFault } from "../../src/wire/authenticate.ts"
import { signV1 } from "../../src/wire/client.ts"
import type { UnsignedRequest } from "../../src/wire/client.ts"
import { makeReplayGuard } from "../../src/wire/replayGuard.ts"
import type { ReplayGuard } from "../../src/wire/replayGuard.ts"
import { parseRequest } from "../../src/wire/rpcRequest.ts"
import type { RawRequest } from "../../src/wire/rpcRequest.ts"

export const nowMillis = 1_795_514_400_000
export const now = formatInstant(nowMillis)

export const accessKeyId = "testid"
export const secret = "testsecret"

const credentials: ReadonlyArray<Credential & { readonly token?: string }> = [
  { accessKeyId, secret: Redacted.make(secret), active: true },
  { accessKeyId: "other", secret: Redacted.make("othersecret"), active: true },
  { accessKeyId: "sleeping", secret: Redacted.make(secret), active: false },
  { accessKeyId: "STS.temporary", secret: Redacted.make(secret), active: true, token: "token" }
]

const credential = (id: string, token: string | undefined): Result.Result<Credential, CredentialFault> => {
  const known = credentials.find(({ accessKeyId }) => accessKeyId === id)
  if (known === undefined) return Result.fail("InvalidAccessKeyId.NotFound")
  if (token === "expired") return Result.fail("InvalidSecurityToken.Expired")
  if (token === "garbled") return Result.fail("InvalidSecurityToken.Malformed")
  return known.active && known.token !== token
    ? Result.fail("InvalidSecurityToken.MismatchWithAccessKey")
    : Result.succeed(known)
}

export const makeGuard = (): ReplayGuard => makeReplayGuard({ drained: false })

export const ask = (
  raw: RawRequest,
  options: { readonly nonces?: ReplayGuard; readonly nowMillis?: number } = {}
): Result.Result<Authenticated<Credential>, AnyKmsError> =>
  Result.flatMap(parseRequest(raw), (request) =>
    authenticate(request, {
      nowMillis: options.nowMillis ?? nowMillis,
      credential,
      nonces: options.nonces ?? makeGuard()
    })
  )

/** `ok`, or the code of the refusal. */
export const outcome = (answer: Result.Result<unknown, AnyKmsError>): string =>
  Result.isSuccess(answer) ? "ok" : answer.failure.code

export const get = (query: string): RawRequest => ({
  method: "GET",
  url: `/?${query}`,
  headers: { host: "kms.cn-hangzhou.aliyuncs.com" },
  body: new Uint8Array()
})

export const post = (form: string, type = "application/x-www-form-urlencoded"): RawRequest => ({
  method: "POST",
  url: "/",
  headers: { host: "kms.cn-hangzhou.aliyuncs.com", "content-type": type },
  body: Buffer.from(form, "latin1")
})

export const signed = (
  parameters: Readonly<Record<string, string>>,
  overrides: Partial<UnsignedRequest> = {}
): string =>
  signV1({
    method: "POST",
    parameters: { Action: "Encrypt", Version: "2016-01-20", ...parameters },
    accessKeyId,
    secret,
    nonce: "n1",
    timestamp: now,
    ...overrides
  })
