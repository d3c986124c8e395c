/** The vendor's published signatures. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { computeMac } from "../../src/wire/claims.ts"
import { parseRequest } from "../../src/wire/rpcRequest.ts"
import type { RawRequest } from "../../src/wire/rpcRequest.ts"
import { signatureMethodsV1, stringToSignV1 } from "../../src/wire/signatureV1.ts"
import { macV3, stringToSignV3 } from "../../src/wire/signatureV3.ts"
import { ask, get, outcome } from "./fixtures.ts"

const common = { AccessKeyId: "testid", SignatureMethod: "HMAC-SHA1", SignatureVersion: "1.0" }

const createUser = {
  Action: "CreateUser",
  UserPrincipalName: "test@example.onaliyun.com",
  DisplayName: "test",
  Format: "JSON",
  Version: "2019-08-15",
  Timestamp: "2021-01-15T06:02:28Z",
  SignatureNonce: "3f6b4e80-56f7-11eb-a256-a9f756ea7e85"
}

const createKey = { Action: "CreateKey", Format: "json", Version: "2016-01-20", Timestamp: "2016-03-28T03:13:08Z" }

const describeRegions = {
  Action: "DescribeRegions",
  Format: "XML",
  Version: "2014-05-26",
  Timestamp: "2016-02-23T12:46:24Z",
  SignatureNonce: "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"
}

describe("signature version 1.0 gives the published signatures", () => {
  it.for([
    ["CreateKey by GET, without a nonce", "GET", createKey, "41wk2SSX1GJh7fwnc5eqOfiJPFg="],
    ["CreateUser by GET", "GET", createUser, "02heLegtw4+BFamznl1Ltj+vJ4A="],
    ["CreateUser by POST", "POST", createUser, "mD0SbFr7zT+WURRocPqGkz1E+80="],
    ["DescribeRegions by GET", "GET", describeRegions, "OLeaidS1JvxuMvnyHOwuJ+uX5qY="]
  ] as const)("signature version 1.0 gives the published signature of %s", ([, method, parameters, signature]) => {
    const text = stringToSignV1(method, new Map(Object.entries({ ...common, ...parameters })))
    expect(computeMac(signatureMethodsV1["HMAC-SHA1"], { secret: "testsecret", text })).toBe(signature)
  })

  it("signature version 1.0 gives the published string to sign", () => {
    expect(stringToSignV1("GET", new Map(Object.entries({ ...common, ...createKey })))).toBe(
      "GET&%2F&AccessKeyId%3Dtestid%26Action%3DCreateKey%26Format%3Djson%26SignatureMethod%3DHMAC-SHA1%26" +
        "SignatureVersion%3D1.0%26Timestamp%3D2016-03-28T03%253A13%253A08Z%26Version%3D2016-01-20"
    )
  })

  it("accepts the vendor's own request without a nonce", () => {
    const query = new URLSearchParams({ ...common, ...createKey, Signature: "41wk2SSX1GJh7fwnc5eqOfiJPFg=" })
    expect(outcome(ask(get(query.toString()), { nowMillis: 1_459_134_788_000 }))).toBe("ok")
  })
})

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

const runInstances = (date: string, nonce: string): RawRequest => ({
  method: "POST",
  url: "/?RegionId=cn-shanghai&ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
  headers: {
    host: "ecs.cn-shanghai.aliyuncs.com",
    "x-acs-action": "RunInstances",
    "x-acs-version": "2014-05-26",
    "x-acs-date": date,
    "x-acs-signature-nonce": nonce,
    "x-acs-content-sha256": emptyHash,
    authorization: "ACS3-HMAC-SHA256 "
  },
  body: new Uint8Array()
})

describe("signature V3 gives the published signatures", () => {
  it.for([
    [
      "2023-10-26T10:22:32Z",
      "3156853299f313e23d1673dc12e1703d",
      "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    ],
    [
      "2023-10-26T09:01:01Z",
      "d410180a5abf7fe235dd9b74aca91fc0",
      "e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804"
    ]
  ] as const)("signature V3 gives the published signature of RunInstances at %s", ([date, nonce, signature]) => {
    const request = Result.getOrThrow(parseRequest(runInstances(date, nonce)))
    const { text, intact } = stringToSignV3(request, [
      "host",
      "x-acs-action",
      "x-acs-content-sha256",
      "x-acs-date",
      "x-acs-signature-nonce",
      "x-acs-version"
    ])
    expect(intact).toBe(true)
    expect(computeMac(macV3, { secret: "YourAccessKeySecret", text })).toBe(signature)
  })

  it("signature V3 gives the published hash of the canonical request", () => {
    const request = Result.getOrThrow(
      parseRequest(runInstances("2023-10-26T09:01:01Z", "d410180a5abf7fe235dd9b74aca91fc0"))
    )
    const names = Object.keys(request.headers)
      .filter((name) => name !== "authorization")
      .sort()
    expect(stringToSignV3(request, names).text).toBe(
      "ACS3-HMAC-SHA256\n29622f5feb1e9fcaaa2e276a72889c975f7b16f00e02be1ca34965b18cd85015"
    )
  })
})
