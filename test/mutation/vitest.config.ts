/** How tests run on mutants: the files that KEYSTATE_MUTATION_TESTS names, in this order, in one process. */
import { matchesGlob, relative } from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer } from "vitest/node"
import type { TestSpecification } from "vitest/node"

const patterns = (process.env["KEYSTATE_MUTATION_TESTS"] ?? "").split("\n")

/** A mutant is noticed by the first test that fails, so the quick ones come first. */
class InOrder extends BaseSequencer {
  override sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const placeOf = ({ moduleId }: TestSpecification): number =>
      patterns.findIndex((pattern) => matchesGlob(relative(process.cwd(), moduleId), pattern))
    return Promise.resolve(files.toSorted((left, right) => placeOf(left) - placeOf(right)))
  }
}

export default defineConfig({
  test: {
    silent: true,
    include: patterns,
    sequence: { sequencer: InOrder },
    deps: { interopDefault: false },
    isolate: false,
    env: { KEYSTATE_TEST_SEED: "0" },
    // With a mutant, a test may wait for what never happens. Stryker's own limit is longer.
    testTimeout: 120_000
  }
})
