/** The site of the documentation: `npm run docs:build`. It needs no network, to be built, read or searched. */
import { defineConfig } from "vitepress"
import { noticesPlugin } from "../../src/development/notices.ts"
import { drawDiagrams } from "./diagrams.ts"
import { rewriteLinks } from "./links.ts"
import { sidebar } from "./sidebar.ts"

/** The pages of the laws are many and small: they have no menu, and a search finds the page of all laws. */
const isLaw = (path: unknown): boolean => /^(?:docs\/)?laws\//.test(String(path))

export default defineConfig({
  title: "Keystate",
  description: "A key management service whose keys cannot be in a wrong state",
  base: "/docs/",
  head: [["link", { rel: "icon", href: "data:," }]],
  srcDir: "..",
  srcExclude: ["**/node_modules/**", "src/**", "test/**", "dist/**", "machines/**", "docs/examples/**"],
  outDir: "../dist/docs",
  cacheDir: "../node_modules/.cache/vitepress",
  rewrites: {
    "README.md": "index.md",
    "docs/decisions/README.md": "decisions/index.md",
    "docs/:path*": ":path*"
  },
  markdown: {
    config: (markdown) => {
      rewriteLinks(markdown)
      drawDiagrams(markdown)
    }
  },
  // The server sends no source map and no icon of another site.
  // The esbuild of VitePress does not know the target of tsconfig.json.
  vite: { plugins: [noticesPlugin], build: { sourcemap: false, target: "es2022" }, esbuild: { tsconfigRaw: { compilerOptions: { target: "ES2022" } } }, logLevel: "warn" },
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith("keystate-") } } },
  transformPageData: ({ relativePath, frontmatter }) =>
    isLaw(relativePath) ? { frontmatter: { ...frontmatter, sidebar: false, outline: false } } : {},
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: {
      provider: "local",
      // The page of all laws is found by their ids and sentences.
      options: { _render: (source, env, markdown) => (isLaw(env.relativePath) ? "" : markdown.render(source, env)) }
    }
  }
})
