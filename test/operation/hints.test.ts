/** A hint names the fault of the given value, and not only the correct form. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { inProcess, refusal } from "./doors.ts"
import type { Request } from "./doors.ts"
import { makeWorld, requestsIn } from "./specimens.ts"
import type { World } from "./specimens.ts"

let kms: PromiseKms
let world: World
beforeAll(async () => {
  kms = await createKms({ clock: "virtual", hsm: "simulator" })
  world = await makeWorld(inProcess(kms))
})
afterAll(() => kms.close())

const hintOf = async (operation: string, request: Request): Promise<string> => {
  const method: unknown = Reflect.get(kms, `${operation.charAt(0).toLowerCase()}${operation.slice(1)}`)
  if (typeof method !== "function") throw new Error(`${operation} is not offered`)
  const specimen = Object.entries(requestsIn(world)).find(([name]) => name === operation)?.[1]
  const all: Request = { ...specimen, ...request }
  const called: unknown = Reflect.apply(method, kms, [all])
  if (!(called instanceof Promise)) throw new Error("a method answers a promise")
  return (await refusal(called)).hint ?? ""
}

type Case = readonly [operation: string, parameter: string, value: string, fault: string]

const lone = String.fromCharCode(0xd800)

const cases: ReadonlyArray<Case> = [
  ["UpdateKeyDescription", "Description", "x".repeat(8193), "has 8193 characters; the limit is 8192"],
  ["UpdateKeyDescription", "Description", lone, "is not well-formed Unicode"],
  ["CreateKey", "KeySpec", "RSA_1024", "must be one of `Aliyun_AES_256`"],
  ["CreateKey", "KeySpec", "aliyun_aes_256", "must be written exactly as `Aliyun_AES_256`"],
  ["CreateKey", "EnableAutomaticRotation", "yes", "must be true or false"],
  ["ListKeys", "PageSize", "0", "must be from 1 to 100"],
  ["ListKeys", "PageSize", "101", "must be from 1 to 100"],
  ["ListKeys", "PageSize", "1.5", "must be a decimal integer from 1 to 100"],
  ["ListKeys", "PageSize", "010", "without sign, fraction or leading zero"],
  ["Decrypt", "CiphertextBlob", "QUJD\n", "ends with a line break"],
  ["Decrypt", "CiphertextBlob", "QUJ DRA==", "has a space at character 4; in a query or form, write + as %2B"],
  ["Decrypt", "CiphertextBlob", "QU-_", "URL-safe alphabet"],
  ["Decrypt", "CiphertextBlob", "QUI", "lacks padding: it must end with ="],
  ["Decrypt", "CiphertextBlob", "QUI==", "has too much padding: 2 = signs where 1 belong"],
  ["Decrypt", "CiphertextBlob", "QU=I", "has padding (=) before its end, at character 3"],
  ["Decrypt", "CiphertextBlob", "QUJDR", "has 5 characters before its padding, which is not a valid length of Base64"],
  ["Decrypt", "CiphertextBlob", "QR==", "has unused bits set in its last character"],
  ["Decrypt", "CiphertextBlob", "QUJ*", "not in the Base64 alphabet, at character 4"],
  ["Decrypt", "CiphertextBlob", "A".repeat(16_388), "has 16388 characters; the limit is 16384"],
  ["Encrypt", "Plaintext", "A".repeat(8193), "has 8193 characters; the limit is 8192"],
  ["Encrypt", "Plaintext", "ü".repeat(3073), "its own length is 6146 bytes; the limit is 6144 bytes"],
  ["Encrypt", "EncryptionContext", "{", "is not well-formed JSON near character 1"],
  ["Encrypt", "EncryptionContext", "[]", "must be a JSON object"],
  ["Encrypt", "EncryptionContext", '{"k":1}', "must have only strings as values; k is not a string"],
  ["Encrypt", "EncryptionContext", '{"k":"a","k":"b"}', "is wrong at k, which is given twice"],
  ["Encrypt", "EncryptionContext", `{"k":"${"x".repeat(8192)}"}`, "has 8200 characters as JSON; the limit is 8192"],
  ["CreateAlias", "AliasName", "orders", "must begin with `alias/`"],
  ["CreateAlias", "AliasName", "alias/acs/oss", "is reserved"],
  ["CreateAlias", "AliasName", "alias/", "has no characters after `alias/`"],
  ["CreateAlias", "AliasName", "alias/a b", "has a character that is not a letter"],
  ["CreateAlias", "AliasName", `alias/${"x".repeat(256)}`, "has 256 characters after `alias/`; the limit is 255"],
  ["TagResource", "Tags", "{}", "must be a JSON array"],
  ["CreateKey", "Policy", "x".repeat(32_769), "is longer than 32768 bytes"],
  ["CreateKey", "Policy", "中".repeat(11_000), "is longer than 32768 bytes"],
  ["TagResource", "Tags", '[{"TagKey":"a"}]', "item 1 has no TagValue"],
  ["TagResource", "Tags", '[{"TagKey":"a","TagValue":1}]', "item 1 must have a string as TagValue"],
  ["TagResource", "Tags", '[{"TagKey":"a","TagValue":"b"},{"Key":"a","Value":"b"}]', "item 2 has the member Key"],
  ["UntagResource", "TagKeys", '["a",""]', "item 2 is empty"],
  ["UntagResource", "TagKeys", "a,,b", "item 2 is empty"],
  [
    "ListKeys",
    "Filters",
    '[{"Key":"State","Values":[]}]',
    "item 1 has the unknown Key State; the known keys are KeyState"
  ],
  [
    "ListKeys",
    "Filters",
    '[{"Key":"KeyState","Values":["Gone"]}]',
    "item 1 has the unknown value Gone; the known values of KeyState are"
  ],
  ["ListKeys", "Filters", '[{"Key":"KeyState","Values":"Enabled"}]', "item 1 must have an array of strings as Values"],
  ["CreateKey", "Recipient", "x", "is not supported"]
]

describe("a wrong value", () => {
  it.each(cases)("the hint names the fault of %s.%s: %j", async (operation, parameter, value, fault) => {
    const hint = await hintOf(operation, { [parameter]: value })
    expect(hint).toContain(fault)
    expect(hint.startsWith(`${parameter} `)).toBe(true)
  })

  it("the hint names a wrong tag and its fault", async () => {
    const tags = (...pairs: ReadonlyArray<readonly [string, string]>): string =>
      JSON.stringify(pairs.map(([TagKey, TagValue]) => ({ TagKey, TagValue })))
    const hint = (Tags: string) => hintOf("TagResource", { Tags })
    expect(await hint(tags(["a", ""], ["", ""]))).toBe("The key of tag 2 is empty.")
    expect(await hint(tags(["中".repeat(43), ""]))).toBe("The key of tag 1 has 129 bytes in UTF-8; the limit is 128.")
    expect(await hint(tags(["a", "😀".repeat(129)]))).toBe("The value of tag 1 has 129 characters; the limit is 128.")
    expect(await hint(tags(["acs:a", ""]))).toContain("begins with aliyun or acs:")
  })
})

const wrongSubjects: ReadonlyArray<readonly [string, string]> = [
  ["CN=", "has a wrong attribute CN: its value is empty"],
  [`CN=${"x".repeat(65)}`, "has a wrong attribute CN: its value has 65 characters; the limit is 64"],
  ["C=CHN", "has a wrong attribute C: its value has 3 characters; it needs 2"],
  ["C=中国", "has a wrong attribute C: its value may have only letters"],
  ["emailAddress=ü@example.com", "has a wrong attribute emailAddress: its value may have only ASCII"],
  ["CN=a\u0001b", "has a wrong attribute CN: its value may have no control characters"],
  ["XYZ=a", "has the attribute XYZ, which is not known; there are CN, SN"],
  ["example.com", "has a part without an equals sign, at character 1"],
  ["CN=a,", "has nothing between two separators, or at its end"],
  ["CN=a,,O=b", "has nothing between two separators, or at its end"],
  ["CN=#0401", "has a value in hexadecimal, at character 4"],
  ["CN=a\\zz", "has a backslash at character 5"],
  ["CN=\\ff", "has escapes that are not well-formed UTF-8"],
  ["CN=a;O=b", "has a character that must be escaped with a backslash, at character 5"],
  ["CN=a+CN=b", "has one attribute twice"],
  [`CN=a,O=${"x".repeat(2048)}`, "characters; the limit is 2048"]
]

const wrongNames: ReadonlyArray<readonly [string, string]> = [
  ["", "is empty"],
  ["a..b", "is a DNS name with an empty label"],
  ["-a.example", "is a DNS name whose label 1 begins or ends with a hyphen"],
  [`a.${"x".repeat(64)}`, "is a DNS name whose label 2 has 64 characters; the limit is 63"],
  ["a_b.example", "is a DNS name whose label 1 has a character that is not a letter, digit or hyphen"],
  ["a.*.example", "is a DNS name with a wildcard that is not its whole first label"],
  ["1.2.3.400", "ends in a number but is not an IPv4 address"],
  ["https://example.com", "is not an IPv6 address; a name has no port and no scheme"],
  ["a@b@example.com", "is an e-mail address with several @ signs"],
  ["@example.com", "is an e-mail address without a mailbox before the @"],
  ["a..b@example.com", "is an e-mail address whose mailbox has an invalid character or dot"],
  [`${"a.".repeat(126)}bb`, "has 254 characters; a DNS name has at most 253"],
  ["x".repeat(255), "has 255 characters; the limit is 254"]
]

describe("the hint of CreateCertificateSigningRequest", () => {
  const ask = async (request: { readonly Subject: string; readonly SubjectAlternativeNames?: ReadonlyArray<string> }) =>
    (await refusal(kms.createCertificateSigningRequest({ ...world.signer, ...request }))).hint ?? ""

  it.each(wrongSubjects)(
    "the hint of CreateCertificateSigningRequest names the fault of the Subject %j",
    async (Subject, fault) => {
      const hint = await ask({ Subject })
      expect(hint).toContain(fault)
      expect(hint.startsWith("Subject ")).toBe(true)
    }
  )

  it.each(wrongNames)(
    "the hint of CreateCertificateSigningRequest names an invalid alternative name: %j",
    async (name, fault) => {
      const hint = await ask({ Subject: "CN=a", SubjectAlternativeNames: ["example.com", name] })
      expect(hint).toBe(`SubjectAlternativeNames item 2 ${fault}.`)
    }
  )

  it("the hint of CreateCertificateSigningRequest says how many alternative names are allowed", async () => {
    const names = Array.from({ length: 101 }, (_, at) => `a${at}.example`)
    const hint = await ask({ Subject: "CN=a", SubjectAlternativeNames: names })
    expect(hint).toBe("SubjectAlternativeNames has 101 items; the limit is 100.")
  })
})
