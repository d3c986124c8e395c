/** Prints the tests' outcome as one plain line, `N passed, N failed, N skipped`, after everything else. */
import { seed } from "./sample.ts"
import type { Reporter, TestModule } from "vitest/node"

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const counts = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      // A file that did not load ran no test, and that is a failure too.
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
