/** How the console is built: from src/console/app into dist/console, everything from this machine, nothing inlined. */
import { fileURLToPath } from "node:url"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// Every build is the published one, also that of a test.
process.env["NODE_ENV"] = "production"

export default defineConfig({
  root: at("app"),
  base: "/console/",
  plugins: [react()],
  mode: "production",
  logLevel: "warn",
  build: {
    outDir: at("../../dist/console"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: "es2024",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    // Drawings read the names of guards off their functions: shortened, the words on the arrows would be wrong.
    rolldownOptions: { output: { keepNames: true } }
  }
})
