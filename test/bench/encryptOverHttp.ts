/** Signed Encrypt over HTTP at 64 connections, against a bare server that parses, verifies and encrypts. */
import { load, start } from "./benchServer.ts"
import { alternate, rate, row } from "./measure.ts"
import type { Row } from "./measure.ts"
import { scratchDirectory } from "./scratch.ts"

const rounds = 5

export const encryptOverHttp = async (): Promise<Row> => {
  const bare = await start("bareServer.ts", [])
  const ours = await start("engineServer.ts", [scratchDirectory()])
  const measured = await alternate(
    rounds,
    () => load(bare),
    () => load(ours)
  )
  bare.child.kill()
  ours.child.kill()
  return row(
    "signed Encrypt over HTTP, 64 connections / a bare server that parses, verifies and encrypts",
    measured.ratio,
    0.8,
    `${rate(measured.ours)} of ${rate(measured.floor)}`
  )
}
