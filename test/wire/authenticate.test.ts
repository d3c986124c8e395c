/** Authentication: the order of faults, and the content of a refusal. */
import { createHash } from "node:crypto"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { answers } from "../../src/domain/errors.ts"
import { formatInstant } from "../../src/domain/time.ts"
import { makeReplayGuard } from "../../src/wire/replayGuard.ts"
import type { RawRequest } from "../../src/wire/rpcRequest.ts"
import { accessKeyId, ask, get, makeGuard, now, nowMillis, outcome, post, secret, signed } from "./fixtures.ts"
import { signatureV1, signatureV3 } from "./secondOpinion.ts"

type Layers = ReadonlyArray<readonly [repair: Readonly<Record<string, string>>, code: string]>

/** Corrects one fault per line and compares the refusals; their order must be that of the table of codes. */
const peel = (layers: Layers, send: (repaired: Readonly<Record<string, string>>) => string): void => {
  const repaired: Record<string, string> = {}
  const order = Object.keys(answers)
  let place = -1
  for (const [repair, code] of layers) {
    Object.assign(repaired, repair)
    expect([repaired, send(repaired)]).toEqual([repaired, code])
    if (code === "ok" || code === "InvalidParameter") continue
    expect(order.indexOf(code)).toBeGreaterThanOrEqual(place)
    place = order.indexOf(code)
  }
}

const usedNonces = () => {
  const nonces = makeGuard()
  const use = { accessKeyId: "STS.temporary", by: "nonce", text: "used", stampMillis: nowMillis, nowMillis } as const
  nonces.check(use)
  return nonces
}

const late = formatInstant(nowMillis - 15 * 60_000 - 1000)

describe("one refusal at a time for a request with every fault", () => {
  it("a request with every fault by version 1.0 gets one refusal at a time", () => {
    const nonces = usedNonces()
    const send = ({ method = "PUT", Signature = "", ...parameters }: Readonly<Record<string, string>>): string => {
      const pairs = Object.entries(parameters).filter(([name]) => name !== "double")
      const signature = Signature === "right" ? signatureV1("POST", pairs, secret, "sha1") : Signature
      const form = new URLSearchParams([...pairs, ["Signature", signature]])
      if (parameters["double"] === undefined) form.append("Action", "Encrypt")
      return outcome(ask({ ...post(form.toString()), method }, { nonces }))
    }
    const faulty = {
      AccessKeyId: "",
      SignatureMethod: "",
      SignatureVersion: "",
      SignatureNonce: "used",
      SecurityToken: "",
      Timestamp: "",
      Version: "",
      Action: "",
      Format: "YAML"
    }
    peel(
      [
        [faulty, "UnsupportedHTTPMethod"],
        [{ method: "POST" }, "ParseRequestParameterException"],
        [{ double: "no" }, "MissingAccessKeyId"],
        [{ AccessKeyId: "STS.unknown" }, "MissingSignature"],
        [{ Signature: "wrong" }, "MissingSignatureMethod"],
        [{ SignatureMethod: "HMAC-MD5" }, "MissingSignatureVersion"],
        [{ SignatureVersion: "2.0" }, "MissingTimestamp"],
        [{ Timestamp: "yesterday" }, "MissingVersion"],
        [{ Version: "2014-05-26" }, "MissingAction"],
        [{ Action: "Encrypt" }, "MissingSecurityToken"],
        [{ SecurityToken: "token" }, "IncompleteSignature"],
        [{ SignatureMethod: "HMAC-SHA1" }, "IncompleteSignature"],
        [{ SignatureVersion: "1.0" }, "InvalidVersion"],
        [{ Version: "2016-01-20" }, "InvalidTimeStamp.Format"],
        [{ Timestamp: late }, "InvalidTimeStamp.Expired"],
        [{ Timestamp: now }, "InvalidAccessKeyId.NotFound"],
        [{ AccessKeyId: "sleeping", SecurityToken: "" }, "InvalidAccessKeyId.Inactive"],
        [{ AccessKeyId: "STS.temporary", SecurityToken: "garbled" }, "InvalidSecurityToken.Malformed"],
        [{ SecurityToken: "stolen" }, "InvalidSecurityToken.MismatchWithAccessKey"],
        [{ SecurityToken: "expired" }, "InvalidSecurityToken.Expired"],
        [{ SecurityToken: "token" }, "SignatureDoesNotMatch"],
        [{ Signature: "right" }, "SignatureNonceUsed"],
        [{ SignatureNonce: "fresh" }, "InvalidParameter"],
        [{ SignatureNonce: "fresher", Format: "xml" }, "ok"]
      ],
      send
    )
  })

  it("a request with every fault by V3 gets one refusal at a time", () => {
    const nonces = usedNonces()
    const send = (faults: Readonly<Record<string, string>>): string => {
      const {
        method = "DELETE",
        type = "text/plain",
        key = "",
        signature = "",
        algorithm = "SM3",
        names = "host"
      } = faults
      const { query = "Format=YAML", hash = "wrong", ...rest } = faults
      const body = Buffer.from("A=1")
      const headers: Record<string, string> = { host: "localhost", "content-type": type }
      for (const [name, value] of Object.entries(rest)) if (name.startsWith("x-acs-")) headers[name] = value
      const right = createHash("sha256").update(body).digest("hex")
      headers["x-acs-content-sha256"] = hash === "right" ? right : "wrong"
      const signedHeaders = names === "all" ? Object.keys(headers).sort() : [names]
      const pairs = [...new URLSearchParams(query)]
      const given =
        signature === "right" ? signatureV3({ method, query: pairs, headers, signedHeaders, body }, secret) : signature
      headers["authorization"] =
        `ACS3-HMAC-${algorithm} Credential=${key},SignedHeaders=${signedHeaders.join(";")},Signature=${given}`
      return outcome(ask({ method, url: `/?${query}`, headers, body }, { nonces }))
    }
    peel(
      [
        [{}, "UnsupportedHTTPMethod"],
        [{ method: "POST" }, "ParseRequestParameterException"],
        [{ type: "application/x-www-form-urlencoded" }, "MissingAccessKeyId"],
        [{ key: "STS.unknown" }, "MissingSignature"],
        [{ signature: "wrong" }, "MissingSignatureNonce"],
        [{ "x-acs-signature-nonce": "n".repeat(257) }, "MissingTimestamp"],
        [{ "x-acs-date": "yesterday" }, "MissingVersion"],
        [{ "x-acs-version": "2014-05-26" }, "MissingAction"],
        [{ "x-acs-action": "Encrypt" }, "MissingSecurityToken"],
        [{ "x-acs-security-token": "token" }, "IncompleteSignature"],
        [{ algorithm: "SHA256" }, "IncompleteSignature"],
        [{ names: "all" }, "IncompleteSignature"],
        [{ "x-acs-signature-nonce": "used" }, "InvalidVersion"],
        [{ "x-acs-version": "2016-01-20" }, "InvalidTimeStamp.Format"],
        [{ "x-acs-date": late }, "InvalidTimeStamp.Expired"],
        [{ "x-acs-date": now }, "InvalidAccessKeyId.NotFound"],
        [{ key: "sleeping", "x-acs-security-token": "" }, "InvalidAccessKeyId.Inactive"],
        [{ key: "STS.temporary", "x-acs-security-token": "garbled" }, "InvalidSecurityToken.Malformed"],
        [{ "x-acs-security-token": "stolen" }, "InvalidSecurityToken.MismatchWithAccessKey"],
        [{ "x-acs-security-token": "expired" }, "InvalidSecurityToken.Expired"],
        [{ "x-acs-security-token": "token" }, "SignatureDoesNotMatch"],
        [{ signature: "right" }, "SignatureDoesNotMatch"],
        [{ hash: "right" }, "SignatureNonceUsed"],
        [{ "x-acs-signature-nonce": "fresh" }, "InvalidParameter"],
        [{ "x-acs-signature-nonce": "fresher", query: "Format=JSON" }, "ok"]
      ],
      send
    )
  })
})

describe("unsupported signature algorithms", () => {
  const headers = {
    host: "localhost",
    "x-acs-action": "CreateKey",
    "x-acs-version": "2016-01-20",
    "x-acs-date": now,
    "x-acs-signature-nonce": "nonce"
  }

  it.each([
    ["ACS4-HMAC-SHA256", "testid/20261129/cn-hangzhou/Kms/aliyun_v4_request"],
    ["ACS3-HMAC-SM3", "testid"],
    ["ACS3-RSA-SHA256", "testid"]
  ])("refuses the signature algorithm %s by name", (algorithm, key) => {
    const authorization = `${algorithm} Credential=${key},SignedHeaders=host,Signature=00`
    const asked = ask({ method: "POST", url: "/", headers: { ...headers, authorization }, body: new Uint8Array() })
    expect(Result.isFailure(asked) ? asked.failure : asked).toMatchObject({
      code: "IncompleteSignature",
      hint: `The algorithm is ACS3-HMAC-SHA256, not ${algorithm}.`
    })
  })
})

describe("the signed parts of a request", () => {
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    host: "localhost",
    "x-acs-accesskey-id": accessKeyId,
    "x-acs-action": "Encrypt",
    "x-acs-content-sha256": createHash("sha256").update("A=1").digest("hex"),
    "x-acs-date": now,
    "x-acs-signature-nonce": "n1",
    "x-acs-version": "2016-01-20"
  }
  const send = (signedHeaders: ReadonlyArray<string>, overrides: Readonly<Record<string, string>> = {}): string => {
    const body = Buffer.from("A=1")
    const all = { ...headers, ...overrides }
    const signature = signatureV3({ method: "POST", query: [], headers: all, signedHeaders, body }, secret)
    const authorization = `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${signedHeaders.join(";")},Signature=${signature}`
    return outcome(ask({ method: "POST", url: "/", headers: { ...all, authorization }, body }))
  }
  const names = Object.keys(headers)

  it("signature V3 accepts the whole list of signed headers", () => expect(send(names)).toBe("ok"))

  it.for(names)("signature V3 refuses a list without %s, although the signature is valid", (left) => {
    expect(send(names.filter((name) => name !== left))).toBe("IncompleteSignature")
  })

  it("signature V3 refuses a list out of order, with a repeated name, or with a missing header", () => {
    expect(send([...names].reverse())).toBe("IncompleteSignature")
    expect(send([...names, "x-acs-version"])).toBe("IncompleteSignature")
    expect(send([...names, "x-acs-zzz"])).toBe("IncompleteSignature")
    expect(send([...names, "x-constructor"])).toBe("IncompleteSignature")
  })

  it("signature V3 refuses a second access key in another header", () => {
    expect(send(names, { "x-acs-accesskey-id": "other" })).toBe("IncompleteSignature")
  })

  it("signature version 1.0 reads the action from the signed parameter, not from a header", () => {
    const request = post(signed({}))
    const answer = ask({ ...request, headers: { ...request.headers, "x-acs-action": "DisableKey" } })
    expect(Result.getOrThrow(answer).action).toBe("Encrypt")
  })

  it("signature version 1.0 accepts only signatures of access keys", () => {
    expect(outcome(ask(post(signed({ SignatureType: "" }))))).toBe("ok")
    expect(outcome(ask(post(signed({ SignatureType: "BEARERTOKEN" }))))).toBe("IncompleteSignature")
  })

  it("refuses a signature with the secret of another access key", () => {
    expect(outcome(ask(post(signed({}, { accessKeyId: "other" }))))).toBe("SignatureDoesNotMatch")
  })
})

describe("timestamps", () => {
  const stamped = (millis: number) => outcome(ask(post(signed({}, { timestamp: formatInstant(millis) }))))

  it("timestamps must be within 15 minutes of the server's clock, in both directions", () => {
    expect(stamped(nowMillis - 900_000)).toBe("ok")
    expect(stamped(nowMillis + 900_000)).toBe("ok")
    expect(stamped(nowMillis - 901_000)).toBe("InvalidTimeStamp.Expired")
    expect(stamped(nowMillis + 901_000)).toBe("InvalidTimeStamp.Expired")
  })

  it("timestamps have one format", () => {
    for (const timestamp of [now.replace("Z", ""), now.replace("Z", ".000Z"), now.replace("T", " "), `${now} `, "0"]) {
      expect(outcome(ask(post(signed({}, { timestamp }))))).toBe("InvalidTimeStamp.Format")
    }
  })

  it("only a timestamp ahead of the clock requires the nonce to be stored first", () => {
    const flushFirst = (millis: number) =>
      Result.getOrThrow(ask(post(signed({}, { timestamp: formatInstant(millis) })))).flushFirst
    expect([nowMillis - 1000, nowMillis, nowMillis + 1000].map(flushFirst)).toEqual([false, false, true])
  })

  it("refuses a timestamp from a forgotten interval, and the hint does not blame the client", () => {
    const forgotten = [{ from: 0, to: nowMillis - 5_500 }]
    const nonces = makeReplayGuard({ drained: true, forgotten })
    const stamped = (millis: number) =>
      outcome(ask(post(signed({}, { timestamp: formatInstant(millis), nonce: String(millis) })), { nonces }))
    expect(stamped(nowMillis - 6_000)).toBe("InvalidTimeStamp.Expired")
    expect(stamped(nowMillis - 5_000)).toBe("ok")
    const refused = ask(post(signed({}, { timestamp: formatInstant(nowMillis - 6_000) })), { nonces })
    const hint = Result.isFailure(refused) ? refused.failure.hint : ""
    expect(hint).toContain("Your clock may be right")
    expect(hint).toContain(formatInstant(nowMillis - 5_000))
  })
})

describe("a refusal", () => {
  const refusal = (raw: RawRequest) => {
    const answer = ask(raw)
    if (Result.isSuccess(answer)) throw new Error("the request was accepted")
    return answer.failure
  }

  it("the refusal of a wrong signature shows the server's string to sign, and never the secret", () => {
    const error = refusal(get(signed({ Plaintext: "a b" }, { method: "GET", secret: "wrong" })))
    expect(error.message).toBe(
      "Specified signature is not matched with our calculation. server string to sign is:" +
        "GET&%2F&AccessKeyId%3Dtestid%26Action%3DEncrypt%26Plaintext%3Da%2520b%26SignatureMethod%3DHMAC-SHA1%26" +
        `SignatureNonce%3Dn1%26SignatureVersion%3D1.0%26Timestamp%3D${now.replaceAll(":", "%253A")}%26Version%3D2016-01-20`
    )
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain(secret)
  })

  it("the refusal of a wrong signature repeats only a limited part of the request", () => {
    const error = refusal(post(signed({ Plaintext: "\u4e2d".repeat(7_000) }, { secret: "wrong" })))
    expect(error.code).toBe("SignatureDoesNotMatch")
    expect(error.message.length).toBeLessThan(17_000)
  })

  it("the refusal of a wrong signature does not use up the nonce", () => {
    const nonces = makeGuard()
    expect(outcome(ask(post(signed({}, { secret: "wrong" })), { nonces }))).toBe("SignatureDoesNotMatch")
    expect(outcome(ask(post(signed({})), { nonces }))).toBe("ok")
  })
})
