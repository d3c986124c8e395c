/** The files that the repository may contain. A path that no rule allows is a stray file. */

interface Rule {
  readonly folder: string
  /** The form of the rest of the path. */
  readonly holds: RegExp
  /** In bytes. */
  readonly maximum?: number
}

const kilobyte = 1024

const topLevel = new Set([
  ".dockerignore",
  ".gitignore",
  ".npmrc",
  ".oxfmtrc.json",
  ".oxlintrc.json",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "SECURITY.md",
  "knip.ts",
  "package-lock.json",
  "package.json",
  "tsconfig.json",
  "vitest.config.ts"
])

const rules: ReadonlyArray<Rule> = [
  { folder: ".ci", holds: /^run$/ },
  { folder: "docs/.vitepress", holds: /^(tsconfig\.json|[a-z]+\.ts|theme\/[a-z]+\.(ts|css))$/ },
  { folder: "docs/api", holds: /^[a-z-]+\.md$/ },
  { folder: "docs/decisions", holds: /^(README|\d{4}-[a-z\d-]+)\.md$/ },
  { folder: "docs/deploy", holds: /^(Dockerfile|compose\.yaml|keystate\.service|action\/action\.yml)$/ },
  { folder: "docs/how-to", holds: /^[a-z\d-]+\.md$/ },
  { folder: "docs/laws", holds: /^KMS-[A-Z]+-\d{3}\.md$/ },
  { folder: "test/visualizer/fixtures", holds: /^[a-zA-Z]+\.(svg|ts)$/ },
  {
    folder: "test/mutation",
    holds: /^(\.npmrc|package(-lock)?\.json|(judged|scores)\.json|[a-z]\w*(\.config|\.test)?\.ts)$/
  },
  { folder: "docs/images", holds: /^[a-z\d-]+\.(svg|png)$/ },
  { folder: "docs/examples/kubernetes", holds: /^(plugin\.ts|kmsV2\.proto)$/ },
  { folder: "docs/examples/own", holds: /^[a-zA-Z]+\.ts$/ },
  { folder: "docs/examples", holds: /^([a-zA-Z\d-]+\.ts|toy_kms\.py|seed(-hsm)?\.json)$/ },
  { folder: "docs", holds: /^([a-z\d-]+\.md|command-output\.schema\.json)$/ },
  { folder: "machines", holds: /^[a-z][a-zA-Z]*\.ts$/ },
  { folder: "src/visualizer/geometry", holds: /^[a-zA-Z]+(\.cells)?\.json$/ },
  {
    folder: "src/console/app",
    holds: /^(index\.html|mark\.svg|tsconfig\.json|styles\/[a-z]+\.css|([a-z]\w*\/)*[a-z]\w*\.tsx?)$/
  },
  // A counterexample for each law, which the pages of the laws show.
  { folder: "src/development/docs/laws", holds: /^seeded\.json$/, maximum: 400 * kilobyte },
  { folder: "src/development/docs/laws", holds: /^[a-z][a-zA-Z]*\.ts$/ },
  { folder: "src/cli/calls", holds: /^(operations\.json|[a-z][a-zA-Z]*\.ts)$/ },
  {
    folder: "src",
    holds: /^(tsconfig\.build\.json|cli\/launcher\.cjs|console\/vite\.config\.ts|([a-z]\w*\/)*[a-z]\w*\.ts)$/
  },
  // The file of an API operation has the operation's name.
  { folder: "src/operation", holds: /^([a-z][a-zA-Z]*\/)+[A-Z][a-zA-Z]+\.ts$/ },
  { folder: "test/golden", holds: /^[a-z\d-]+\.json$/ },
  {
    folder: "test/vectors",
    holds: /^(README\.md|exceptions\.json|(sm-and-kat|wycheproof)\/\w+\.json)$/,
    maximum: 1400 * kilobyte
  },
  {
    folder: "test",
    holds:
      /^(([a-z]\w*\/)*[a-z]\w*(\.test)?\.ts|(crash|hsm|powerLoss)\/[a-z]\w*\.c|machines\/state-table\.csv|bench\/(load|tenMillion)\.json|campaign\/results\.json|wire\/capturedRequests\.json)$/
  }
]

/** Names that tools give to generated files. */
const generated = /(^|\/)(dist|build|out|coverage|node_modules|__\w+__|\.[^/]*)\//

/** Hidden files of the project at places that tools require. */
const hiddenByTools = /^(\.ci\/run|docs\/\.vitepress\/.+)$/

const largest = 150 * kilobyte

export interface TreeFile {
  readonly path: string
  readonly bytes: number
}

const maximumOf = ({ path, bytes }: TreeFile): number | undefined => {
  if (path === "package-lock.json") return bytes
  if (topLevel.has(path)) return largest
  if (generated.test(path) && !hiddenByTools.test(path)) return undefined
  const rule = rules.find(
    ({ folder, holds }) => path.startsWith(`${folder}/`) && holds.test(path.slice(folder.length + 1))
  )
  return rule === undefined ? undefined : (rule.maximum ?? largest)
}

/** The files that must not exist, each with the reason. */
export const strayFiles = (files: ReadonlyArray<TreeFile>): ReadonlyArray<string> =>
  files.flatMap((file) => {
    const maximum = maximumOf(file)
    if (maximum === undefined) return [`${file.path}: no rule of test/tree.ts allows it`]
    return file.bytes > maximum ? [`${file.path}: ${file.bytes} bytes, more than ${maximum}`] : []
  })
