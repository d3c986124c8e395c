/** Runs a program and lists the modules that it loaded, by their paths from the root of the project. */
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../", import.meta.url))
const preload = new URL("./traceModules.ts", import.meta.url).href

export interface Traced {
  readonly exit: number
  readonly out: string
  readonly err: string
  readonly modules: ReadonlyArray<string>
}

const pathOf = (url: string): string => (url.startsWith("file:") ? relative(root, fileURLToPath(url)) : url)

export const traced = async (
  program: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Promise<Traced> => {
  const folder = mkdtempSync(join(tmpdir(), "keystate-modules-"))
  const file = join(folder, "trace.json")
  try {
    const said = await new Promise<Omit<Traced, "modules">>((resolve) => {
      const options = { cwd: folder, env: { ...env, MODULE_TRACE: file } }
      const child = execFile(process.execPath, ["--import", preload, ...program], options, (_error, out, err) =>
        resolve({ exit: child.exitCode ?? -1, out, err })
      )
    })
    const urls: ReadonlyArray<string> = JSON.parse(readFileSync(file, "utf8"))
    return { ...said, modules: urls.map(pathOf) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
