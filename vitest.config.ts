/** How the tests run: every suite in Node, one closing line that any machine can read. */
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["./test/leavesNothing.ts"],
    reporters: ["default", "./test/closingLine.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more workers only wait for each other.
    maxWorkers: 2,
    // CommonJS packages load as Node loads them.
    deps: { interopDefault: false }
  }
})
