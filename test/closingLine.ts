/** Prints the result of the tests as one line at the end: `N passed, N failed, N skipped`. */
import { seed } from "./sample.ts"
import type { Reporter, TestModule } from "vitest/node"

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const counts = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      // A file that could not be loaded has no tests, and counts as failed.
      if (tests.length === 0 && !module.ok()) counts.failed++
      for (const test of tests) {
        const { state } = test.result()
        if (state !== "pending") counts[state]++
      }
    }
    if (counts.failed > 0) process.stdout.write(`\nKEYSTATE_TEST_SEED=${seed} tests the same samples again.\n`)
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
  }
}
