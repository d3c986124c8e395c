/** The suite as vitest tests: one for each law, over one run. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { KmsAdapter } from "./adapters/adapter.ts"
import { laws } from "./lawbook/laws.ts"
import type { ConformanceOptions } from "./run/options.ts"
import type { Report } from "./report/report.ts"
import { runConformance } from "./run/run.ts"
import { writeFailures } from "./report/files.ts"
import { counterexampleText } from "./report/terminal.ts"

/** Options of the laws as tests of Vitest. */
export interface VitestOptions extends ConformanceOptions {
  /** The time limit of the run, in milliseconds; ten minutes by default. */
  readonly timeoutMillis?: number
  /** The directory for counterexamples; none are written if absent. */
  readonly out?: string
}

/**
 * Declares the tests. Laws that the service does not support, or that nothing tested, are skipped with the reason.
 * `describeConformance(() => myAdapter(), { runs: 100 })`
 */
export const describeConformance = (
  makeAdapter: () => KmsAdapter | Promise<KmsAdapter>,
  options: VitestOptions = {}
): void => {
  const { timeoutMillis = 600_000, out, ...rest } = options
  describe("conformance", () => {
    let report: Report | undefined
    beforeAll(async () => {
      report = await runConformance(await makeAdapter(), rest)
    }, timeoutMillis)
    afterAll(() => {
      if (report !== undefined && out !== undefined) writeFailures(report, out)
    })
    it("the conformance run reaches its end", () => {
      expect([report?.verdict, report?.error]).not.toContain("error")
      expect(report?.calls ?? 0).toBeGreaterThan(0)
    })
    it.for(laws)("law $id: $sentence", ({ id, severity }, { skip }) => {
      const result = report?.laws.find((law) => law.id === id)
      if (result === undefined) throw new Error("the run made no report")
      if (result.status === "skipped" || result.status === "inconclusive") return skip(result.reason)
      const found = report?.counterexamples.find(({ law }) => law === id)
      if (result.status === "broken" && severity === "MUST") {
        expect.fail(found === undefined ? id : counterexampleText(found))
      }
    })
  })
}
