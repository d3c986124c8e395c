/** How tests run on mutants: the files that KEYSTATE_MUTATION_TESTS names, in one process. */
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    silent: true,
    include: (process.env["KEYSTATE_MUTATION_TESTS"] ?? "").split("\n"),
    deps: { interopDefault: false },
    isolate: false,
    env: { KEYSTATE_TEST_SEED: "0" },
    // With a mutant, a test may wait for what never happens. Stryker's own limit is longer.
    testTimeout: 120_000
  }
})
