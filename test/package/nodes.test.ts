/** The published package works on the oldest Node of each release line that package.json allows. */
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { libraryVersionMinimum, nodesWithLibrary } from "../../src/store/sqlite/database.ts"
import { at, own, send } from "../console/startConsole.ts"
import { installPackage, nodeOf, ran } from "./installed.ts"
import type { Ended, Installed } from "./installed.ts"

const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
const allowed = String(at(manifest, "engines", "node"))

/** The first version that each range of `engines` allows, such as 22.22.3. */
const minimums = allowed.split(" || ").map((range) => range.replace(/^(\^|>=)/, ""))
/** The versions just before those, whose SQLite can corrupt a write-ahead log. */
const tooOld = ["22.22.2", "24.14.1"]

/** Imported by name from the installed package, as a user's program does. */
const program = `
import { Effect, Redacted } from "effect"
import { createKms, KmsError } from "keystate/promise"
import { testKms } from "keystate/testing"
import { Kms, KmsMemory, KmsSqlite } from "keystate"
import { cmkMachine } from "keystate/machines"
import { knownMachines, svg } from "keystate/visualizer"

const said = {}
const Plaintext = Buffer.from("hello").toString("base64")
const rootKey = { kind: "passphrase", passphrase: Redacted.make("correct horse") }
const store = { directory: process.argv[2], create: true }

const uses = async (kms, name) => {
  const { KeyMetadata: { KeyId } } = await kms.createKey({ Description: name })
  const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext })
  const { KeyMetadata: pair } = await kms.createKey({ KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" })
  const { KeyVersions: { KeyVersion: [version] } } = await kms.listKeyVersions({ KeyId: pair.KeyId })
  const { Csr } = await kms.createCertificateSigningRequest({
    KeyId: pair.KeyId, KeyVersionId: version.KeyVersionId, Subject: "CN=keystate"
  })
  said[name] = [(await kms.decrypt({ CiphertextBlob })).Plaintext === Plaintext, Csr.split("\\n")[0]]
  return CiphertextBlob
}

const memory = await createKms({ clock: "virtual", hsm: "simulator", crypto: "portable" })
await uses(memory, "memory")
const { KeyMetadata: guarded } = await memory.createKey({ ProtectionLevel: "HSM" })
const { CiphertextBlob: inHsm } = await memory.encrypt({ KeyId: guarded.KeyId, Plaintext })
said.hsm = [guarded.ProtectionLevel, (await memory.decrypt({ CiphertextBlob: inHsm })).Plaintext === Plaintext]
await memory.scheduleKeyDeletion({ KeyId: guarded.KeyId, PendingWindowInDays: 7 })
const refused = await memory.encrypt({ KeyId: guarded.KeyId, Plaintext }).catch((error) => error)
await memory.clock.advance("8 days")
said.gone = [refused instanceof KmsError, await memory.describeKey({ KeyId: guarded.KeyId }).catch((error) => error.code)]
await memory.close()

const first = await createKms({ store, rootKey })
const blob = await uses(first, "sqlite")
await first.close()
const again = await createKms({ store, rootKey })
said.reopened = (await again.decrypt({ CiphertextBlob: blob })).Plaintext === Plaintext
await again.close()

const create = Effect.flatMap(Kms, (kms) => kms.createKey({}))
const states = await Promise.all(
  [KmsMemory(), KmsSqlite({ directory: \`\${store.directory}-effect\`, create: true })].map((layer) =>
    Effect.runPromise(Effect.provide(create, layer)).then(({ KeyMetadata }) => KeyMetadata.KeyState)
  )
)
const fixed = await testKms()
await fixed.close()
said.others = [...states, cmkMachine.id, svg(knownMachines.cmk.drawing, knownMachines.cmk.geometry).length > 9999]
console.log(JSON.stringify(said))
`

let installed: Installed
beforeAll(async () => {
  installed = await installPackage()
  writeFileSync(join(installed.folder, "program.mjs"), program)
})
afterAll(() => installed?.remove())

const credentials = { ALIBABA_CLOUD_ACCESS_KEY_ID: "testid", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "testsecret" }

/** A separate folder for each Node. */
const placeOf = (version: string): string => {
  const place = join(installed.folder, version)
  mkdirSync(place, { recursive: true })
  return place
}

const keystateOn = async (version: string, ...args: ReadonlyArray<string>): Promise<Ended> =>
  ran(await nodeOf(version), [installed.launcher, ...args], { cwd: placeOf(version), env: credentials })

/** Resolves with the output of the process once the output matches. */
const printedBy = (child: ChildProcess, wanted: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ""
    let logged = ""
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString()
      if (wanted.test(text)) resolve(text)
    })
    child.stderr?.on("data", (chunk: Buffer) => {
      logged += chunk.toString()
    })
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${text}${logged}`)))
  })

const starting = async (version: string, args: ReadonlyArray<string>) => {
  const child = spawn(await nodeOf(version), [installed.launcher, ...args], {
    cwd: placeOf(version),
    env: { PATH: process.env["PATH"] ?? "", ...credentials },
    stdio: ["ignore", "pipe", "pipe"]
  })
  return {
    child,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child.once("exit", resolve))
      child.kill("SIGTERM")
      await ended
    }
  }
}

/** `seed export` warns that material is in the clear. */
const jsonOf = ({ code, stdout, stderr }: Ended): unknown => {
  expect([code, stderr.replace(/^keystate: this seed holds seeded and imported .*\n/, "")]).toEqual([0, ""])
  return JSON.parse(stdout)
}

const seedFile = fileURLToPath(new URL("../../docs/examples/seed.json", import.meta.url))

describe.each(minimums)("the package on Node %s", (version) => {
  it("the package serves programs over memory and SQLite", async () => {
    const node = await nodeOf(version)
    const { code, stdout, stderr } = await ran(node, ["program.mjs", join(placeOf(version), "library")], {
      cwd: installed.folder
    })
    expect([code, stderr.replaceAll(/^.*(ExperimentalWarning: SQLite|--trace-warnings).*\n/gm, "")]).toEqual([0, ""])
    const csr = "-----BEGIN CERTIFICATE REQUEST-----"
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toEqual({
      memory: [true, csr],
      sqlite: [true, csr],
      hsm: ["HSM", true],
      gone: [true, "Forbidden.KeyNotFound"],
      reopened: true,
      others: ["Enabled", "Enabled", "cmk", true]
    })
  })

  it("the package serves a seed over HTTP under a passphrase, and verifies the store", async () => {
    const place = placeOf(version)
    writeFileSync(join(place, "passphrase"), "correct horse\n")
    copyFileSync(seedFile, join(place, "seed.json"))
    const kept = ["--data", "data", "--passphrase-file", "passphrase"]
    {
      await using server = await starting(version, ["serve", ...kept, "--seed", "seed.json", "--port", "0", "--json"])
      const { url } = JSON.parse(await printedBy(server.child, /\n/))
      const kms = async (operation: string, ...parameters: ReadonlyArray<string>) =>
        jsonOf(await keystateOn(version, "kms", operation, ...parameters, "--endpoint", url))
      const blob = at(await kms("Encrypt", "--KeyId", "alias/orders", "--Plaintext", "aGVsbG8="), "CiphertextBlob")
      expect(at(await kms("Decrypt", "--CiphertextBlob", String(blob)), "Plaintext")).toBe("aGVsbG8=")
      const pair = ["--KeySpec", "RSA_2048", "--KeyUsage", "SIGN/VERIFY", "--ProtectionLevel", "HSM"]
      const id = String(at(await kms("CreateKey", ...pair), "KeyMetadata", "KeyId"))
      const versions = await kms("ListKeyVersions", "--KeyId", id)
      const ofVersion = String(at(versions, "KeyVersions", "KeyVersion", 0, "KeyVersionId"))
      const subject = ["--KeyId", id, "--KeyVersionId", ofVersion, "--Subject", "CN=keystate"]
      expect(at(await kms("CreateCertificateSigningRequest", ...subject), "Csr")).toContain("CERTIFICATE REQUEST")
    }
    expect(jsonOf(await keystateOn(version, "verify", ...kept))).toMatchObject({ findings: [] })
    const exported = jsonOf(await keystateOn(version, "seed", "export", ...kept))
    expect(at(exported, "keys")).toHaveLength(
      Number(at(JSON.parse(readFileSync(seedFile, "utf8")), "keys", "length")) + 1
    )
  })

  it("the package runs the demo, whose console takes its one-time token", async () => {
    await using demo = await starting(version, ["demo", "--port", "0"])
    const banner = await printedBy(demo.child, /Stop with Ctrl-C/)
    const [, url = "", token = ""] = /(http:\S+)\/console\/#token=(\S+)/.exec(banner) ?? []
    const signedIn = await send(url, "/console/api/session", { method: "POST", headers: own, body: { token } })
    expect(signedIn.status).toBe(200)
    expect((await send(url, "/console/")).status).toBe(200)
  })
})

describe("the Node versions of package.json", () => {
  it("the package allows exactly the Node versions that the store names", () => {
    expect(nodesWithLibrary).toBe(allowed)
  })

  it.each(minimums)("the oldest permitted Node %s has the SQLite that the store needs", async (version) => {
    const { stdout } = await ran(await nodeOf(version), ["-p", "process.versions.sqlite"], { cwd: installed.folder })
    const order = (text: string): number => text.split(".").reduce((sum, part) => sum * 1000 + Number(part), 0)
    expect(order(stdout.trim())).toBeGreaterThanOrEqual(order(libraryVersionMinimum))
  })

  it.each(tooOld)("Node %s is refused by the command and by the SQLite store", async (version) => {
    const { code, stdout, stderr } = await keystateOn(version, "kms", "CreateKey", "--data", "data")
    expect([code, stdout]).toEqual([78, ""])
    expect(stderr).toBe(
      `keystate needs Node ${allowed}; this is v${version}. To run it on Node 24 once: npx -p node@24 -p keystate keystate\n`
    )
    const place = join(placeOf(version), "library")
    const refused = await ran(await nodeOf(version), ["program.mjs", place], { cwd: installed.folder })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(
      /SQLite 3\.5\d\.\d+ of this Node can corrupt a write-ahead log\. Use Node \^22\.22\.3 \|\| /
    )
    expect(existsSync(join(place, "keystate.db"))).toBe(false)
  })
})
