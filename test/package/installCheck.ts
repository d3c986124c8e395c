/** Packs the package, installs it into an empty folder as a user would, and uses every entry point. */
import { execFileSync, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { firstLine } from "../output.ts"

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..")
const folder = mkdtempSync(join(tmpdir(), "keystate-install-"))
/** Without the commands of this project, but with a Node that can run the package. */
const systemPath = [
  dirname(process.execPath),
  ...(process.env["PATH"] ?? "").split(":").filter((entry) => !entry.includes("node_modules"))
].join(":")

const run = (command: string, args: ReadonlyArray<string>, cwd = folder): string =>
  execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PATH: systemPath }
  })

const expectText = (what: string, output: string, wanted: string): void => {
  if (!output.includes(wanted)) throw new Error(`${what} printed ${JSON.stringify(output)}, not ${wanted}`)
  process.stdout.write(`ok  ${what}\n`)
}

/** Starts a server and stops the started process, as an init system does. */
const stopBySignal = async (command: string): Promise<string> => {
  const child = spawn(command, ["serve", "--store", "memory", "--port", "0", "--json"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PATH: systemPath }
  })
  const line = await firstLine(child.stdout)
  const { url }: { readonly url: string } = JSON.parse(line)
  const gone = new Promise((resolve) => child.once("exit", resolve))
  child.kill("SIGTERM")
  await gone
  return fetch(`${url}/livez`).then(
    () => "the server is left behind",
    () => "the server is gone"
  )
}

const use = `import { createKms, KmsError } from "keystate/promise"
import { testKms } from "keystate/testing"
import { Kms, KmsMemory } from "keystate"
import { cmkMachine } from "keystate/machines"
import { knownMachines, svg } from "keystate/visualizer"
const kms = await createKms({ clock: "virtual" })
const { KeyMetadata: { KeyId } } = await kms.createKey({ Description: "orders" })
await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
const refused = await kms.encrypt({ KeyId, Plaintext: "aGVsbG8=" }).catch((error) => error)
await kms.clock.advance("8 days")
const gone = await kms.describeKey({ KeyId }).catch((error) => error.code)
await kms.close()
const fixed = await testKms()
await fixed.close()
console.log(refused instanceof KmsError, refused.code, gone, cmkMachine.id, typeof Kms, typeof KmsMemory, svg(knownMachines.cmk.drawing, knownMachines.cmk.geometry).length > 9999)
`

const besideEffect3Program = `import { readFileSync } from "node:fs"
import { createKms } from "keystate/promise"
await using kms = await createKms()
const { KeyMetadata: { KeyId } } = await kms.createKey()
const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: "aGVsbG8=" })
const manifest = JSON.parse(readFileSync("node_modules/effect/package.json", "utf8"))
console.log(manifest.version.split(".")[0], (await kms.decrypt({ CiphertextBlob })).Plaintext)
`

/** npm gives the project its own Effect, and this package another one. */
const besideEffect3 = (tarball: string): string => {
  const place = join(folder, "effect-3")
  mkdirSync(place)
  const dependencies = { effect: "^3.19.0" }
  writeFileSync(
    join(place, "package.json"),
    JSON.stringify({ name: "other", private: true, type: "module", dependencies })
  )
  writeFileSync(join(place, "use.mjs"), besideEffect3Program)
  run("npm", ["install", "--no-audit", "--no-fund", join(folder, tarball)], place)
  return run(process.execPath, ["use.mjs"], place)
}

try {
  run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], root)
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))
  if (tarball === undefined) throw new Error("npm pack made no archive")
  const user = { name: "user", private: true, type: "module" }
  writeFileSync(join(folder, "package.json"), JSON.stringify(user))
  writeFileSync(join(folder, "use.mjs"), use)
  run("npm", ["install", "--no-audit", "--no-fund", `./${tarball}`])
  expectText(
    "the library",
    run(process.execPath, ["use.mjs"]),
    "true Rejected.PendingDeletion Forbidden.KeyNotFound cmk function function true"
  )
  expectText("npx keystate", run("npx", ["keystate", "diagram", "cmk"]), "stateDiagram-v2")
  expectText("keystate --version", run("npx", ["keystate", "--version"]), "0.1.0")
  expectText("a project on Effect 3", besideEffect3(tarball), "3 aGVsbG8=")
  const prefix = join(folder, "global")
  run("npm", ["install", "--global", "--prefix", prefix, "--no-audit", "--no-fund", `./${tarball}`])
  const created = run(join(prefix, "bin", "keystate"), ["kms", "CreateKey", "--store", "memory"])
  expectText("a global install", created, '"KeyState": "Enabled"')
  expectText("a signal to the command", await stopBySignal(join(prefix, "bin", "keystate")), "the server is gone")
} finally {
  rmSync(folder, { recursive: true, force: true })
}
