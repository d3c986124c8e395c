/** Keystate under its own suite: in memory, on disk, and over HTTP. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { overHttp } from "../../src/conformance/adapters/http.ts"
import { atLevel } from "../../src/conformance/adapters/level.ts"
import { inProcess } from "../../src/conformance/adapters/inProcess.ts"
import { lawOf } from "../../src/conformance/lawbook/laws.ts"
import type { Profile } from "../../src/conformance/adapters/adapter.ts"
import { runConformance } from "../../src/conformance/run/run.ts"
import { counterexampleText } from "../../src/conformance/report/terminal.ts"
import { accessKeyId, secret, startServer } from "../guide/serverFixture.ts"
import { isWhole } from "../sample.ts"

/** More sequences in `npm run test:whole`. */
const runs = isWhole ? 200 : 40

const scratch = mkdtempSync(join(tmpdir(), "keystate-conformance-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe("Keystate", () => {
  it("Keystate in memory keeps every law, and the suite exercises every cell of the table", async () => {
    const profiles: ReadonlyArray<Profile> = ["core", "rotation", "aliases", "import", "asymmetric", "service"]
    const report = await runConformance(inProcess(), {
      profiles,
      phases: ["metamorphic", "bursts", "exhaustive"],
      runs: 40
    })
    expect(report.counterexamples.map(counterexampleText)).toEqual([])
    expect(report.verdict).toBe("pass")
    const { cells, stateByOperation, states, legal, illegal, transitions } = report.coverage
    expect(cells.filter(({ status }) => status === "unreached" || status === "wrong")).toEqual([])
    for (const reached of [stateByOperation, states, legal, illegal, transitions])
      expect(reached.reached).toBe(reached.of)
    expect(report.laws.filter(({ status }) => status === "inconclusive").map(({ id }) => id)).toEqual([])
    const skipped = report.laws.filter(({ status }) => status === "skipped").map(({ id }) => id)
    expect(skipped.filter((id) => profiles.includes(lawOf(id).needs.profile))).toEqual([])
  })

  it("Keystate on disk keeps the laws", async () => {
    const adapter = inProcess({ directory: (start) => join(scratch, String(start)) })
    const report = await runConformance(adapter, { phases: ["metamorphic", "bursts", "walks"], runs: 20 })
    expect(report.counterexamples.map(counterexampleText)).toEqual([])
    expect(report.verdict).toBe("pass")
    const { situations } = report.coverage
    const inState = { law: "KMS-LC-003", kind: "symmetric", state: "Disabled", caller: "root", isRestarted: false }
    expect(situations).toContainEqual({ ...inState, tested: expect.any(Number) })
    expect(situations).toContainEqual(expect.objectContaining({ law: "KMS-RST-001", isRestarted: true }))
    expect(new Set(situations.map(({ caller }) => caller))).toEqual(new Set(["root", "otherAccount", "otherRegion"]))
    for (const { law, tested } of situations)
      expect(report.laws.find(({ id }) => id === law)?.exercised).toBeGreaterThanOrEqual(tested)
  })

  it("Keystate over HTTP keeps the laws, including those of access, with other keys present", async () => {
    await using server = await startServer({ clock: "virtual" })
    await server.pop("CreateKey", { Description: "somebody else's" })
    const accessKey = { accessKeyId, accessKeySecret: secret }
    const report = await runConformance(await overHttp({ endpoint: server.url, accessKey, clock: Date.now }), {
      phases: ["metamorphic", "bursts", "walks"],
      runs: 20
    })
    expect(report.counterexamples.map(counterexampleText)).toEqual([])
    expect(report.verdict).toBe("pass")
    const access = report.laws.filter(({ group }) => group === "access")
    expect(access.length).toBeGreaterThan(0)
    expect(access.filter(({ status }) => status !== "passed")).toEqual([])
  })

  it("Keystate over HTTP on a real clock breaks no law, and laws of time stay inconclusive", async () => {
    await using server = await startServer({ clock: "real" })
    const accessKey = { accessKeyId, accessKeySecret: secret }
    const report = await runConformance(await overHttp({ endpoint: server.url, accessKey, clock: Date.now }), {
      phases: ["metamorphic", "bursts"],
      runs
    })
    expect(report.counterexamples.map(counterexampleText)).toEqual([])
    expect(report.laws.find(({ id }) => id === "KMS-DEL-016")?.status).toBe("passed")
    expect(report.laws.find(({ id }) => id === "KMS-TM-001")?.status).toBe("inconclusive")
  })

  it("Keystate keeps the laws with keys of level HSM", async () => {
    await using server = await startServer({ clock: "virtual", hsm: "simulator" })
    const accessKey = { accessKeyId, accessKeySecret: secret }
    const adapter = atLevel(await overHttp({ endpoint: server.url, accessKey, clock: Date.now }), "HSM")
    const made = await adapter.call("CreateKey", {})
    expect(made).toMatchObject({ ok: true, response: { KeyMetadata: { ProtectionLevel: "HSM" } } })
    const report = await runConformance(adapter, { phases: ["metamorphic", "bursts"], runs })
    expect(report.counterexamples.map(counterexampleText)).toEqual([])
    expect(report.verdict).toBe("pass")
  })
})
