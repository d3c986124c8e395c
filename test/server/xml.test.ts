/** Text that XML 1.0 cannot represent: the server refuses an answer with it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startServer } from "../guide/serverFixture.ts"
import type { RunningServer } from "../guide/serverFixture.ts"
import { patience } from "../patience.ts"
import { overHttp, textAt } from "../operation/doors.ts"
import type { Request } from "../operation/doors.ts"
import { readXml } from "../wire/strictXml.ts"
import { form } from "./signed.ts"

let server: RunningServer
beforeAll(async () => {
  server = await startServer({ clock: "virtual" })
})
afterAll(() => server.stop())

const ask = (operation: string, request: Request = {}) => overHttp(server.url)(operation, request)

/** Status, code and text of an answer in XML, which must be well-formed. */
const inXml = async (operation: string, request: Request) => {
  const response = await fetch(server.url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form(operation, { ...request, Format: "XML" })
  })
  const text = await response.text()
  const read = readXml(text)
  const told = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? ""
  return { status: response.status, root: read.root, code: told("Code"), hint: told("Hint"), text }
}

const keyWith = async (Description: string): Promise<string> =>
  textAt((await ask("CreateKey", { Description })).body, "KeyMetadata", "KeyId")

/** Characters that XML 1.0 lacks, and similar ones that it has. */
const lacking = ["\u0000", "\u0001", "\b", "\u000b", "\f", "\u001b", "\ufffe", "\uffff"]
const carried = ["\t", "\n", "\r", "\u007f", "\u0085", "\u2028", "\ufffd", "\ue000", "\ud7ff", "😀", "]]>", "<&>\"'"]

const named = (char: string): string => `U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`

describe("an answer in XML", () => {
  it.each(lacking.map((char) => [named(char), char]))(
    "refuses an XML answer with %s, and names its place",
    async (name, char) => {
      const Description = `a${char}b`
      const KeyId = await keyWith(Description)
      const { status, root, code, hint } = await inXml("DescribeKey", { KeyId })
      expect([status, root, code]).toEqual([400, "Error", "InvalidParameter"])
      expect(hint).toBe(`XML 1.0 cannot carry the character ${name} in KeyMetadata.Description. Ask with Format=JSON.`)
      expect(textAt((await ask("DescribeKey", { KeyId })).body, "KeyMetadata", "Description")).toBe(Description)
    }
  )

  it.each(carried.map((char) => [JSON.stringify(char), char]))(
    "an XML answer contains %s unchanged",
    async (_name, char) => {
      const KeyId = await keyWith(`a${char}b`)
      const { status, text } = await inXml("DescribeKey", { KeyId })
      expect(status).toBe(200)
      expect(JSON.stringify(readXml(text))).toContain(JSON.stringify(`a${char}b`))
    }
  )

  it("refuses an XML answer with such a character in the plaintext, without the plaintext", async () => {
    const KeyId = await keyWith("")
    const { body } = await ask("Encrypt", { KeyId, Plaintext: "secret\u0001" })
    const { code, text } = await inXml("Decrypt", { CiphertextBlob: textAt(body, "CiphertextBlob") })
    expect(code).toBe("InvalidParameter")
    expect(text).not.toContain("secret")
  })

  it("refuses an XML answer with such a character in a tag, also in a list", async () => {
    const KeyId = await keyWith("")
    await ask("TagResource", { KeyId, Tags: JSON.stringify([{ TagKey: "a\ufffe", TagValue: "b" }]) })
    expect((await inXml("ListResourceTags", { KeyId })).hint).toContain("U+FFFE in Tags.Tag.0.TagKey")
    expect((await inXml("ListTagResources", { ResourceType: "key", "ResourceId.1": KeyId })).code).toBe(
      "InvalidParameter"
    )
  })

  it("the audit log records a refused XML answer", async () => {
    const KeyId = await keyWith("\u0001")
    await inXml("DescribeKey", { KeyId })
    const newestOutcome = async () => {
      const request = { KeyId, Operation: "DescribeKey", Order: "NewestFirst", Limit: "1" }
      return textAt((await ask("ListAuditRecords", request)).body, "Records", "Record", "0", "Outcome")
    }
    // Another server writes its batch of records a moment after its answer.
    await expect.poll(newestOutcome, { timeout: patience }).toBe("InvalidParameter")
  })
})

describe("a change with an answer in XML", () => {
  it.each([
    ["CreateKey", { Description: "a\u0001" }, "Description"],
    ["CreateKey", { Tags: '[{"TagKey":"a\ufffe","TagValue":""}]' }, "Tags"]
  ])("%s with text that XML cannot carry changes nothing: %j", async (operation, request, place) => {
    const keys = async () => (await ask("ListKeys")).body["TotalCount"]
    const before = await keys()
    const { status, code, hint } = await inXml(operation, request)
    expect([status, code]).toEqual([400, "InvalidParameter"])
    expect(hint).toContain(`in ${place}.`)
    expect(await keys()).toBe(before)
  })

  it("UpdateKeyDescription refuses text that XML cannot carry, and keeps the description", async () => {
    const KeyId = await keyWith("before")
    expect((await inXml("UpdateKeyDescription", { KeyId, Description: "after\u0001" })).status).toBe(400)
    expect(textAt((await ask("DescribeKey", { KeyId })).body, "KeyMetadata", "Description")).toBe("before")
  })

  it("CreateKey over XML accepts text that XML can represent", async () => {
    const { status, text } = await inXml("CreateKey", { Description: "tab\tline\nreturn\r中😀" })
    expect(status).toBe(200)
    expect(JSON.stringify(readXml(text))).toContain(JSON.stringify("tab\tline\nreturn\r中😀"))
  })
})
