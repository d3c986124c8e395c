/** Builds the console from src/console/app into dist/console. All files come from this machine; none are inlined. */
import { fileURLToPath } from "node:url"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// Every build is a production build, also in a test.
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
    // Drawings read the names of guards from their functions; minified names would be wrong in the drawings.
    rolldownOptions: { output: { keepNames: true } }
  }
})
