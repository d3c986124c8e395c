/** Bundles the `keystate` command, because few files load faster than many. Rarely used packages stay outside. */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { build } from "vite"
import { noticesPlugin } from "./notices.ts"

/** Packages with native code or large tables. They are loaded when a command uses them. */
export const outside: ReadonlyArray<string> = [
  "@aws-sdk/client-kms",
  "@expo-google-fonts/inter",
  "@resvg/resvg-js",
  "elkjs",
  "pkcs11js",
  "vitest"
]

/** The command, and next to it the threads that are started by file name. */
const entriesOf = (root: string) => ({
  keystate: join(root, "src/cli/keystate.ts"),
  worker: join(root, "src/crypto/hsm/thread/worker.ts"),
  elkWorker: join(root, "src/visualizer/layout/elkWorker.ts")
})

interface Bundling {
  readonly input: Readonly<Record<string, string>>
  /** Whether the bundle is a single file. */
  readonly isOneFile: boolean
}

const bundle = async (root: string, folder: string, { input, isOneFile }: Bundling): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  await build({
    root,
    configFile: false,
    logLevel: "warn",
    mode: "production",
    ssr: { noExternal: true, external: [...outside] },
    plugins: [noticesPlugin],
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      copyPublicDir: false,
      target: "node22",
      minify: true,
      rolldownOptions: {
        input,
        external: [...outside],
        output: {
          format: "esm",
          entryFileNames: "[name].js",
          ...(isOneFile ? { codeSplitting: false } : { chunkFileNames: "[name]-[hash].js" }),
          // Drawings read the names of guards from their functions; a bundle renames functions whose names collide.
          keepNames: true
        }
      }
    }
  })
}

/** Writes the command into `folder`, replacing the compiler's files. */
export const bundleCommand = (root: string, folder: string): Promise<void> =>
  bundle(root, folder, { input: entriesOf(root), isOneFile: false })

/** Writes the command into `folder` as one file without the threads: an executable has no neighbouring files. */
export const bundleWhole = (root: string, folder: string): Promise<void> =>
  bundle(root, folder, { input: { keystate: entriesOf(root).keystate }, isOneFile: true })
