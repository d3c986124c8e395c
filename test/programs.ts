/** Programs that tests start as processes, bundled once: a start from the sources compiles hundreds of files. */
import { symlinkSync } from "node:fs"
import { join } from "node:path"
import { madeOnce, root } from "./madeOnce.ts"

/** Each program with its name in the tests. */
const sources = {
  committer: "test/crash/committer.ts",
  fileWriter: "test/crash/fileWriter.ts",
  firstStart: "test/crash/firstStart.ts",
  victim: "test/crash/victim.ts",
  importVictim: "test/crash/importVictim.ts",
  recordedService: "test/powerLoss/service.ts",
  hsmVictim: "test/hsm/victim.ts",
  hsmLeaver: "test/hsm/leaver.ts",
  interposedServer: "test/server/interposedServer.ts",
  killable: "test/server/killable.ts",
  // src/crypto/hsm/thread/tokenThread.ts starts the thread by this name.
  worker: "src/crypto/hsm/thread/worker.ts"
} as const

const bundle = async (folder: string): Promise<void> => {
  const { build } = await import("vite")
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    resolve: { conditions: ["node"] },
    ssr: { noExternal: true, external: ["pkcs11js", "@resvg/resvg-js"] },
    build: {
      ssr: true,
      outDir: folder,
      target: "esnext",
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(sources).map(([name, path]) => [name, join(root, path)])),
        output: { entryFileNames: "[name].js", chunkFileNames: "part-[hash].js" }
      }
    }
  })
}

let folder: Promise<string> | undefined

/** The file of a program, for Node. */
export const programOf = async (name: Exclude<keyof typeof sources, "worker">): Promise<string> => {
  folder ??= madeOnce("programs", ["src", "machines", "test", "package-lock.json"], bundle)
  return join(await folder, `${name}.js`)
}

/** The command as the package has it, where it finds the console that globalSetup built. */
const bundleWithConsole = async (into: string): Promise<void> => {
  const { bundleCommand } = await import("../src/development/bundleCommand.ts")
  await bundleCommand(root, join(into, "src", "cli"))
  symlinkSync(join(root, "dist", "console"), join(into, "console"))
}

/** The file of the `keystate` command, for Node. It starts in half the time of the sources. */
export const commandFile = async (): Promise<string> =>
  join(
    await madeOnce("command", ["src", "machines", "package-lock.json"], bundleWithConsole),
    "src",
    "cli",
    "keystate.js"
  )
