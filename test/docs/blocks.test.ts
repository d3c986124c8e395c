/** The code blocks of the pages: every one can be read in its language, and those that this machine can run are run. */
import { execFileSync, spawn } from "node:child_process"
import { readdirSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type * as TreeSitter from "@vscode/tree-sitter-wasm"
import { parseSync } from "oxc-parser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parseDocument } from "yaml"
import { createKms } from "../../src/promise.ts"
import { commandFile } from "../programs.ts"
import { blocksOf, followPage } from "./followed.ts"
import type { Followed } from "./followed.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const require = createRequire(import.meta.url)
// The names of this module are invisible to an import.
const { Language, Parser }: typeof TreeSitter = require("@vscode/tree-sitter-wasm")

const pages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md") && !/^(?:api|examples)\//.test(name))
  .map((name) => `docs/${name}`)

const blocks = [...pages, "README.md", "CONTRIBUTING.md"].flatMap((page) =>
  blocksOf(page).map((block) => ({ ...block, page }))
)
const inLanguage = (language: string) => blocks.filter((block) => block.language === language)

const parserOf = async (language: string): Promise<TreeSitter.Parser> => {
  const parser = new Parser()
  parser.setLanguage(await Language.load(require.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${language}.wasm`)))
  return parser
}

/** Java and PHP need a frame around statements. */
const frames: Readonly<Record<string, (text: string) => string>> = {
  java: (text) => `class Example { void run() { ${text} } }`,
  php: (text) => `<?php ${text}`
}

describe("code blocks", () => {
  beforeAll(() => Parser.init())

  it.each(["python", "go", "java", "php"])(
    "code blocks of the documentation in %s have no syntax errors",
    async (language) => {
      const found = inLanguage(language)
      const parser = await parserOf(language)
      const isFaulty = (text: string): boolean => {
        const tree = parser.parse((frames[language] ?? String)(text))
        return tree === null || tree.rootNode.hasError
      }
      expect(found.length).toBeGreaterThan(0)
      expect(found.filter(({ text }) => isFaulty(text))).toEqual([])
      expect(isFaulty("( ]")).toBe(true)
    }
  )

  it("code blocks of the documentation in TypeScript have no syntax errors", () => {
    const faults = inLanguage("ts").filter(({ text }) => parseSync("block.ts", text).errors.length > 0)
    expect(inLanguage("ts").length).toBeGreaterThan(10)
    expect(faults).toEqual([])
  })

  it("code blocks of the documentation in JSON and YAML have no syntax errors", () => {
    for (const { text } of inLanguage("json").filter((block) => !block.text.includes("…")))
      expect(() => JSON.parse(text)).not.toThrow()
    for (const { text } of inLanguage("yaml")) expect([text, parseDocument(text).errors]).toEqual([text, []])
  })
})

const blockIn = (page: string, language: string, including: string): string => {
  const found = blocksOf(page).find((block) => block.language === language && block.text.includes(including))
  if (found === undefined) throw new Error(`${page} has no block in ${language} with ${including}`)
  return found.text
}

describe("examples that run on this machine", () => {
  let followed: Followed
  beforeAll(async () => {
    followed = await followPage("npm start -s -- --store memory")
  })
  afterAll(() => followed.stop())
  const env = () => ({
    PATH: process.env["PATH"],
    KEYSTATE_ENDPOINT: followed.filledIn("http://127.0.0.1:8787"),
    ALIBABA_CLOUD_ACCESS_KEY_ID: followed.filledIn("<AccessKeyId>"),
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: followed.filledIn("<AccessKeySecret>")
  })

  it("the Python example signs a request with the standard library, and the server answers", () => {
    const program = blockIn("docs/how-to/clients.md", "python", "# call.py")
    expect(execFileSync("python3", ["-c", program], { env: env(), encoding: "utf8" })).toBe("Enabled\n")
  })

  it("the TypeScript example calls the server with the vendor's SDK, and its last call is refused", async () => {
    const program = blockIn("docs/how-to/clients.md", "ts", "@alicloud/kms20160120")
    const endpoint = new URL(followed.filledIn("http://127.0.0.1:8787")).host
    writeFileSync(join(followed.cwd, "first.ts"), program.replace("127.0.0.1:8787", endpoint))
    const child = spawn(process.execPath, ["first.ts"], {
      cwd: followed.cwd,
      env: env(),
      stdio: ["ignore", "ignore", "pipe"]
    })
    let printed = ""
    for await (const piece of child.stderr) printed += String(piece)
    expect(printed).toContain("Rejected.Disabled")
  })

  it("the script of the GitLab example runs without its installation step", async () => {
    const job: unknown = parseDocument(blockIn("docs/how-to/ci.md", "yaml", "# .gitlab-ci.yml")).toJS()
    const { before_script: before, script } = Object(Reflect.get(Object(job), "test"))
    const [install, serve, ...rest] = [...before, ...script].map(String)
    expect([install, serve?.startsWith("keystate serve --store memory")]).toEqual([
      "npm install --global keystate",
      true
    ])
    const preamble = `keystate() { "${process.execPath}" "${await commandFile()}" "$@"; }`
    const output = execFileSync("bash", ["-ec", [preamble, ...rest].join("\n")], {
      cwd: followed.cwd,
      env: env(),
      encoding: "utf8"
    })
    expect(output).toContain('"KeyState": "Enabled"')
  })

  it("the migration example's seed has the keys of local-kms, and Encrypt uses the last version", async () => {
    const page = "docs/how-to/migrate.md"
    const seed = JSON.parse(blockIn(page, "json", "alias/testing"))
    const { Aes } = parseDocument(blockIn(page, "yaml", "BackingKeys")).toJS().Keys.Symmetric
    expect(seed.keys.map((key: object) => Reflect.get(key, "id"))).toEqual([Aes[0].Metadata.KeyId])
    expect(seed.keys[0].versions.map(({ material }: { material: string }) => material)).toEqual(Aes[0].BackingKeys)
    await using kms = await createKms({ clock: "virtual", fixtures: seed })
    const { KeyVersionId } = await kms.encrypt({ KeyId: "alias/testing", Plaintext: "aGVsbG8=" })
    const { KeyVersions } = await kms.listKeyVersions({ KeyId: seed.keys[0].id })
    expect(KeyVersions.KeyVersion).toHaveLength(2)
    const { KeyMetadata } = await kms.describeKey({ KeyId: "alias/testing" })
    expect(KeyVersionId).toBe(KeyMetadata.PrimaryKeyVersion)
  })
})
