/** Internet addresses and address blocks. IPv4 is a part of IPv6 (RFC 4291, 2.5.5.2): one space of 128 bits. */

const v4Bits = 32
const v6Bits = 128
/** `::ffff:0:0`, where IPv4 begins. A socket that listens to both kinds reports IPv4 peers there. */
const v4Base = 0xffffn << 32n

const octet = /^(?:0|[1-9][0-9]{0,2})$/
const group = /^[0-9A-Fa-f]{1,4}$/
const prefix = /^(?:0|[1-9][0-9]{0,2})$/

/** Four decimal numbers without leading zeros, which some parsers read as octal. */
const parseV4 = (text: string): bigint | undefined => {
  const octets = text.split(".")
  if (octets.length !== 4 || !octets.every((part) => octet.test(part) && Number(part) <= 255)) return undefined
  return octets.reduce((address, part) => (address << 8n) | BigInt(part), 0n)
}

/** Groups of 16 bits; the last two may be written as IPv4. */
const parseGroups = (text: string): Array<bigint> | undefined => {
  if (text === "") return []
  const parts = text.split(":")
  const groups: Array<bigint> = []
  for (const [i, part] of parts.entries()) {
    const v4 = i === parts.length - 1 ? parseV4(part) : undefined
    if (v4 !== undefined) groups.push(v4 >> 16n, v4 & 0xffffn)
    else if (group.test(part)) groups.push(BigInt(`0x${part}`))
    else return undefined
  }
  return groups
}

/**
 * RFC 4291, 2.2. `::` stands for one or more zero groups, once. Zones (`%eth0`) are refused: they have a meaning on one
 * host only.
 */
const parseV6 = (text: string): bigint | undefined => {
  const halves = text.split("::")
  const [front, back] = [parseGroups(halves[0] ?? ""), parseGroups(halves[1] ?? "")]
  if (front === undefined || back === undefined || halves.length > 2) return undefined
  // IPv4 may only end an address, so the first half may have it only if there is no second half.
  if (halves.length === 2 && (halves[0] ?? "").includes(".")) return undefined
  const missing = 8 - front.length - back.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const zeros = Array.from({ length: missing }, () => 0n)
  return [...front, ...zeros, ...back].reduce((address, part) => (address << 16n) | part, 0n)
}

export type Address = bigint

export const parseAddress = (text: string): Address | undefined => {
  if (text.includes(":")) return parseV6(text)
  const v4 = parseV4(text)
  return v4 === undefined ? undefined : v4Base | v4
}

/** All addresses that equal `network` without their lowest `freeBits` bits. */
export interface AddressBlock {
  readonly network: bigint
  readonly freeBits: bigint
}

/** `10.0.0.0/8`, or one address. Bits beyond the prefix are ignored, as routers do. */
export const parseBlock = (text: string): AddressBlock | undefined => {
  const [written = "", bits, ...rest] = text.split("/")
  const address = parseAddress(written)
  if (address === undefined || rest.length > 0) return undefined
  const width = written.includes(":") ? v6Bits : v4Bits
  if (bits !== undefined && (!prefix.test(bits) || Number(bits) > width)) return undefined
  const freeBits = BigInt(width - Number(bits ?? width))
  return { network: address >> freeBits, freeBits }
}

export const isInBlock = (address: Address, { network, freeBits }: AddressBlock): boolean =>
  address >> freeBits === network
