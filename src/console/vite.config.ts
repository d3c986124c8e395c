/** How the console is built: from src/console/app into dist/console, everything from this machine, nothing inlined. */
import { fileURLToPath } from "node:url"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: at("app"),
  base: "/console/",
  plugins: [react()],
  logLevel: "warn",
  build: {
    outDir: at("../../dist/console"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: "es2024",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000
  }
})
