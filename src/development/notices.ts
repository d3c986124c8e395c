/** Collects the packages that a build bundles, and writes their licenses. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** The folder of a module's package; undefined for modules of this project. */
const packageFolderOf = (module: string): string | undefined =>
  /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module.replaceAll("\\", "/"))?.[1]

export interface Package {
  readonly name: string
  readonly version: string
  readonly license: string
  /** The text of its license and notice files. */
  readonly text: string
}

const member = (value: object, name: string): string => {
  const found: unknown = Reflect.get(value, name)
  return typeof found === "string" ? found : ""
}

const legalFile = /^(licen[cs]e|notice|copying)(\.|-|$)/i

const packageIn = (folder: string): Package => {
  const manifest: object = Object(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")))
  const texts = readdirSync(folder)
    .filter((name) => legalFile.test(name))
    .toSorted()
    .map((name) => readFileSync(join(folder, name), "utf8").trim())
  return {
    name: member(manifest, "name"),
    version: member(manifest, "version"),
    license: member(manifest, "license"),
    text: texts.join("\n\n")
  }
}

/** The packages of the modules, each once, by name. */
export const packagesOf = (modules: Iterable<string>): ReadonlyArray<Package> => {
  const folders = new Set(Array.from(modules, packageFolderOf).filter((folder) => folder !== undefined))
  return [...folders].map(packageIn).toSorted((left, right) => left.name.localeCompare(right.name))
}

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, "    ")

const section = ({ license, name, text, version }: Package): string =>
  `## ${name} ${version}\n\nLicense: ${license}\n\n${indented(text)}\n`

/** Each package with its license. A package without a license fails the build. */
export const noticesOf = (packages: ReadonlyArray<Package>): string => {
  const bare = packages.find(({ license }) => license === "")
  if (bare !== undefined) throw new Error(`${bare.name} names no license`)
  return packages.map(section).join("\n")
}

/** The name of the file in each folder that a build writes. */
export const noticesFile = "licenses.md"

interface Bundle {
  readonly [file: string]: { readonly type: string; readonly modules?: Readonly<Record<string, unknown>> }
}

/** The part of the bundler's interface that the plugin uses. */
interface Emitting {
  readonly emitFile: (file: { readonly type: "asset"; readonly fileName: string; readonly source: string }) => unknown
}

/** A plugin of the bundler that writes the licenses next to its output. */
export const noticesPlugin = {
  name: "keystate-notices",
  generateBundle(this: Emitting, _options: unknown, bundle: Bundle): void {
    const modules = Object.values(bundle).flatMap((file) => Object.keys(file.modules ?? {}))
    this.emitFile({ type: "asset", fileName: noticesFile, source: noticesOf(packagesOf(modules)) })
  }
}
