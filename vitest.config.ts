/** How the tests run: every suite in Node, one closing line that any machine can read. */
import { defineConfig } from "vitest/config"
import { patience } from "./test/patience.ts"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["./test/leavesNothing.ts", "./test/builtConsole.ts"],
    reporters: ["default", "./test/closingLine.ts"],
    // What a service logs while a test passes is no news; what it logs while one fails may say why.
    silent: "passed-only",
    // Only for a test that hangs. A machine that is ten times overloaded must not reach it.
    testTimeout: 2 * patience,
    hookTimeout: 2 * patience,
    expect: { poll: { timeout: patience } },
    // Two cores: more workers only wait for each other.
    maxWorkers: 2,
    // CommonJS packages load as Node loads them.
    deps: { interopDefault: false }
  }
})
