/** Reading a request: its parameters, and refusals before authentication. */
import { createHash } from "node:crypto"
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { requestParametersMax } from "../../src/domain/limits.ts"
import { requestBytesMax } from "../../src/wire/requestLimits.ts"
import { parseRequest } from "../../src/wire/rpcRequest.ts"
import type { RawRequest } from "../../src/wire/rpcRequest.ts"
import { cpuMillisOf } from "../cpuTime.ts"
import { accessKeyId, ask, get, now, outcome, post, secret } from "./fixtures.ts"
import { signatureV3 } from "./secondOpinion.ts"

const read = (raw: RawRequest) =>
  Result.match(parseRequest(raw), {
    onSuccess: ({ parameters }) => Object.fromEntries([...parameters].map(([name, value]) => [`=${name}`, value])),
    onFailure: ({ code }) => code
  })

const unreadable = "ParseRequestParameterException"

describe("parameters", () => {
  it("the parameters of a request are the union of query and form body", () => {
    expect(read({ ...post("B=2&C=3"), url: "/?A=1" })).toEqual({ "=A": "1", "=B": "2", "=C": "3" })
    expect(read({ ...post("B=2"), url: "/?A=1", method: "GET" })).toEqual({ "=A": "1", "=B": "2" })
  })

  it("a parameter may have no value, an empty value, or one with equals signs", () => {
    expect(read(get("A&B=&C=a=b=&&"))).toEqual({ "=A": "", "=B": "", "=C": "a=b=" })
  })

  it("parameters are decoded correctly from URLSearchParams and from a strict encoder", () => {
    const name = fc.string({ unit: "binary", minLength: 1, maxLength: 8 })
    const pairs = fc.uniqueArray(fc.tuple(name, fc.string({ unit: "binary" })), { selector: ([name]) => name })
    fc.assert(
      fc.property(pairs, fc.boolean(), (pairs, plus) => {
        const text = plus
          ? new URLSearchParams(pairs).toString()
          : pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&")
        const { parameters } = Result.getOrThrow(parseRequest(post(text)))
        expect([...parameters]).toEqual(pairs)
      }),
      { numRuns: 1_000, seed: 7 }
    )
  })

  it("parameters with names of Object.prototype are ordinary data", () => {
    const { parameters } = Result.getOrThrow(parseRequest(get("__proto__=1&constructor.prototype=2&toString=3")))
    expect([...parameters.keys()]).toEqual(["__proto__", "constructor.prototype", "toString"])
    expect(Object.getOwnPropertyNames({})).toEqual([])
  })

  it.for([
    ["twice in the query", get("A=1&A=1")],
    ["twice in the body", post("A=1&A=2")],
    ["in query and body", { ...post("A=1"), url: "/?A=1" }],
    ["twice, spelled differently", get("A=1&%41=1")],
    ["twice, as a name alone", get("A&A=")]
  ] as const)("refuses a parameter given %s", ([, raw]) => expect(read(raw)).toBe(unreadable))

  it.for([
    "%",
    "A=%4",
    "A=%4g",
    "%zz=1",
    "A=%u0041",
    "A=%ff",
    "A=%c0%80",
    "A=%e4%b8",
    "A=%ed%a0%80",
    "A=%f4%90%80%80",
    "A=\u00e9",
    "=1",
    "=",
    "A=1&=&B=2"
  ])("refuses malformed parameters: %s", (text) => {
    expect(read(get(text))).toBe(unreadable)
    expect(read(post(text))).toBe(unreadable)
  })

  it("the number of parameters is limited to two encryption contexts in parts and some more", () => {
    const many = (count: number): string => Array.from({ length: count }, (_, i) => `p${i}=`).join("&")
    expect(requestParametersMax).toBeGreaterThan(2 * (8192 / '"":"",'.length))
    expect(Object.keys(read(get(many(requestParametersMax))))).toHaveLength(requestParametersMax)
    const isUnreadable = (raw: RawRequest): boolean => read(raw) === unreadable
    expect(isUnreadable(get(many(requestParametersMax + 1)))).toBe(true)
    expect(isUnreadable({ ...post("a=1"), url: `/?${many(requestParametersMax)}` })).toBe(true)
  })

  it.each(["k", "é", "中", "😀"])(
    "a parameter name is long enough for any encryption context of %s, and no longer",
    (char) => {
      const longest = `DestinationEncryptionContext.${char.repeat(8192)}`
      expect(Object.keys(read(get(`${encodeURIComponent(longest)}=1`)))).toEqual([`=${longest}`])
      expect(read(get(`${encodeURIComponent(longest)}k=1`)) === unreadable).toBe(true)
    }
  )
})

describe("a request", () => {
  it.for(["PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "get", ""])('refuses the HTTP method "%s"', (method) => {
    expect(read({ ...get("A=1"), method })).toBe("UnsupportedHTTPMethod")
  })

  it.for(["", "/x?A=1", "//?A=1", "*", "http://localhost/?A=1", "/%2f"])('refuses the path "%s"', (url) => {
    expect(read({ ...get(""), url })).toBe("InvalidAction.NotFound")
  })

  it("reads a request to / without a query", () => expect(read({ ...get(""), url: "/" })).toEqual({}))

  it("a body may be twice as long as the longest legal one, and no longer", () => {
    expect(Object.keys(read(post(`A=${"a".repeat(requestBytesMax - 2)}`)))).toEqual(["=A"])
    expect(read(post(`A=${"a".repeat(requestBytesMax - 1)}`)) === "RequestTooLarge").toBe(true)
  })

  it.for([
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=UTF-8",
    'APPLICATION/X-WWW-FORM-URLENCODED;charset="utf8"'
  ])("accepts a body of type %s", (type) => expect(read(post("A=1", type))).toEqual({ "=A": "1" }))

  it.for([
    "",
    "text/plain",
    "multipart/form-data",
    "application/json",
    "application/x-www-form-urlencoded; charset=gbk",
    "application/x-www-form-urlencoded, text/plain"
  ])('refuses a body of type "%s"', (type) => expect(read(post("A=1", type))).toBe(unreadable))

  it("accepts any content type without a body", () => expect(read(post("", "text/plain"))).toEqual({}))

  it("RAM and STS answer in XML and KMS in JSON if the request names no format", () => {
    const format = (query: string) => Result.getOrThrow(parseRequest(get(query))).format
    const versions = ["2015-05-01", "2015-04-01", "2016-01-20"]
    expect(versions.map((version) => format(`Version=${version}`))).toEqual(["XML", "XML", "JSON"])
    expect(versions.map((version) => format(`Version=${version}&Format=`))).toEqual(["XML", "XML", "JSON"])
    expect(versions.map((version) => format(`Version=${version}&Format=json`))).toEqual(["JSON", "JSON", "JSON"])
  })

  it("a request names its format in any case, and gets JSON by default", () => {
    const format = (query: string) => Result.getOrThrow(parseRequest(get(query))).format
    expect(["", "Format=", "Format=JSON", "Format=json", "Format=XML", "Format=Xml"].map(format)).toEqual([
      "JSON",
      "JSON",
      "JSON",
      "JSON",
      "XML",
      "XML"
    ])
    expect(["Format=YAML", "Format=__proto__", "Format=constructor"].map(format)).toEqual([
      undefined,
      undefined,
      undefined
    ])
  })
})

describe("signed by V3", () => {
  const authorization = "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=b,Signature=c"
  const v3 = (headers: Readonly<Record<string, string>>, url = "/"): RawRequest => ({
    method: "POST",
    url,
    headers: { ...headers, authorization },
    body: new Uint8Array()
  })

  it("a V3 request has action and version in its headers", () => {
    const request = Result.getOrThrow(parseRequest(v3({ "x-acs-action": "Encrypt", "x-acs-version": "v" })))
    expect(request).toMatchObject({ scheme: "V3", action: "Encrypt", version: "v" })
  })

  it("a V3 request must not name another action or version in a parameter", () => {
    const headers = { "x-acs-action": "Encrypt", "x-acs-version": "v" }
    expect(read(v3(headers, "/?Action=Encrypt&Version=v"))).toEqual({ "=Action": "Encrypt", "=Version": "v" })
    expect(read(v3(headers, "/?Action=Decrypt"))).toBe(unreadable)
    expect(read(v3(headers, "/?Version=w"))).toBe(unreadable)
    expect(read(v3({}, "/?Action=Decrypt"))).toBe(unreadable)
  })
})

describe("a JSON body", () => {
  const json = (text: string): RawRequest => ({
    ...post("", "application/json; charset=utf-8"),
    headers: { authorization: "ACS3-", "content-type": "application/json; charset=utf-8" },
    body: Buffer.from(text)
  })

  const scalar = fc.oneof(fc.string({ unit: "binary" }), fc.integer(), fc.double(), fc.boolean())
  const flat = fc.dictionary(fc.string({ unit: "binary", minLength: 1 }), scalar, { maxKeys: 20 })

  it("a JSON body is read as its members' text, and a null as an absent member", () => {
    fc.assert(
      fc.property(flat, fc.nat({ max: 2 }), (object, indent) => {
        const text = JSON.stringify(object, undefined, indent)
        // JSON writes an invalid number as null, and a null is an absent parameter.
        const expected = Object.entries<unknown>(JSON.parse(text)).filter(([, value]) => value !== null)
        const { parameters } = Result.getOrThrow(parseRequest(json(text)))
        expect([...parameters]).toEqual(
          expected.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)])
        )
      }),
      { numRuns: 1_000, seed: 7 }
    )
  })

  it("a JSON body passes nested values on as text, for the parameter's own parser", () => {
    const context = '{ "a" : "}]{", "b\\"": [1, {"c": null}] }'
    expect(read(json(`{"EncryptionContext": ${context} , "Tags":[]}`))).toEqual({
      "=EncryptionContext": context,
      "=Tags": "[]"
    })
  })

  it("a JSON body leaves out the parameters whose value is null", () => {
    expect(read(json('{"A":null,"B":1, "C" : null }'))).toEqual({ "=B": "1" })
    expect(read(json('{"A":null}'))).toEqual({})
  })

  it.for([
    " ",
    "null",
    "[]",
    '"a"',
    "{",
    "{}{}",
    "{} x",
    '{"A"}',
    '{"A":}',
    '{"A":1,}',
    '{,"A":1}',
    '{"A":1 "B":2}',
    "{A:1}",
    "{'A':1}",
    '{"A":nullx}',
    '{"A":null,"A":1}',
    '{"A":1,"A":null}',
    '{"A":01}',
    '{"A":1.}',
    '{"A":+1}',
    '{"A":truex}',
    '{"A":NaN}',
    '{"A":"\\ud800"}',
    '{"A":"\\x41"}',
    '{"A":"\n"}',
    '{"A":[}',
    '{"A":["]}',
    '{"":1}',
    '{"A":1,"A":1}',
    '{"A":1,"\\u0041":1}',
    "\ufeff{}"
  ])("refuses a JSON body that is not one flat object with each member once: %s", (text) => {
    expect(read(json(text))).toBe(unreadable)
  })

  it("refuses a JSON body that is not UTF-8", () => {
    expect(read({ ...json(""), body: Buffer.from([...Buffer.from('{"A":"'), 0xff, ...Buffer.from('"}')]) })).toBe(
      unreadable
    )
  })

  it("a JSON body with many members or deep nesting is refused or read at once", () => {
    const millis = cpuMillisOf(() => {
      const members = `{${Array.from({ length: 9_000 }, (_, i) => `"${i}":1`).join(",")}}`.slice(0, 65_000)
      expect(read(json(members))).toBe(unreadable)
      expect(read(json(`{"A":${"[".repeat(32_000)}${"]".repeat(32_000)}}`))).toHaveProperty("=A")
      expect(read(json(`{"A":${"[".repeat(64_000)}`))).toBe(unreadable)
      expect(read(json(`{"A":"${"a".repeat(64_000)}`))).toBe(unreadable)
    })
    expect(millis).toBeLessThan(5_000)
  })

  it("the signature covers a JSON body", () => {
    const send = (given: string, signed: string): string => {
      const body = Buffer.from(signed)
      const headers: Record<string, string> = {
        "content-type": "application/json",
        host: "localhost",
        "x-acs-action": "Encrypt",
        "x-acs-content-sha256": createHash("sha256").update(body).digest("hex"),
        "x-acs-date": now,
        "x-acs-signature-nonce": "n1",
        "x-acs-version": "2016-01-20"
      }
      const signedHeaders = Object.keys(headers)
      const signature = signatureV3({ method: "POST", query: [], headers, signedHeaders, body }, secret)
      const authorization = `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${signedHeaders.join(";")},Signature=${signature}`
      return outcome(
        ask({ method: "POST", url: "/", headers: { ...headers, authorization }, body: Buffer.from(given) })
      )
    }
    expect(send('{"A":"1"}', '{"A":"1"}')).toBe("ok")
    expect(send('{"A":"2"}', '{"A":"1"}')).toBe("SignatureDoesNotMatch")
    expect(send('{"A": "1"}', '{"A":"1"}')).toBe("SignatureDoesNotMatch")
  })
})
