/** Builds the console once before the tests that serve it, so that no two tests build it at the same time. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

export const setup = (): void => {
  const build = fileURLToPath(new URL("../src/development/buildConsoleIfStale.ts", import.meta.url))
  execFileSync(process.execPath, [build], { stdio: ["ignore", "inherit", "inherit"] })
}
