/** Parts of X.509 certificates and of requests for them, in DER: names, extensions, alternative names (RFC 5280). */
import { hexToBytes } from "@noble/hashes/utils.js"
import { derBoolean, derOctets, derOidOf, derSequence, derSetOf, derText, element } from "../crypto/asymmetric/der.ts"
import { parseAddress } from "../domain/address.ts"
import type { AlternativeName } from "./alternativeName.ts"
import type { DistinguishedName, NameAttribute } from "./distinguishedName.ts"

const attribute = ({ syntax, type, value }: NameAttribute): Uint8Array =>
  derSequence(derOidOf(type), derText(syntax, value))

/** Section 4.1.2.4. */
export const distinguishedName = (name: DistinguishedName): Uint8Array =>
  derSequence(...name.map((attributes) => derSetOf(...attributes.map(attribute))))

/** Section 4.1. A value that is not critical leaves the default out. */
export const extension = (id: string, value: Uint8Array, critical = false): Uint8Array =>
  derSequence(derOidOf(id), ...(critical ? [derBoolean(true)] : []), derOctets(value))

const v4Space = 0xffffn

/** 4 bytes of an IPv4 address, and 16 of an IPv6 address. */
const addressBytes = (text: string): Uint8Array => {
  const address = parseAddress(text)
  if (address === undefined) throw new Error("an alternative name of kind ip holds an address")
  const isV4 = !text.includes(":") && address >> 32n === v4Space
  const hex = (isV4 ? address & 0xffff_ffffn : address).toString(16).padStart(isV4 ? 8 : 32, "0")
  return hexToBytes(hex)
}

const ascii = new TextEncoder()

/** GeneralName (section 4.2.1.6): an implicit tag for each kind. */
const generalName = ({ kind, name }: AlternativeName): Uint8Array => {
  switch (kind) {
    case "email":
      return element(0x81, ascii.encode(name))
    case "dns":
      return element(0x82, ascii.encode(name))
    case "ip":
      return element(0x87, addressBytes(name))
  }
}

/** The extension subjectAltName (section 4.2.1.6). */
export const subjectAlternativeNames = (names: ReadonlyArray<AlternativeName>): Uint8Array =>
  extension("2.5.29.17", derSequence(...names.map(generalName)))
