/** The servers that a store accepts: those of the first cluster, and never a replaced primary. */
import { Effect } from "effect"
import type { Scope } from "effect"
import { describe, expect, it } from "vitest"
import { fitSession, nothingSeen } from "../../../src/store/postgres/fitness.ts"
import type { Seen } from "../../../src/store/postgres/fitness.ts"
import { openings } from "../../../src/store/postgres/opening.ts"
import type { Session } from "../../../src/store/postgres/session.ts"
import { patientMillis, postgresForTests } from "./server.ts"
import { runOn } from "./statements.ts"

const server = postgresForTests()

const run = <A>(body: Effect.Effect<A, unknown, Scope.Scope>): Promise<A> => Effect.runPromise(Effect.scoped(body))

const good = {
  standby: "false",
  fsync: "on",
  version: 150_018,
  version_text: "15.18",
  encoding: "UTF8",
  system: "7300000000000000001",
  timeline: "00000002"
}

/** A server without tables that gives this answer to the query about its properties. */
const answering = (answer: Readonly<Record<string, unknown>>): Effect.Effect<Session> =>
  Effect.succeed({
    run: (text) => Effect.succeed(text.includes("keystate.meta") ? [] : [{ ...good, ...answer }]),
    isClosed: () => false
  })

const refusal = (answer: Readonly<Record<string, unknown>>, seen: Seen = nothingSeen()) =>
  run(Effect.flip(fitSession(answering(answer), seen)))

describe("the fitness of a PostgreSQL server", () => {
  it.each([
    [{ standby: "true", timeline: "" }, "the server is a standby; Keystate uses the primary alone"],
    [{ fsync: "off" }, "fsync is off, so that a crash would lose changes; set fsync = on"],
    [{ version: 140_010, version_text: "14.10" }, "the server is PostgreSQL 14.10, and Keystate needs 15 or newer"],
    [{ encoding: "SQL_ASCII" }, "the database has the encoding SQL_ASCII; make one with the encoding UTF8"]
  ])("refuses an unfit PostgreSQL server with the remedy: %o", async (answer, message) => {
    expect(await refusal(answer)).toMatchObject({ _tag: "Refused", code: "KS002", message })
  })
  it("refuses a server with a lower timeline than before as a replaced primary", async () => {
    const seen = nothingSeen()
    await run(fitSession(answering({}), seen))
    await run(fitSession(answering({ timeline: "00000010" }), seen))
    expect(await refusal({ timeline: "0000000F" }, seen)).toMatchObject({
      message: "the server is a former primary that was replaced; it lacks newer changes"
    })
    await run(fitSession(answering({ timeline: "00000010" }), seen))
  })
  it("refuses a server of another cluster than before", async () => {
    const seen = nothingSeen()
    await run(fitSession(answering({}), seen))
    expect(await refusal({ system: "7300000000000000002", timeline: "00000009" }, seen)).toMatchObject({
      message: "the address leads to another database cluster than before; start Keystate again if that is intended"
    })
    await run(fitSession(answering({}), seen))
  })
  it("the check of the server works for a role without rights", async () => {
    await runOn(server.get().url("postgres"), ["CREATE ROLE app LOGIN"])
    const url = server.get().url("postgres").replace("//keystate@", "//app@")
    const options = { url, tls: "off", timeoutMillis: patientMillis } as const
    await run(Effect.flatten(openings(options)))
  })
})
