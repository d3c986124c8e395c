/** How the tests run: every suite in Node, one closing line that any machine can read. */
import { defineConfig } from "vitest/config"
import { compileCache } from "./test/compileCache.ts"
import { Order } from "./test/order.ts"
import { patience } from "./test/patience.ts"
import { seed } from "./test/sample.ts"

/**
 * Folders whose test files share a process, and load the engine once: their files load no native module. They change
 * nothing of the process that another file depends on. Each file of the other folders has a separate process.
 */
const sharing = [
  "actor",
  "audit",
  "authorization",
  "certificate",
  "domain",
  "laws",
  "library",
  "machines",
  "operation",
  "ram",
  "records",
  "seed",
  "store",
  "timers",
  "visualizer",
  "wire"
]
  .map((folder) => `test/${folder}/*.test.ts`)
  // The one replaces a package for its whole process. The other imports a test file again, with another setting.
  .concat("test/crypto/!(portableRsa).test.ts", "test/guide/!(spread).test.ts")
  // The longest files begin early, alone.
  .concat("test/console/!(access|allowedNow|browser|chinese).test.ts")

export default defineConfig({
  test: {
    globalSetup: ["./test/leavesNothing.ts", "./test/builtConsole.ts"],
    reporters: ["default", "./test/closingLine.ts"],
    // What a service logs while a test passes is no news; what it logs while one fails may say why.
    silent: "passed-only",
    // Only for a test that hangs. A machine that is ten times overloaded must not reach it.
    testTimeout: 2 * patience,
    hookTimeout: 2 * patience,
    expect: { poll: { timeout: patience } },
    env: {
      ...compileCache,
      // One for all files, although midnight passes.
      KEYSTATE_TEST_SEED: String(seed)
    },
    // Two cores: a test waits for disks, processes and timers almost half of its time.
    maxWorkers: 3,
    sequence: { sequencer: Order },
    // CommonJS packages load as Node loads them.
    deps: { interopDefault: false },
    projects: [
      { extends: true, test: { name: "alone", include: ["test/**/*.test.ts"], exclude: sharing } },
      { extends: true, test: { name: "sharing", include: sharing, isolate: false } }
    ]
  }
})
