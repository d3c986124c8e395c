/** Checks the settings of a listening server, for the command and for the library. */
import { parseBlock } from "../domain/address.ts"
import type { AddressBlock } from "../domain/address.ts"
import { connectionsMax } from "../domain/limits.ts"
import { hostName } from "../wire/addresses.ts"
import type { ListenOptions } from "./httpServer.ts"

/** Settings as they are written. */
export interface WrittenSettings {
  readonly port: number
  readonly monitoringPort: number | undefined
  readonly connectionsPerAddress: number
  readonly allowedHosts: ReadonlyArray<string>
  readonly trustedProxies: ReadonlyArray<string>
}

/** What the user calls a setting: `--port`, or `The option port`. */
export type NameOf = (setting: "port" | "monitoringPort" | "connectionsPerAddress" | "trustedProxies") => string

type Checked = Pick<
  ListenOptions,
  "port" | "monitoringPort" | "connectionsPerAddress" | "allowedHosts" | "trustedProxies"
>

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 0 && port <= 65_535

const numbersFault = (
  { connectionsPerAddress, monitoringPort, port }: WrittenSettings,
  nameOf: NameOf
): string | undefined => {
  if (!isPort(port)) return `${nameOf("port")} takes 0 to 65535, not ${port}.`
  if (monitoringPort !== undefined && !isPort(monitoringPort)) {
    return `${nameOf("monitoringPort")} takes 0 to 65535, not ${monitoringPort}.`
  }
  return Number.isInteger(connectionsPerAddress) &&
    connectionsPerAddress >= 1 &&
    connectionsPerAddress <= connectionsMax
    ? undefined
    : `${nameOf("connectionsPerAddress")} takes 1 to ${connectionsMax}, not ${connectionsPerAddress}.`
}

/** The settings as the server takes them, or a sentence that names the wrong one. */
export const checkedSettings = (written: WrittenSettings, nameOf: NameOf): Checked | string => {
  const fault = numbersFault(written, nameOf)
  if (fault !== undefined) return fault
  const trustedProxies: Array<AddressBlock> = []
  for (const text of written.trustedProxies) {
    const block = parseBlock(text)
    if (block === undefined) {
      return `${nameOf("trustedProxies")} takes an address or a block such as 10.0.0.0/8, not "${text}".`
    }
    trustedProxies.push(block)
  }
  const { connectionsPerAddress, monitoringPort, port } = written
  const allowedHosts = written.allowedHosts.map(hostName)
  return { port, monitoringPort, connectionsPerAddress, allowedHosts, trustedProxies }
}
