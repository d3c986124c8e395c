/** `npm run console:build`: the console's pages, and the licenses of the packages in them. */
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { noticesPlugin } from "./notices.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

export const buildConsole = async (folder: string): Promise<void> => {
  const { build } = await import("vite")
  const configFile = join(root, "src", "console", "vite.config.ts")
  await build({ configFile, plugins: [noticesPlugin], build: { outDir: folder } })
}

if (import.meta.main) await buildConsole(resolve(process.argv[2] ?? join(root, "dist", "console")))
