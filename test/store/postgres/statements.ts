/** Statements that a test runs on a PostgreSQL server. */
import { Effect } from "effect"
import { addressOf } from "../../../src/store/postgres/address.ts"
import { openSession } from "../../../src/store/postgres/session.ts"
import type { Columns, Parameter } from "../../../src/store/postgres/session.ts"

/** A connection that ends with its scope. */
export const openOn = (url: string) => {
  const address = addressOf(url)
  const currentPassword = Effect.succeed(address.password)
  return openSession({ ...address, currentPassword, tls: false, connectMillis: () => 30_000 })
}

/** Runs statements one after the other, on a separate connection. */
export const runOn = (
  url: string,
  ...statements: ReadonlyArray<readonly [text: string, ...parameters: ReadonlyArray<Parameter>]>
): Promise<ReadonlyArray<Columns>> =>
  Effect.gen(function* () {
    const session = yield* openOn(url)
    let rows: ReadonlyArray<Columns> = []
    for (const [text, ...parameters] of statements) rows = yield* session.run(text, parameters)
    return rows
  }).pipe(Effect.scoped, Effect.runPromise)
