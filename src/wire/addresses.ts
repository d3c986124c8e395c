/** Who a connection and a request come from, and which names and addresses may see the whole server. */
import type { IncomingMessage } from "node:http"
import { isInBlock, parseAddress, parseBlock } from "../domain/address.ts"
import type { AddressBlock } from "../domain/address.ts"

/** Addresses of one network of IPv6 (a /64) count as one: a single host has all of them. */
const v6HostBits = 64n
const v4Space = 0xffffn

/** A name under which the connections of one client are counted. */
export const clientOf = (address: string | undefined): string => {
  const parsed = parseAddress(address ?? "")
  if (parsed === undefined) return address ?? ""
  return parsed >> 32n === v4Space ? `${parsed}` : `${parsed >> v6HostBits}/64`
}

const isWithin = (text: string, blocks: ReadonlyArray<AddressBlock>): boolean => {
  const address = parseAddress(text)
  return address !== undefined && blocks.some((block) => isInBlock(address, block))
}

/** `192.0.2.1`, `192.0.2.1:8080`, `[2001:db8::1]` and `[2001:db8::1]:8080` as an address. */
const withoutPort = (hop: string): string =>
  /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([0-9.]+):\d+$/.exec(hop)?.[1] ?? hop

/**
 * The address of the client behind trusted proxies: the last one of X-Forwarded-For that no trusted proxy has. What
 * anybody else sends in that header is not looked at.
 */
export const clientAddress = (
  { headers, socket }: Pick<IncomingMessage, "headers" | "socket">,
  trusted: ReadonlyArray<AddressBlock>
): string | undefined => {
  const { remoteAddress } = socket
  if (trusted.length === 0 || remoteAddress === undefined || !isWithin(remoteAddress, trusted)) return remoteAddress
  const forwarded = headers["x-forwarded-for"]
  const hops = (typeof forwarded === "string" ? forwarded : "").split(",").map((hop) => withoutPort(hop.trim()))
  let client = remoteAddress
  for (const hop of hops.toReversed()) {
    if (parseAddress(hop) === undefined) return client
    client = hop
    if (!isWithin(hop, trusted)) return client
  }
  return client
}

/**
 * Whether the client's own connection is encrypted: this one, or the one to a trusted proxy, which says so in
 * X-Forwarded-Proto. Where several proxies stand there, each of their connections must be.
 */
export const isEncrypted = (
  { headers, socket }: Pick<IncomingMessage, "headers" | "socket">,
  trusted: ReadonlyArray<AddressBlock>
): boolean => {
  if (trusted.length === 0 || !isWithin(socket.remoteAddress ?? "", trusted)) return "encrypted" in socket
  const forwarded = headers["x-forwarded-proto"]
  if (typeof forwarded !== "string") return false
  return forwarded.split(",").every((scheme) => scheme.trim().toLowerCase() === "https")
}

const loopback: ReadonlyArray<AddressBlock> = ["127.0.0.0/8", "::1"].flatMap((text) => parseBlock(text) ?? [])

export const hostName = (host: string): string =>
  host
    .replace(/:\d*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase()

export const isLoopbackName = (name: string): boolean =>
  name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name)

/**
 * Whether a request may see what concerns the whole server. Names of this machine count only on connections from it,
 * and not behind a proxy; other names only where they are allowed, so that no page of another name reads it.
 */
export const maySeeServer = (request: IncomingMessage, allowedHosts: ReadonlyArray<string>): boolean => {
  const { headers, socket } = request
  const name = hostName(headers.host ?? "")
  if (allowedHosts.includes(name)) return true
  const isForwarded = headers["x-forwarded-for"] !== undefined || headers["forwarded"] !== undefined
  return isLoopbackName(name) && !isForwarded && isWithin(socket.remoteAddress ?? "", loopback)
}
