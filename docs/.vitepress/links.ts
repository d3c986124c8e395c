/** Where a link of a page leads on the site: to another page, or to a file of the repository. */
import { existsSync, readFileSync } from "node:fs"
import { dirname, posix, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"
import type { MarkdownOptions } from "vitepress"

type MarkdownIt = Parameters<NonNullable<MarkdownOptions["config"]>>[0]

export const root = fileURLToPath(new URL("../../", import.meta.url))

const manifest: unknown = JSON.parse(readFileSync(`${root}package.json`, "utf8"))

const repository = (): string => {
  const found: unknown = typeof manifest === "object" && manifest !== null ? Reflect.get(manifest, "homepage") : undefined
  return String(found).replace(/#.*$/, "")
}

/** The pages of the site by the path of their source from the root of the repository. */
const siteFolders: Readonly<Record<string, string>> = { "README.md": "index.md" }

/** `docs/how-to/tls.md` is the page `how-to/tls.md`; README is the first page. */
export const pageOf = (source: string): string =>
  siteFolders[source] ?? (source.startsWith("docs/") ? source.slice("docs/".length).replace(/README\.md$/, "index.md") : source)

const isRelative = (href: string): boolean => !/^(?:[a-z]+:|#|\/)/.test(href)

/** Throws if the link leads to no file, so that a dead link fails the build. */
export const siteHref = (source: string, href: string): string => {
  if (!isRelative(href)) return href
  const [path = "", hash] = href.split("#")
  const target = posix.normalize(posix.join(dirname(source), path))
  if (!existsSync(root + target)) throw new Error(`${source} links to ${href}, which does not exist`)
  const fragment = hash === undefined ? "" : `#${hash}`
  return target.endsWith(".md") ? `/${pageOf(target)}${fragment}` : `${repository()}/blob/main/${target}${fragment}`
}

/** Rewrites the links of a page. Images stay relative: the build copies them. */
export const rewriteLinks = (markdown: MarkdownIt): void => {
  markdown.core.ruler.push("site-links", (state) => {
    const realPath: unknown = Reflect.get(state.env, "realPath") ?? Reflect.get(state.env, "path")
    const source = relative(root, String(realPath)).replaceAll(sep, "/")
    for (const { children } of state.tokens) {
      for (const token of children ?? []) {
        const href = token.type === "link_open" ? token.attrGet("href") : null
        if (href !== null) token.attrSet("href", siteHref(source, href))
      }
    }
  })
}
