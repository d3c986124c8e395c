/** `npm run check`: the types of the library and tests, of the console's and the site's pages, and of the package. Reports all faults. */
import { spawnSync } from "node:child_process"

/** Each project, and the location of its incremental state. */
const projects = [
  { of: ["-p", "."], state: "all" },
  { of: ["-p", "src/console/app"], state: "console" },
  { of: ["-p", "docs/.vitepress", "--noEmit"], state: "site" },
  { of: ["-p", "src/tsconfig.build.json", "--noEmit"], state: "package" }
] as const

const failed = projects.filter(({ of, state }) => {
  const buildInfo = `node_modules/.cache/tsc/${state}.json`
  const { status } = spawnSync("tsc", [...of, "--incremental", "--tsBuildInfoFile", buildInfo], {
    stdio: "inherit",
    shell: process.platform === "win32"
  })
  return status !== 0
})
process.exitCode = failed.length === 0 ? 0 : 1
