/** Rounds on PostgreSQL: each has a separate database, and each engine has separate connections. */
import { Context, Effect, Layer } from "effect"
import type { PostgresServer } from "../../src/development/postgres.ts"
import { Driver } from "../../src/store/driver.ts"
import { migratePostgres, postgresDriverLayer } from "../../src/store/postgres/postgresDriver.ts"
import { addressOf } from "../../src/store/postgres/address.ts"
import { openSession } from "../../src/store/postgres/session.ts"
import type { MakeStore } from "./history.ts"

const makeDatabase = ({ url }: PostgresServer, name: string) =>
  Effect.gen(function* () {
    const address = addressOf(url("postgres"))
    const currentPassword = Effect.succeed(address.password)
    const session = yield* openSession({ ...address, currentPassword, tls: false, connectMillis: () => 30_000 })
    yield* session.run(`CREATE DATABASE ${name}`, [])
  }).pipe(Effect.scoped)

let made = 0

export const onPostgres = (server: PostgresServer): MakeStore =>
  Effect.gen(function* () {
    const name = `histories_${++made}`
    yield* makeDatabase(server, name)
    const options = { url: server.url(name), tls: "off", timeoutMillis: 60_000 } as const
    yield* migratePostgres(options)
    return Effect.map(Layer.build(Layer.fresh(postgresDriverLayer(options))), (context) => Context.get(context, Driver))
  })
