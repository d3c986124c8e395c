/** The store on PostgreSQL keeps its laws through a pooler that lends a connection for one transaction. */
import { Effect, Layer, Schedule } from "effect"
import { afterAll } from "vitest"
import { sharedStoreLaws } from "../../../src/conformance/store/index.ts"
import type { MakeDriver } from "../../../src/conformance/store/index.ts"
import { startPooler } from "../../../src/development/postgres.ts"
import type { Pooler } from "../../../src/development/postgres.ts"
import { postgresDriverLayer } from "../../../src/store/postgres/postgresDriver.ts"
import { asTests } from "../../asTests.ts"
import { patientMillis, postgresForTests } from "./server.ts"
import { runOn } from "./statements.ts"

const server = postgresForTests()
let pooler: Pooler | undefined
afterAll(() => pooler?.close())

/** The same database through the pooler, once the pooler answers. */
const throughPooler = async (): Promise<string> => {
  pooler ??= await startPooler(server.get())
  const url = new URL(await server.emptyStore())
  url.port = String(pooler.port)
  const answers = Effect.tryPromise(() => runOn(url.href, ["SELECT 1"]))
  await Effect.runPromise(Effect.retry(answers, { schedule: Schedule.spaced("20 millis"), times: 3000 }))
  return url.href
}

const makePlace = (): MakeDriver => {
  let url: Promise<string> | undefined
  return () =>
    Layer.unwrap(
      Effect.map(
        Effect.promise(() => (url ??= throughPooler())),
        (at) => postgresDriverLayer({ url: at, tls: "off", timeoutMillis: patientMillis })
      )
    )
}

asTests(
  "the PostgreSQL store through PgBouncer in transaction mode",
  sharedStoreLaws(() => Effect.sync(makePlace))
)
