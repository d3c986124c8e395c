/** The audit log of a running server: over HTTP, through the command, and after a kill. */
import { execFile, fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { DatabaseSync } from "node:sqlite"
import { Effect, Layer, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { entryOf } from "../../src/records/auditLine.ts"
import type { AuditEntry } from "../../src/records/auditLine.ts"
import { segmentsAfter, walkChain } from "../../src/audit/chainWalk.ts"
import { createKms } from "../../src/promise.ts"
import { compileCache } from "../compileCache.ts"
import { accessKeyId, secret, startServer } from "../guide/serverFixture.ts"
import type { RunningServer } from "../guide/serverFixture.ts"
import { programOf, commandFile } from "../programs.ts"
import { form, post } from "../server/signed.ts"
import { fileIn, newDirectory, sqliteIn } from "../store/places.ts"

const command = await commandFile()
const killable = await programOf("killable")

interface Said {
  readonly exit: number
  readonly entries: ReadonlyArray<AuditEntry>
  readonly out: string
  readonly err: string
}

/** Runs `keystate audit` with the access key of the root. */
const audit = (...args: ReadonlyArray<string>): Promise<Said> =>
  new Promise((resolve) => {
    const env = { ...compileCache, ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret }
    const child = execFile(process.execPath, [command, "audit", ...args], { env }, (_error, out, err) => {
      const lines = out.startsWith('{"') ? out.trimEnd().split("\n") : []
      resolve({ exit: child.exitCode ?? -1, entries: lines.map((line) => JSON.parse(line)), out, err })
    })
  })

const ask = async (url: string, action: string, parameters: Readonly<Record<string, string>> = {}) =>
  (await post(url, form(action, parameters))).body

const newKey = async (url: string): Promise<string> => {
  const { KeyMetadata } = await ask(url, "CreateKey")
  return typeof KeyMetadata === "object" && KeyMetadata !== null ? String(Reflect.get(KeyMetadata, "KeyId")) : ""
}

const entriesIn = (records: unknown): ReadonlyArray<{ readonly Seq: number }> =>
  typeof records === "object" && records !== null ? Reflect.get(records, "Record") : []

describe("the audit log of a running server", () => {
  const directory = newDirectory()
  let server: RunningServer
  let key: string
  beforeAll(async () => {
    server = await startServer({ store: { directory }, clock: "virtual" })
    key = await newKey(server.url)
    await ask(server.url, "ScheduleKeyDeletion", { KeyId: key, PendingWindowInDays: "7" })
    await ask(server.url, "Encrypt", { KeyId: key, Plaintext: "aGk=" })
  })
  afterAll(() => server.stop())

  it("the server records, counts and lists the use of a PendingDeletion key as an alarm", async () => {
    const { Records } = await ask(server.url, "ListAuditRecords", { AlarmsOnly: "true" })
    expect(Records).toEqual({
      Record: [
        expect.objectContaining({
          Operation: "Encrypt",
          Outcome: "Rejected.PendingDeletion",
          Alarm: "PendingDeletionUse",
          KeyId: key,
          Time: "2026-01-01T00:00:00.000Z"
        })
      ]
    })
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toContain('keystate_alarms_total{alarm="PendingDeletionUse"} 1\n')
  })

  it("the audit command lists the same records and positions as ListAuditRecords", async () => {
    const listed = await ask(server.url, "ListAuditRecords", { KeyId: key, Limit: "2" })
    expect(listed).toMatchObject({ HasMore: true })
    const rest = await ask(server.url, "ListAuditRecords", {
      KeyId: key,
      AfterSeq: String(listed["NextAfterSeq"]),
      AfterLine: String(listed["NextAfterLine"])
    })
    expect(rest).toMatchObject({ HasMore: false, Records: { Record: [{ Operation: "Encrypt" }] } })
    const said = await audit("--endpoint", server.url, "--key", key)
    expect([said.exit, said.entries.map(({ operation }) => operation)]).toEqual([
      0,
      ["CreateKey", "ScheduleKeyDeletion", "Encrypt"]
    ])
  })

  it("ListAuditRecords lists the newest records first, page by page, and refused calls on request", async () => {
    const newest = await ask(server.url, "ListAuditRecords", { KeyId: key, Order: "NewestFirst", Limit: "1" })
    expect(newest).toMatchObject({
      HasMore: true,
      NextAfterTime: "2026-01-01T00:00:00.000Z",
      Records: { Record: [{ Operation: "Encrypt" }] }
    })
    const older = await ask(server.url, "ListAuditRecords", {
      KeyId: key,
      Order: "NewestFirst",
      AfterSeq: String(newest["NextAfterSeq"]),
      AfterLine: String(newest["NextAfterLine"])
    })
    expect(older).toMatchObject({
      HasMore: false,
      Records: { Record: [{ Operation: "ScheduleKeyDeletion" }, { Operation: "CreateKey" }] }
    })
    const said = await audit("--endpoint", server.url, "--key", key, "--newest-first")
    expect(said.entries.map(({ operation }) => operation)).toEqual(["Encrypt", "ScheduleKeyDeletion", "CreateKey"])
    const refused = await audit("--endpoint", server.url, "--key", key, "--refused")
    expect(refused.entries.map(({ outcome }) => outcome)).toEqual(["Rejected.PendingDeletion"])
  })

  it("ListAuditRecords skips a segment without a matching line, in both orders", async () => {
    const { Records } = await ask(server.url, "ListAuditRecords", { KeyId: key })
    const [first, , last] = entriesIn(Records)
    for (const [Order, from, beyond] of [
      ["OldestFirst", first, last],
      ["NewestFirst", last, first]
    ] as const) {
      const answer = await ask(server.url, "ListAuditRecords", { KeyId: key, Order, AfterSeq: String(from?.Seq) })
      const places = entriesIn(answer["Records"]).map(({ Seq }) => Seq)
      expect(places, Order).toContain(beyond?.Seq)
      expect(places, Order).not.toContain(from?.Seq)
    }
  })

  it("ListAuditRecords names the parameter of a position that the audit log does not have", async () => {
    for (const Order of ["OldestFirst", "NewestFirst"]) {
      const body = await ask(server.url, "ListAuditRecords", { Order, AfterSeq: "1000000" })
      expect(body, Order).toMatchObject({ Code: "InvalidParameter" })
      expect(JSON.stringify(body), Order).toContain("AfterSeq must be a segment of the log")
    }
  })

  it("the server refuses an invalid instant, and a verification over HTTP", async () => {
    const body = await ask(server.url, "ListAuditRecords", { Since: "2026-02-30" })
    expect(body).toMatchObject({ Code: "InvalidParameter" })
    const [said, verified] = await Promise.all([
      audit("--data", directory, "--until", "yesterday"),
      audit("--endpoint", server.url, "--verify")
    ])
    expect([verified.exit, verified.out]).toEqual([1, ""])
    expect([said.exit, said.out]).toEqual([1, ""])
    expect(said.err).toContain('--until takes a time such as 2026-11-24T10:00:00Z, not "yesterday".')
  })
})

describe("the audit log of a data directory", () => {
  const directory = newDirectory()
  beforeAll(async () => {
    await using kms = await createKms({ store: { directory }, clock: "virtual" })
    const { KeyId } = (await kms.createKey()).KeyMetadata
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
    await kms.clock.advance("8d")
    await kms.describeKey({ KeyId }).catch(() => undefined)
  })

  it("the audit command prints one line of JSON for each record, including those of the clock", async () => {
    const first = await audit("--data", directory)
    expect(first.entries.map(({ operation, outcome }) => [operation, outcome]).toSorted()).toEqual([
      ["AdvanceClock", "Success"],
      ["CreateKey", "Success"],
      ["DeletionDue", "Success"],
      ["DescribeKey", "Forbidden.KeyNotFound"],
      ["ScheduleKeyDeletion", "Success"]
    ])
    const places = first.entries.map(({ seq, line }) => seq * 100 + line)
    expect(places).toEqual(places.toSorted((left, right) => left - right))
    const newest = await audit("--data", directory, "--newest-first")
    expect(newest.entries).toEqual(first.entries.toReversed())
    const refused = await audit("--data", directory, "--refused")
    expect(refused.entries.map(({ operation }) => operation)).toEqual(["DescribeKey"])
    const clock = await audit("--data", directory, "--principal", "clock", "--outcome", "Success")
    expect(clock.entries).toEqual(first.entries.filter(({ principal }) => principal === "clock"))
  })

  it("the audit command prints no error to a reader that closes early", async () => {
    const child = execFile(process.execPath, [command, "audit", "--data", directory])
    let said = ""
    child.stderr?.on("data", (chunk) => {
      said += String(chunk)
    })
    child.stdout?.destroy()
    const exit = await new Promise((resolve) => child.once("exit", resolve))
    expect([exit, said]).toEqual([0, ""])
  })

  it("verify checks the length and head of the audit log, and finds a changed word", async () => {
    const sound = await audit("--data", directory, "--verify")
    const { segments, lines, head } = JSON.parse(sound.out)
    expect([sound.exit, lines]).toEqual([0, 5])
    expect(head).toMatch(/^[0-9a-f]{64}$/)
    const database = new DatabaseSync(fileIn(directory))
    expect(database.prepare("SELECT max(seq) AS seq FROM audit").get()).toEqual({ seq: segments })
    const falsify = "UPDATE audit SET lines = replace(lines, 'ScheduleKeyDeletion', 'CancelKeyDeletion')"
    expect(database.prepare(`${falsify} WHERE lines LIKE '%ScheduleKeyDeletion%'`).run().changes).toBe(1)
    database.close()
    const broken = await audit("--data", directory, "--verify")
    expect([broken.exit, broken.out]).toEqual([1, ""])
    expect(broken.err).toMatch(/The audit chain is broken: segment [0-9]+ is not the text that was hashed\./)
  })
})

/** The log in a directory after its process has ended. */
const logIn = (directory: string) =>
  Effect.gen(function* () {
    const report = yield* walkChain
    const segments = yield* Stream.runCollect(segmentsAfter(0))
    const entries = segments.flatMap(({ seq, lines }) =>
      lines.map((_, index) => entryOf({ seq, line: index + 1 }, lines))
    )
    return { report, ids: entries.map(({ requestId }) => requestId) }
  }).pipe(Effect.provide(Layer.fresh(sqliteIn(directory))), Effect.runPromise)

const started = async (directory: string, mode: string): Promise<{ child: ChildProcess; url: string }> => {
  const child = fork(killable, [directory, mode], { stdio: ["ignore", "inherit", "inherit", "ipc"] })
  const url = await new Promise<string>((resolve) => child.once("message", (message) => resolve(String(message))))
  return { child, url }
}

/** Ids of the requests that a server answered before it was killed under load. */
const answeredUntilKilled = async (directory: string, mode: string): Promise<ReadonlyArray<string>> => {
  const { child, url } = await started(directory, mode)
  const gone = new Promise((resolve) => child.once("exit", resolve))
  const KeyId = await newKey(url)
  const answered: Array<string> = []
  const user = async (): Promise<void> => {
    for (;;) {
      const body = await ask(url, "Encrypt", { KeyId, Plaintext: "aGk=" }).catch(() => undefined)
      if (body === undefined) return
      answered.push(String(body["RequestId"]))
      if (answered.length === 200) child.kill("SIGKILL")
    }
  }
  await Promise.all(Array.from({ length: 8 }, user))
  await gone
  return answered
}

describe("the audit log of a killed server", () => {
  it("a killed server with a strict audit has every answered use on disk, without gaps", async () => {
    const directory = newDirectory()
    const answered = await answeredUntilKilled(directory, "strict")
    const { report, ids } = await logIn(directory)
    expect(answered.length).toBeGreaterThanOrEqual(200)
    expect(report.broken).toBeUndefined()
    const known = new Set(ids)
    expect(known.size).toBe(ids.length)
    expect(answered.filter((id) => !known.has(id))).toEqual([])
  })

  it("a killed server with a batched audit may lack the last uses, but has no gap", async () => {
    const directory = newDirectory()
    const answered = await answeredUntilKilled(directory, "batched")
    const { report, ids } = await logIn(directory)
    expect(report).toMatchObject({ broken: undefined, lines: ids.length })
    expect(new Set(ids).size).toBe(ids.length)
    // Only the end may be missing: the first uses were answered long before.
    expect(answered.slice(0, 20).filter((id) => !ids.includes(id))).toEqual([])
  })
})
