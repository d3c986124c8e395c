/** What knip takes as used: the exports of the package, programs and tests. All else must be imported by them. */
import type { KnipConfig } from "knip"
import manifest from "./package.json" with { type: "json" }

/** `./dist/src/index.js` is made of `src/index.ts`. */
const sourceOf = (built: string): string => `${built.replace("./dist/", "").replace(/\.js$/, ".ts")}!`

const exported = Object.values(manifest.exports).flatMap((given) =>
  typeof given === "string" ? [] : [sourceOf(given.default)]
)

const config: KnipConfig = {
  entry: [
    ...exported,
    // Programs and workers that are started by their file names.
    "src/cli/launcher.cjs!",
    "src/visualizer/layout/elkWorker.ts!",
    "src/crypto/hsm/thread/worker.ts!",
    "src/development/*.ts",
    // Read by src/development/buildConsole.ts, by its file name.
    "src/console/vite.config.ts",
    "src/console/app/main.tsx",
    "docs/examples/*.ts",
    "test/bench/*.ts",
    "test/conformance/*Fake.ts",
    // Named in test/programs.ts.
    "test/crash/{committer,fileWriter,firstStart,importVictim,victim}.ts",
    "test/powerLoss/service.ts",
    "test/hsm/{leaver,victim}.ts",
    "test/server/{interposedServer,killable}.ts",
    "test/nodes/engineNode.ts",
    // Named in test/mutation/run.ts.
    "test/mutation/vitest.config.ts",
    "test/**/*.test.ts"
  ],
  project: ["src/**/*.{ts,tsx,cjs}!", "machines/**/*.ts!", "docs/examples/*.ts", "test/**/*.ts"],
  // The types of an exported function are exported too, so that its callers can name them.
  ignoreExportsUsedInFile: { interface: true, type: true },
  ignoreDependencies: [
    // Found by `require` at run time.
    "mermaid",
    "@alicloud/credentials",
    // Named in a tsconfig that a test writes.
    "node-22-types",
    // Comes with the vendor's clients of RAM and STS, whose types refer to it.
    "@alicloud/openapi-core"
  ],
  // Tools of the system. A test that lacks its tool says which package to install.
  ignoreBinaries: ["flock", "script", "softhsm2-util", "openssl", "jq", "mount", "umount", "prlimit", "strace"],
  // Two limits may have the same value.
  exclude: ["duplicates"]
}

export default config
