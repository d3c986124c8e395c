/** Addresses and blocks, compared with Node's own parser. */
import { BlockList, isIP } from "node:net"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isInBlock, parseAddress, parseBlock } from "../../src/domain/address.ts"

const v4 = fc.ipV4()
const v6 = fc.ipV6()

const contains = (block: string, address: string): boolean => {
  const [b, a] = [parseBlock(block), parseAddress(address)]
  if (b === undefined || a === undefined) throw new Error(`unread: ${block} or ${address}`)
  return isInBlock(a, b)
}

const byNode = (network: string, bits: number, address: string): boolean => {
  const family = (text: string) => (isIP(text) === 4 ? "ipv4" : "ipv6")
  const list = new BlockList()
  list.addSubnet(network, bits, family(network))
  return list.check(address, family(address))
}

/** An address with the same first bits as another, so that blocks match about half of them. */
const near = (address: string, bit: number): string => {
  const octets = address.split(".").map(Number)
  octets[bit >> 3] = (octets[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
  return octets.join(".")
}

describe("an address", () => {
  it("parseAddress accepts an address exactly if Node does, except for zones", () => {
    const text = fc.oneof(
      v4,
      v6,
      fc.string({ unit: fc.constantFrom("0", "1", "a", "f", ":", "::", ".", "1.2.3.4"), maxLength: 10 })
    )
    let reads = 0
    fc.assert(
      fc.property(text, (given) => {
        if (isIP(given) !== 0) reads++
        expect([given, parseAddress(given) !== undefined]).toStrictEqual([given, isIP(given) !== 0])
      }),
      { numRuns: 5000 }
    )
    expect(reads).toBeGreaterThan(1000)
    expect(parseAddress("fe80::1%eth0")).toBeUndefined()
  })

  it("an IP address has one value in any spelling", () => {
    expect(parseAddress("2001:DB8:0:0:0:0:0:1")).toBe(parseAddress("2001:db8::1"))
    expect(parseAddress("::ffff:192.0.2.1")).toBe(parseAddress("192.0.2.1"))
    expect(parseAddress("::ffff:c000:201")).toBe(parseAddress("192.0.2.1"))
    expect(parseAddress("::192.0.2.1")).not.toBe(parseAddress("192.0.2.1"))
    expect(parseAddress("::")).toBe(0n)
  })
})

describe("address blocks", () => {
  it("a block of IPv4 addresses contains the same addresses as Node's", () => {
    fc.assert(
      fc.property(v4, fc.nat(32), fc.nat(31), (network, bits, flipped) => {
        const address = near(network, flipped)
        expect(contains(`${network}/${bits}`, address)).toBe(byNode(network, bits, address))
        expect(contains(`${network}/${bits}`, address)).toBe(flipped >= bits)
        expect(contains(`::ffff:${network}/${96 + bits}`, address)).toBe(flipped >= bits)
        expect(contains(`${network}/${bits}`, `::ffff:${address}`)).toBe(flipped >= bits)
      })
    )
  })

  it("a block of IPv6 addresses contains the same addresses as Node's", () => {
    fc.assert(
      fc.property(v6, v6, fc.nat(128), (network, address, bits) => {
        expect(contains(`${network}/${bits}`, address)).toBe(byNode(network, bits, address))
        expect(contains(`${network}/${bits}`, network)).toBe(true)
      })
    )
  })

  it("a block without a prefix is one address, and 0.0.0.0/0 contains no IPv6 address", () => {
    expect(contains("192.0.2.1", "192.0.2.1")).toBe(true)
    expect(contains("192.0.2.1", "192.0.2.0")).toBe(false)
    expect(contains("2001:db8::1", "2001:db8::1")).toBe(true)
    expect(contains("2001:db8::1", "2001:db8::")).toBe(false)
    expect(contains("0.0.0.0/0", "2001:db8::1")).toBe(false)
    expect(contains("::/0", "192.0.2.1")).toBe(true)
  })
})
