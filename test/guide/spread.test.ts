/** A chapter of the guide with its requests distributed over two servers; `npm run test:nodes` runs all of them so. */
import { vi } from "vitest"

vi.stubEnv("KEYSTATE_TEST_NODES", "2")
await import("./chapter2.test.ts")
