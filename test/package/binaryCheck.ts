/** Builds the single executable, or uses an existing one, and runs it without Node on the PATH. */
import { execFileSync, spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import Kms, { CreateKeyRequest, DecryptRequest, EncryptRequest } from "@alicloud/kms20160120"
import { Config } from "@alicloud/rpc-client"
import { firstLine } from "../output.ts"
import { sdkTimeouts } from "../patience.ts"

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..")
const folder = mkdtempSync(join(tmpdir(), "keystate-binary-check-"))
const given = process.argv[2]
const executable = given === undefined ? join(folder, "keystate") : resolve(given)

const environment = { PATH: "/nonexistent", HOME: folder }

const run = (...words: ReadonlyArray<string>): string =>
  execFileSync(executable, words, { cwd: folder, env: environment, encoding: "utf8" })

const expectText = (what: string, output: string, wanted: string): void => {
  if (!output.includes(wanted))
    throw new Error(`${what} printed ${JSON.stringify(output.slice(0, 2000))}, not ${wanted}`)
  process.stdout.write(`ok  ${what}\n`)
}

/** The output of a server of two workers that cannot start: each worker has the same arguments. */
const failedStart = (): string => {
  const words = ["serve", "--workers", "2", "--store", "postgres://keystate@127.0.0.1:1/keystate"]
  return spawnSync(executable, words, { cwd: folder, env: environment, encoding: "utf8" }).stderr
}

interface Ready {
  readonly url: string
  readonly console: string
  readonly accessKeyId: string
  readonly accessKeySecret: string
}

/** Encrypt and Decrypt by the vendor's SDK. */
const roundTrip = async ({ accessKeyId, accessKeySecret, url }: Ready): Promise<string> => {
  const { host, protocol } = new URL(url)
  const config = { accessKeyId, accessKeySecret, endpoint: host, protocol: protocol.slice(0, -1), type: "access_key" }
  const sdk = new Kms.default(new Config({ ...config, ...sdkTimeouts, regionId: "cn-hangzhou" }))
  const { keyMetadata } = await sdk.createKey(new CreateKeyRequest({}))
  const request = new EncryptRequest({ keyId: keyMetadata?.keyId, plaintext: "aGVsbG8=" })
  const { ciphertextBlob } = await sdk.encrypt(request)
  return (await sdk.decrypt(new DecryptRequest({ ciphertextBlob }))).plaintext ?? ""
}

try {
  if (!existsSync(executable)) {
    execFileSync(process.execPath, [join(root, "src", "development", "buildBinary.ts"), executable], {
      stdio: "inherit"
    })
  }
  expectText("keystate --version", run("--version"), "keystate v")
  expectText("keystate diagram", run("diagram", "cmk"), "stateDiagram-v2")
  // The package is beside the executable, which does not load it.
  mkdirSync(join(dirname(executable), "node_modules", "elkjs"), { recursive: true })
  writeFileSync(join(dirname(executable), "node_modules", "elkjs", "package.json"), '{"name":"elkjs"}')
  expectText("keystate doctor", run("doctor"), "drawings of other machines: use the npm package")
  expectText("keystate serve --workers", failedStart(), "A PostgreSQL store needs --root-key-file")
  const server = spawn(executable, ["serve", "--port", "0", "--json", "--quiet"], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "inherit"]
  })
  const ended = new Promise<number | null>((done) => server.once("exit", done))
  const line = await firstLine(server.stdout)
  const ready: Ready = JSON.parse(line)
  expectText("an Encrypt and a Decrypt by the SDK", await roundTrip(ready), "aGVsbG8=")
  expectText("the console", await (await fetch(ready.console)).text(), "<title>Keystate</title>")
  expectText("the documentation", await (await fetch(`${ready.url}/docs/tutorial.html`)).text(), "Tutorial")
  server.kill("SIGTERM")
  expectText("a signal to stop", String(await ended), "0")
  expectText("keystate verify", run("verify"), '"findings": []')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
