/** The package as it is published, installed into a temporary folder, and Nodes of exact versions to run it on. */
import { execFile } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { arch, platform, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { madeOnce, root } from "../madeOnce.ts"

const run = promisify(execFile)
const outputMax = 2 ** 26

/** The environment without this project's `node` on the PATH and without npm's variables for scripts. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("npm_") && !name.startsWith("KEYSTATE_"))
)

const npm = (cwd: string, ...args: ReadonlyArray<string>) =>
  run("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], { cwd, env: environment, maxBuffer: outputMax })

const archiveIn = (folder: string): string => {
  const name = readdirSync(folder).find((entry) => entry.endsWith(".tgz"))
  if (name === undefined) throw new Error(`npm pack made no archive in ${folder}`)
  return join(folder, name)
}

/** Node binaries are large, so they are stored where a fresh installation of the packages deletes them. */
const kept = join(root, "node_modules", ".cache", "keystate-nodes")

/** The path of a Node of this version, from the package that the registry has for this platform. */
export const nodeOf = async (version: string): Promise<string> => {
  const found = join(kept, version)
  if (existsSync(found)) return found
  mkdirSync(kept, { recursive: true })
  const beside = mkdtempSync(join(kept, "fetched-"))
  try {
    await npm(beside, "pack", `node-${platform()}-${arch()}@${version}`)
    await run("tar", ["xzf", archiveIn(beside), "package/bin/node"], { cwd: beside })
    renameSync(join(beside, "package", "bin", "node"), found)
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
  return found
}

export interface Installed {
  /** The folder of a program that uses the library. */
  readonly folder: string
  readonly launcher: string
  readonly remove: () => void
}

/** The files of the package besides the build. */
const published = ["package.json", "README.md", "LICENSE", "CHANGELOG.md"]

/** Built outside `dist`, which other tests read. The user is a project on Effect 4. */
const install = async (folder: string): Promise<void> => {
  const place = mkdtempSync(join(tmpdir(), "keystate-installed-"))
  const source = join(place, "source")
  mkdirSync(source)
  mkdirSync(folder)
  for (const name of published) cpSync(join(root, name), join(source, name))
  await run(process.execPath, [join(root, "src", "development", "build.ts"), join(source, "dist")], {
    maxBuffer: outputMax
  })
  await npm(source, "pack", "--ignore-scripts", "--pack-destination", place)
  const user = { name: "user", private: true, type: "module", dependencies: { effect: "^4.1.0" } }
  writeFileSync(join(folder, "package.json"), JSON.stringify(user))
  await npm(folder, "install", "--ignore-scripts", archiveIn(place))
  rmSync(place, { recursive: true })
}

/** Made once for all test files. Two builds of the documentation in one tree delete each other's temporary files. */
const installedOnce = (): Promise<string> => madeOnce("installed", ["src", "machines", "docs", ...published], install)

const packageIn = (folder: string): string => join(folder, "node_modules", "keystate", "dist")

/** The folder of the documentation's site in the package. Nothing may change it. */
export const packagedSite = async (): Promise<string> => join(packageIn(await installedOnce()), "docs")

/** A separate copy outside this project, so that the copy does not find the project's packages. */
export const installPackage = async (): Promise<Installed> => {
  const made = await installedOnce()
  const folder = join(mkdtempSync(join(tmpdir(), "keystate-installed-")), "user")
  cpSync(made, folder, { recursive: true, verbatimSymlinks: true })
  const launcher = join(packageIn(folder), "src", "cli", "launcher.cjs")
  return { folder, launcher, remove: () => rmSync(dirname(folder), { recursive: true, force: true }) }
}

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const ran = (node: string, args: ReadonlyArray<string>, more: { cwd: string; env?: object }): Promise<Ended> =>
  new Promise((resolve) => {
    const { PATH } = environment
    const options = { cwd: more.cwd, env: { PATH, ...more.env }, maxBuffer: outputMax }
    const child = execFile(node, args, options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    )
  })
