/** Subjects and alternative names in the form of RFC 4514 and RFC 5280, and refusals of others. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseAlternativeName } from "../../src/certificate/alternativeName.ts"
import { parseDistinguishedName } from "../../src/certificate/distinguishedName.ts"

const valuesOf = (text: string) => parseDistinguishedName(text)?.map((part) => part.map(({ value }) => value).join("+"))

/** A value in the form of RFC 4514, section 2.4. */
const escaped = (value: string): string => value.replaceAll(/["+,;<>\\]|^[# ]| $/g, "\\$&")

/** Every byte as a pair of hexadecimal digits. */
const hexEscaped = (value: string): string =>
  [...new TextEncoder().encode(value)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")

describe("subjects of certificate requests", () => {
  const printable = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  const value = printable.filter((text) => /^\P{Cc}+$/u.test(text) && text.isWellFormed() && [...text].length <= 64)

  it("a subject returns every escaped value, with both kinds of escapes", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
        for (const spell of [escaped, hexEscaped]) {
          const text = values.map((each) => `O=${spell(each)}`).join(",")
          expect(valuesOf(text)).toEqual(values.toReversed())
        }
      }),
      { examples: [[[" "]], [["# "]], [["\\"]]] }
    )
  })

  it("the reader of subjects never throws", () => {
    const soup = fc.string({
      unit: fc.constantFrom("C", "N", "O", "=", ",", "+", "\\", "#", '"', " ", "4", "1", ".", "é")
    })
    fc.assert(
      fc.property(soup, (text) => {
        for (const part of parseDistinguishedName(text)?.flat() ?? []) expect(part.value).not.toBe("")
      })
    )
  })

  it("a subject begins with its most significant part, each with the string type of its attribute", () => {
    expect(parseDistinguishedName("CN=example.com+2.5.4.97=VAT1,O=Acme,DC=example,C=CN")).toEqual([
      [{ type: "2.5.4.6", value: "CN", syntax: "printable" }],
      [{ type: "0.9.2342.19200300.100.1.25", value: "example", syntax: "ia5" }],
      [{ type: "2.5.4.10", value: "Acme", syntax: "utf8" }],
      [
        { type: "2.5.4.3", value: "example.com", syntax: "utf8" },
        { type: "2.5.4.97", value: "VAT1", syntax: "utf8" }
      ]
    ])
  })

  it("a subject accepts keywords in any case, their numbers, and spaces around parts and values", () => {
    expect(parseDistinguishedName("cn = a b , o= Acme")).toEqual(parseDistinguishedName("2.5.4.3=a b,O=Acme"))
    expect(valuesOf("CN=\\ a\\ ,O=\\#1")).toEqual(["#1", " a "])
    expect(valuesOf("CN=1+1=2")).toBeUndefined()
    expect(valuesOf("CN=1\\+1=2")).toEqual(["1+1=2"])
    expect(valuesOf("CN=Lu\\C4\\8Di\\C4\\87")).toEqual(["Lučić"])
  })

  it.each([
    ["nothing", ""],
    ["no type", "=a"],
    ["no value", "CN="],
    ["only spaces for a value", "CN=  "],
    ["no equals sign", "CN"],
    ["a type nobody knows", "XX=a"],
    ["a number that is no object identifier", "3.1.2=a"],
    ["an object identifier with a leading zero", "2.5.04=a"],
    ["a part that is empty", "CN=a,,O=b"],
    ["an end that is open", "CN=a,"],
    ["quotes", 'CN="Acme, Inc."'],
    ["a semicolon between parts", "CN=a;O=b"],
    ["a value in hexadecimal", "CN=#0C0161"],
    ["an escape of nothing", "CN=a\\"],
    ["an escape that is none", "CN=\\x1"],
    ["bytes that are no UTF-8", "CN=\\FF"],
    ["half a surrogate pair as bytes", "CN=\\ED\\A0\\80"],
    ["a NUL", "CN=example.com\\00.evil.com"],
    ["a line end", "CN=a\nO=b"],
    ["a country of three letters", "C=CHN"],
    ["a country that is not ASCII", "C=中国"],
    ["a name longer than the standard has it", `CN=${"a".repeat(65)}`],
    ["the same type twice in one part", "CN=a+CN=b"]
  ])("refuses a subject with %s", (_fault, text) => {
    expect(parseDistinguishedName(text)).toBeUndefined()
  })
})

describe("alternative names of certificate requests", () => {
  it.each([
    ["example.com", "dns", "example.com"],
    ["*.example.com", "dns", "*.example.com"],
    ["xn--r8jz45g.example", "dns", "xn--r8jz45g.example"],
    ["localhost", "dns", "localhost"],
    ["192.0.2.1", "ip", "192.0.2.1"],
    ["2001:DB8::1", "ip", "2001:db8:0:0:0:0:0:1"],
    ["::ffff:192.0.2.1", "ip", "0:0:0:0:0:ffff:c000:201"],
    ["postmaster@example.com", "email", "postmaster@example.com"],
    ["o'neil+x@example.com", "email", "o'neil+x@example.com"]
  ])("the alternative name %s is of kind %s", (text, kind, name) => {
    expect(parseAlternativeName(text)).toEqual({ kind, name })
  })

  it.each([
    "",
    "*",
    "a.*.com",
    "*.*.com",
    "-a.com",
    "a-.com",
    "a..com",
    "a.com.",
    "a b.com",
    "例.com",
    "a_b.com",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3",
    "fe80::1%eth0",
    "10.0.0.0/8",
    "a@",
    "@a.com",
    "a@b@c.com",
    "a b@c.com",
    "a@*.com",
    ".a@b.com",
    "https://a.com",
    `${"a".repeat(64)}.com`,
    `${"a.".repeat(127)}com`
  ])("refuses the alternative name %s", (text) => {
    expect(parseAlternativeName(text)).toBeUndefined()
  })
})
