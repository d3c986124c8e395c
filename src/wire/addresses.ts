/** The client address of a connection or request, and the names and addresses that may see the whole server. */
import type { IncomingMessage } from "node:http"
import { isInBlock, parseAddress, parseBlock } from "../domain/address.ts"
import type { AddressBlock } from "../domain/address.ts"

/** Addresses of one IPv6 network (a /64) count as one, because a single host has all of them. */
const v6HostBits = 64n
const v4Space = 0xffffn

/** The name under which a client's connections are counted. */
export const clientOf = (address: string | undefined): string => {
  const parsed = parseAddress(address ?? "")
  if (parsed === undefined) return address ?? ""
  return parsed >> 32n === v4Space ? `${parsed}` : `${parsed >> v6HostBits}/64`
}

const isWithin = (text: string, blocks: ReadonlyArray<AddressBlock>): boolean => {
  const address = parseAddress(text)
  return address !== undefined && blocks.some((block) => isInBlock(address, block))
}

/** The address part of `192.0.2.1`, `192.0.2.1:8080`, `[2001:db8::1]` and `[2001:db8::1]:8080`. */
const withoutPort = (hop: string): string =>
  /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([0-9.]+):\d+$/.exec(hop)?.[1] ?? hop

/**
 * The address of the client behind trusted proxies: the last entry of X-Forwarded-For that is not a trusted proxy. The
 * header of any other peer is ignored.
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
 * Whether the client's own connection is encrypted: this one, or the one to a trusted proxy, which reports it in
 * X-Forwarded-Proto. If the header lists several proxies, each of their connections must be encrypted.
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
 * Whether a request may see data of the whole server. Local names count only on connections from this machine without a
 * proxy. Other names count only if they are allowed, so that pages of other sites cannot read the data.
 */
export const maySeeServer = (request: IncomingMessage, allowedHosts: ReadonlyArray<string>): boolean => {
  const { headers, socket } = request
  const name = hostName(headers.host ?? "")
  if (allowedHosts.includes(name)) return true
  const isForwarded = headers["x-forwarded-for"] !== undefined || headers["forwarded"] !== undefined
  return isLoopbackName(name) && !isForwarded && isWithin(socket.remoteAddress ?? "", loopback)
}
