/** The size of the installed package, the code that programs load, and bundles of such programs. */
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { installPackage, ran } from "./installed.ts"
import type { Installed } from "./installed.ts"

const megabyte = 1_000_000

let installed: Installed
let modules: string
beforeAll(async () => {
  installed = await installPackage()
  modules = join(installed.folder, "node_modules")
})
afterAll(() => installed?.remove())

const bytesOf = (path: string): number => {
  const found = lstatSync(path)
  if (!found.isDirectory()) return found.size
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0)
}

describe("an installed package", () => {
  it("an installed package adds less than 25 MB beyond effect, xstate and the documentation", () => {
    const site = join(modules, "keystate", "dist", "docs")
    const others = [join(modules, "effect"), join(modules, "xstate"), site]
    const own = bytesOf(modules) - others.reduce((sum, path) => sum + bytesOf(path), 0)
    expect(own).toBeLessThan(25 * megabyte)
    expect(bytesOf(site)).toBeLessThan(8 * megabyte)
  })

  it("an installed package brings no runtime, font, layout engine, native binding, cloud client or compiler", () => {
    const unwanted = ["node", "elkjs", "@resvg", "@expo-google-fonts", "pkcs11js", "@aws-sdk", "vite", "typescript"]
    expect(unwanted.filter((name) => existsSync(join(modules, name)))).toEqual([])
    expect(readdirSync(join(modules, ".bin")).filter((name) => /^(node|npm|npx|tsc)$/.test(name))).toEqual([])
  })

  it("an installed package shares one copy of effect and xstate with a project that has them", () => {
    const copies = readdirSync(modules, { recursive: true, encoding: "utf8" }).filter((path) =>
      /(^|node_modules\/)(effect|xstate)\/package\.json$/.test(path)
    )
    expect(copies.toSorted()).toEqual(["effect/package.json", "xstate/package.json"])
  })
})

const use = `
const kms = await createKms({ clock: "virtual" })
const { KeyMetadata: { KeyId } } = await kms.createKey({ Description: "orders" })
const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: "aGVsbG8=" })
const { Plaintext } = await kms.decrypt({ CiphertextBlob })
process.stdout.write(Plaintext + "\\n")`

/** Prints the modules that were loaded, on the last line. */
const tracing = `
import { registerHooks } from "node:module"
const loaded = []
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context) } })
process.on("exit", () => process.stdout.write(JSON.stringify(loaded)))`

const seldom =
  /node:sqlite|\/store\/(sqlite\/(?!files)|postgres)|sql-pg|\/visualizer\/|\/certificate\/certificateRequest|\/crypto\/hsm\/(pool|provider\/tokenProvider|thread)|fast-check|\/(conformance|server|cli)\//

const loadedBy = async (
  name: string,
  program: string
): Promise<{ said: string; seldomUsed: ReadonlyArray<string> }> => {
  writeFileSync(join(installed.folder, "tracing.mjs"), tracing)
  writeFileSync(join(installed.folder, `${name}.mjs`), program)
  const { code, stdout, stderr } = await ran(process.execPath, ["--import", "./tracing.mjs", `${name}.mjs`], {
    cwd: installed.folder
  })
  expect([code, stderr]).toEqual([0, ""])
  const [said = "", trace = "[]"] = stdout.split("\n")
  const urls: ReadonlyArray<string> = JSON.parse(trace)
  expect(urls.some((url) => url.includes("/keystate/dist/src/promise.js"))).toBe(true)
  return { said, seldomUsed: urls.filter((url) => seldom.test(url)) }
}

describe("a program that imports the package", () => {
  it("a memory service loads no SQLite, PostgreSQL, HSM, certificate or drawing code", async () => {
    const found = await loadedBy("plain", `import { createKms } from "keystate/promise"\n${use}`)
    expect(found).toEqual({ said: "aGVsbG8=", seldomUsed: [] })
  })

  it("a program loads SQLite, certificate and drawing code at their first use", async () => {
    const { seldomUsed } = await loadedBy(
      "whole",
      `import { createKms } from "keystate/promise"\n${use}
      await kms.diagram(KeyId)
      const pair = await kms.createKey({ KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" })
      const { KeyVersions: { KeyVersion: [version] } } = await kms.listKeyVersions({ KeyId: pair.KeyMetadata.KeyId })
      const { KeyVersionId } = version
      await kms.createCertificateSigningRequest({ KeyId: pair.KeyMetadata.KeyId, KeyVersionId, Subject: "CN=a" })
      const kept = await createKms({ store: { directory: "kept" } })
      await kept.close()`
    )
    for (const part of [
      "node:sqlite",
      "/store/sqlite/sqliteStore",
      "/visualizer/svg/svg",
      "/certificate/certificateRequest"
    ]) {
      expect(seldomUsed.filter((url) => url.includes(part))).not.toEqual([])
    }
  })
})

describe.each(["esm", "cjs"] as const)("a bundle by esbuild as %s", (format) => {
  it("an esbuild bundle starts and works, with SQLite, drawings and certificate requests", async () => {
    const name = format === "esm" ? "bundle.mjs" : "bundle.cjs"
    const contents = `import { createKms } from "keystate/promise"
      const main = async () => {${use}
        const drawing = await kms.diagram(KeyId)
        const pair = await kms.createKey({ KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" })
        const { KeyVersions: { KeyVersion: [version] } } = await kms.listKeyVersions({ KeyId: pair.KeyMetadata.KeyId })
        const { KeyVersionId } = version
        const asked = { KeyId: pair.KeyMetadata.KeyId, KeyVersionId, Subject: "CN=keystate" }
        const { Csr } = await kms.createCertificateSigningRequest(asked)
        const kept = await createKms({ store: { directory: "kept-${format}" } })
        await kept.close()
        console.log(drawing.slice(0, 4), Csr.split("\\n")[0])
      }
      main()`
    const folder = join(installed.folder, format)
    const { warnings } = await build({
      stdin: { contents, resolveDir: installed.folder },
      bundle: true,
      platform: "node",
      format,
      outfile: join(folder, name),
      logLevel: "silent"
    })
    expect(warnings.map(({ text }) => text)).toEqual([])
    const { code, stdout, stderr } = await ran(process.execPath, [name], { cwd: folder })
    expect([code, stdout, stderr]).toEqual([0, "aGVsbG8=\n<svg -----BEGIN CERTIFICATE REQUEST-----\n", ""])
  })
})

/** A part of the package for Vitest, which the project then has. */
const needsVitest = "./conformance/vitest"

it.each(["esm", "cjs"] as const)(
  "esbuild bundles every entry point as %s without the optional packages",
  async (format) => {
    const manifest: { exports: Record<string, unknown> } = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8")
    )
    const entries = Object.keys(manifest.exports).filter((entry) => entry !== needsVitest)
    expect(entries.length).toBeGreaterThan(10)
    const contents = entries.map((entry, at) => `export * as e${at} from "keystate${entry.slice(1)}"`).join("\n")
    const { warnings } = await build({
      stdin: { contents, resolveDir: installed.folder },
      bundle: true,
      platform: "node",
      format,
      write: false,
      logLevel: "silent"
    })
    expect(warnings.map(({ text }) => text).filter((text) => !text.includes("import.meta"))).toEqual([])
  }
)

describe("the manifest", () => {
  it("the manifest pins packages that only Keystate uses, and gives ranges for effect and xstate", () => {
    const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8")
    )
    const ranges = Object.entries(dependencies).filter(([, range]) => !/^\d+\.\d+\.\d+$/.test(range))
    expect(Object.fromEntries(ranges)).toEqual({ effect: "^4.1.0", xstate: "^5.33.3" })
  })
})
