/** Calls of encryptMany, against a loop that awaits Encrypt for each request. */
import { setImmediate } from "node:timers/promises"
import { prepareSoftHsm } from "../../src/development/softHsm.ts"
import { startPostgres } from "../../src/development/postgres.ts"
import { createKms } from "../../src/promise.ts"
import { benchRootKey, storeAt } from "./benchStore.ts"
import { alternate, perSecond, rate, row } from "./measure.ts"
import type { Row } from "./measure.ts"
import { scratchDirectory } from "./scratch.ts"

const rounds = 5
/** The loop leaves a turn to other work this often, as programs do. Otherwise its audit records would be written later. */
const turnCalls = 64
const Plaintext = new Uint8Array(32).fill(7)

type Options = NonNullable<Parameters<typeof createKms>[0]>

interface Place {
  readonly name: string
  readonly goal: number
  /** The number of requests: enough to write their audit records several times. */
  readonly count: number
  readonly options: Options
  readonly level?: "HSM"
}

const measured = async ({ count, goal, level, name, options }: Place): Promise<Row> => {
  await using kms = await createKms(options)
  const { KeyMetadata } = await kms.createKey(level === undefined ? {} : { ProtectionLevel: level })
  const request = { KeyId: KeyMetadata.KeyId, Plaintext }
  const requests = Array.from({ length: count }, () => request)
  const single = async (): Promise<number> => {
    const startedAt = process.hrtime.bigint()
    for (let i = 0; i < count; i++) {
      await kms.encrypt(request)
      if (i % turnCalls === 0) await setImmediate()
    }
    return perSecond(count, startedAt)
  }
  const many = async (): Promise<number> => {
    const startedAt = process.hrtime.bigint()
    const results = await kms.encryptMany(requests)
    if (!results.every(({ ok }) => ok)) throw new Error("an Encrypt was refused")
    return perSecond(count, startedAt)
  }
  const { floor, ours, ratio } = await alternate(rounds, single, many)
  return row(`encryptMany / Encrypt one after the other, ${name}`, ratio, goal, `${rate(ours)} of ${rate(floor)}`)
}

/** A loop waits for each call: for a proof on PostgreSQL, for a flush of a strict audit, for a message to a token. */
export const manyAtOnce = async (): Promise<ReadonlyArray<Row>> => {
  const token = prepareSoftHsm(scratchDirectory())
  process.env["SOFTHSM2_CONF"] = token.settings
  const server = await startPostgres({ shared_buffers: "128MB" })
  const directory = (): Options => ({ store: { directory: scratchDirectory() } })
  const hsm = { module: token.module, label: token.label, pinFile: token.pinFile }
  const places: ReadonlyArray<Place> = [
    // Here a loop waits for the cryptography only, and each message has its own key.
    { name: "SQLite", goal: 1, count: 10_000, options: directory() },
    { name: "SQLite with a strict audit", goal: 3, count: 2000, options: { ...directory(), audit: "strict" } },
    { name: "PostgreSQL", goal: 3, count: 2000, options: { store: storeAt(server.url("postgres")), ...benchRootKey } },
    { name: "a key in a token", goal: 1.3, count: 2000, options: { ...directory(), hsm }, level: "HSM" }
  ]
  const rows: Array<Row> = []
  for (const place of places) rows.push(await measured(place))
  await server.close()
  return rows
}
