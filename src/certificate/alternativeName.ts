/** Alternative names of a certificate: a host by DNS name or address, or a mailbox (RFC 5280, section 4.2.1.6). */
import { parseAddress } from "../domain/address.ts"

export interface AlternativeName {
  readonly kind: "dns" | "ip" | "email"
  readonly name: string
}

/** RFC 1034, section 3.5 and RFC 1123, section 2.1. Other scripts are written in their `xn--` form. */
const label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
const host = new RegExp(`^${label}(?:\\.${label})*$`)
const hostCharsMax = 253
/** RFC 5321, sections 4.1.2 and 4.5.3.1.1, without quoted strings. */
const mailbox = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const mailboxCharsMax = 64

const isHost = (text: string): boolean => text.length <= hostCharsMax && host.test(text)

const isEmail = (text: string): boolean => {
  const [local = "", domain = "", ...more] = text.split("@")
  return more.length === 0 && local.length <= mailboxCharsMax && mailbox.test(local) && isHost(domain)
}

/** All eight groups, without abbreviation. */
const v6Groups = (address: bigint): string =>
  Array.from({ length: 8 }, (_, group) => ((address >> BigInt(112 - 16 * group)) & 0xffffn).toString(16)).join(":")

/** A name whose last label is a number must be an address (RFC 3696, section 2). */
const endsInNumber = /(?:^|\.)[0-9]+$/

const labelFault = (text: string): string => {
  const wrong = text.split(".").findIndex((part) => !new RegExp(`^${label}$`).test(part))
  if (wrong < 0) return `has ${text.length} characters; a DNS name has at most ${hostCharsMax}`
  const part = text.split(".")[wrong] ?? ""
  if (part === "") return "is a DNS name with an empty label"
  if (part.length > 63) return `is a DNS name whose label ${wrong + 1} has ${part.length} characters; the limit is 63`
  if (part.startsWith("-") || part.endsWith("-"))
    return `is a DNS name whose label ${wrong + 1} begins or ends with a hyphen`
  return part.includes("*")
    ? "is a DNS name with a wildcard that is not its whole first label"
    : `is a DNS name whose label ${wrong + 1} has a character that is not a letter, digit or hyphen`
}

const emailFault = (text: string): string => {
  const [local = "", domain = "", ...more] = text.split("@")
  if (more.length > 0) return "is an e-mail address with several @ signs"
  if (local === "") return "is an e-mail address without a mailbox before the @"
  if (local.length > mailboxCharsMax)
    return `is an e-mail address whose mailbox has ${local.length} characters; the limit is ${mailboxCharsMax}`
  if (!mailbox.test(local)) return "is an e-mail address whose mailbox has an invalid character or dot"
  return `is an e-mail address whose domain ${labelFault(domain)}`
}

/** The fault of a text that `parseAlternativeName` refuses, as the end of a sentence. */
export const alternativeNameFault = (text: string): string => {
  if (text === "") return "is empty"
  if (text.includes("@")) return emailFault(text)
  if (text.includes(":")) return "is not an IPv6 address; a name has no port and no scheme"
  const bare = text.startsWith("*.") ? text.slice(2) : text
  if (isHost(bare)) return "ends in a number but is not an IPv4 address"
  return labelFault(bare)
}

export const parseAlternativeName = (text: string): AlternativeName | undefined => {
  if (text.includes("@")) return isEmail(text) ? { kind: "email", name: text } : undefined
  const address = parseAddress(text)
  if (address !== undefined) return { kind: "ip", name: text.includes(":") ? v6Groups(address) : text }
  // RFC 6125, section 6.4.3: a wildcard must be the whole first label.
  const bare = text.startsWith("*.") ? text.slice(2) : text
  return isHost(bare) && !endsInNumber.test(bare) ? { kind: "dns", name: text } : undefined
}
