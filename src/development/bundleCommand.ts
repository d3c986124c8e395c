/** Bundles the `keystate` command: few files start faster than many. Rarely used packages stay outside. */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { build } from "vite"

/** Packages of native code and of large tables. They are loaded when a command uses them. */
const outside = ["@aws-sdk/client-kms", "@expo-google-fonts/inter", "@resvg/resvg-js", "elkjs", "pkcs11js", "vitest"]

/** The command, and the threads that are started by their file names, beside each other. */
const entriesOf = (root: string) => ({
  keystate: join(root, "src/cli/keystate.ts"),
  worker: join(root, "src/crypto/hsm/thread/worker.ts"),
  elkWorker: join(root, "src/visualizer/layout/elkWorker.ts")
})

/** Writes the command into `folder`, in place of what the compiler wrote there. */
export const bundleCommand = async (root: string, folder: string): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  await build({
    root,
    configFile: false,
    logLevel: "warn",
    mode: "production",
    ssr: { noExternal: true, external: outside },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      copyPublicDir: false,
      target: "node22",
      minify: true,
      license: { fileName: "licenses.md" },
      rolldownOptions: {
        input: entriesOf(root),
        external: outside,
        // Drawings read the names of guards off their functions, which a bundle would change where two are the same.
        output: { format: "esm", entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js", keepNames: true }
      }
    }
  })
}
