/** Peers of `npm run bench:load`: running servers with the JSON dialect of AWS KMS, given by URL and process id. */
import { askUnsigned, encrypt32, memberOf, quick, unsignedCases } from "./loadCases.ts"
import type { Case, Server } from "./loadCases.ts"
import { treeOf } from "./usage.ts"

export interface Peer {
  readonly name: string
  readonly url: URL
  readonly pid: number
}

const form = "NAME=URL,PID, for example local-kms=http://127.0.0.1:8080,4711"

/** Reads `--peer`. The process id is that of the server, whose descendants count too. */
export const peerOf = (given: string): Peer => {
  const [, name, address, pid] = /^([^=]+)=(http:\/\/[^,]+),(\d+)$/.exec(given) ?? []
  if (name === undefined || address === undefined || !URL.canParse(address)) {
    throw new Error(`--peer is ${form}; this is ${given}`)
  }
  if (treeOf(Number(pid)).length === 0) throw new Error(`--peer ${name}: there is no process ${pid}`)
  return { name, url: new URL(address), pid: Number(pid) }
}

/** A slow peer gets fewer requests: about as many as it answers in this time. */
const seconds = 4
const requestsMin = 256

/** A key in the peer, and the requests for it. */
export const casesOfPeer = async (
  { name, pid, url }: Peer,
  rateOf: (one: Case) => Promise<number>
): Promise<ReadonlyArray<Case>> => {
  const place = { name, pid, host: url.hostname, port: Number(url.port || 80) }
  const created = await askUnsigned({ ...place, keyId: "" }, "CreateKey", {})
  const server: Server = { ...place, keyId: memberOf(created, "KeyMetadata", "KeyId") }
  const [trial] = await unsignedCases(server, requestsMin)
  if (trial?.operation !== encrypt32) throw new Error("the first case is Encrypt")
  const total = Math.round(Math.min(quick, Math.max(requestsMin, seconds * (await rateOf(trial)))))
  return unsignedCases(server, total)
}
