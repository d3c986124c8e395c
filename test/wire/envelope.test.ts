/** Replies and refusals, read by independent parsers. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { answers, refuse } from "../../src/domain/errors.ts"
import type { ErrorCode } from "../../src/domain/errors.ts"
import { refusalReply, successReply } from "../../src/wire/envelope.ts"
import { readXml } from "./strictXml.ts"

const requestId = "3455b9b4-95c1-419d-b310-db6a53b09a39"

describe("a success", () => {
  const listed = {
    Keys: { Key: [{ KeyId: "a" }, { KeyId: "b" }] },
    PageNumber: 1,
    TotalCount: 2,
    Truncated: false,
    Absent: undefined,
    RequestId: requestId
  }

  it("a JSON success has its members at the top level", () => {
    const { status, contentType, body } = successReply(listed, "JSON")
    expect([status, contentType]).toEqual([200, "application/json;charset=utf-8"])
    const { Absent: _, ...members } = listed
    expect(JSON.parse(body)).toEqual(members)
  })

  it("an XML success has the root KMS, and a list repeats its inner element", () => {
    const { status, contentType, body } = successReply(listed, "XML")
    expect([status, contentType]).toEqual([200, "text/xml;charset=utf-8"])
    expect(body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><KMS><Keys><Key><KeyId>a</KeyId></Key><Key><KeyId>b</KeyId></Key></Keys>' +
        `<PageNumber>1</PageNumber><TotalCount>2</TotalCount><Truncated>false</Truncated><RequestId>${requestId}</RequestId></KMS>`
    )
  })

  it("an XML success keeps the wrapper of an empty list", () => {
    const empty = { Keys: { Key: [] }, RequestId: requestId }
    expect(readXml(successReply(empty, "XML").body)).toEqual({
      root: "KMS",
      content: { Keys: [""], RequestId: [requestId] }
    })
    expect(JSON.parse(successReply(empty, "JSON").body)).toEqual(empty)
  })

  it("an XML success contains any text, with U+FFFD for characters that XML cannot represent", () => {
    const unit = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(...'<>&"]]>\r\n\t\0\u0001\u000b\u001f\u007f\u0085\ufffe\uffff', "\ud800", "\udfff")
      },
      { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) }
    )
    const holdable = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const reply = { Description: text, RequestId: requestId }
        const expected = {
          root: "KMS",
          content: { Description: [text.replace(holdable, "\ufffd")], RequestId: [requestId] }
        }
        expect(readXml(successReply(reply, "XML").body)).toEqual(expected)
        expect(JSON.parse(successReply(reply, "JSON").body)).toEqual(reply)
      }),
      { numRuns: 2_000, seed: 7 }
    )
  })

  it("a success never has a member Code, which SDKs read as a refusal", () => {
    const reply = { Code: "200", RequestId: requestId }
    expect(() => successReply(reply, "JSON")).toThrow(/Code/)
  })

  it("a success never has an element with an invalid name", () => {
    const reply = { "a b": 1, RequestId: requestId }
    expect(() => successReply(reply, "XML")).toThrow(/not a valid element name/)
  })
})

describe("a refusal", () => {
  const codes = Object.keys(answers).filter((code): code is ErrorCode => code in answers)
  const details = { parameter: "KeyId", resource: "acs:kms:*", detail: "<&>", hint: 'Give "it".' }

  it.for(codes)("the refusal %s has every member that an SDK reads, in both formats", (code) => {
    const error = refuse(code, details)
    const refused = { error, requestId, host: "kms.cn-hangzhou.aliyuncs.com" } as const
    const members = {
      RequestId: requestId,
      HostId: "kms.cn-hangzhou.aliyuncs.com",
      HttpStatus: answers[code].status,
      Code: code,
      Message: error.message,
      Recommend: `https://error-center.aliyun.com/status/search?Keyword=${code}&source=PopGw`,
      Hint: 'Give "it".'
    }
    const json = refusalReply({ ...refused, format: "JSON" })
    expect([json.status, json.contentType]).toEqual([answers[code].status, "application/json;charset=utf-8"])
    expect(JSON.parse(json.body)).toEqual(members)

    const xml = refusalReply({ ...refused, format: "XML" })
    expect([xml.status, xml.contentType]).toEqual([answers[code].status, "text/xml;charset=utf-8"])
    const content = Object.fromEntries(Object.entries(members).map(([name, value]) => [name, [String(value)]]))
    expect(readXml(xml.body)).toEqual({ root: "Error", content })
  })

  it("the refusal of an unreadable request is JSON", () => {
    const error = refuse("ParseRequestParameterException")
    const { contentType, body } = refusalReply({ error, requestId, host: undefined, format: undefined })
    expect(contentType).toBe("application/json;charset=utf-8")
    expect(JSON.parse(body)).toMatchObject({ HostId: "", Code: "ParseRequestParameterException" })
  })
})
