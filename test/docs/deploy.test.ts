/** The files of docs/deploy: linters accept them, and each command, flag and setting that they name exists. */
import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { validate } from "dockerfile-utils"
import { beforeAll, describe, expect, it } from "vitest"
import { parseDocument } from "yaml"
import { commands } from "../../src/cli/commands.ts"
import { settingNames } from "../../src/cli/settings/settingNames.ts"
import { at } from "../console/startConsole.ts"
import { firstOf, fromDebian } from "../../src/development/debian.ts"
import { traced } from "../cli/loadedModules.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const folder = join(root, "docs", "deploy")
const read = (name: string): string => readFileSync(join(folder, name), "utf8")

/** Fails for errors, warnings and repeated keys. */
const yamlOf = (name: string): unknown => {
  const document = parseDocument(read(name), { merge: true, strict: true, uniqueKeys: true })
  expect([...document.errors, ...document.warnings]).toEqual([])
  const parsed: unknown = document.toJS()
  return parsed
}

const keysAt = (value: unknown, ...path: ReadonlyArray<string>): ReadonlyArray<string> =>
  Object.keys(Object(at(value, ...path)))

const dockerfile = read("Dockerfile")

describe("the Dockerfile", () => {
  it("a linter of Dockerfiles accepts the Dockerfile", () => {
    expect(validate(dockerfile).map(({ message }) => message)).toEqual([])
    expect(validate(dockerfile.replace("USER node", "USR node"))).toHaveLength(1)
  })

  it("the Dockerfile ends with a slim image, a user that is not root, and a health check", () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "))
    expect(last).toMatch(/^\nFROM node:\d+-slim\n/)
    expect(last).toMatch(/^USER node$/m)
    expect(last).toMatch(/^HEALTHCHECK .*CMD \["keystate", "health"\]$/m)
  })

  it("the Dockerfile runs existing build scripts, on a Node that the package allows", () => {
    for (const [, script = ""] of dockerfile.matchAll(/node (src\/\S+\.ts)/g))
      expect(readFileSync(join(root, script))).not.toBe("")
    expect(new Set(Array.from(dockerfile.matchAll(/^FROM node:(\d+)/gm), ([, major]) => major))).toEqual(
      new Set(["26"])
    )
  })
})

describe("compose.yaml", () => {
  const compose = yamlOf("compose.yaml")
  const services = keysAt(compose, "services")

  it("compose.yaml declares all services, networks, volumes and secrets that are named", () => {
    expect(services).toEqual(["database", "first", "second"])
    for (const name of services) {
      for (const kind of ["networks", "secrets"]) {
        const used: unknown = at(compose, "services", name, kind)
        expect(keysAt(compose, kind)).toEqual(expect.arrayContaining(Array.isArray(used) ? used : []))
      }
      expect(services).toEqual(expect.arrayContaining([...keysAt(compose, "services", name, "depends_on")]))
    }
    const [volume = ""] = String(at(compose, "services", "database", "volumes", 0)).split(":")
    expect(keysAt(compose, "volumes")).toContain(volume)
    expect(at(compose, "services", "first", "build", "dockerfile")).toBe("docs/deploy/Dockerfile")
  })

  it("compose.yaml publishes the servers' ports on this machine alone, and no database port", () => {
    const published = services.flatMap((name) => at(compose, "services", name, "ports") ?? [])
    expect(published).toEqual(["127.0.0.1:8787:8787", "127.0.0.1:8788:8787"])
    expect(at(compose, "networks", "database", "internal")).toBe(true)
  })
})

describe("keystate.service", () => {
  it("systemd accepts keystate.service", () => {
    const tool = fromDebian({
      name: "systemd-analyze",
      packages: ["systemd"],
      look: () => firstOf(["/usr/bin/systemd-analyze", "/bin/systemd-analyze"])
    })
    const ended = spawnSync(tool, ["verify", join(folder, "keystate.service")], { encoding: "utf8" })
    expect([ended.status, ended.stderr]).toEqual([0, ""])
  })

  it("keystate.service does not run as root, and keeps the system read-only", () => {
    const lines = read("keystate.service").split("\n")
    for (const line of ["DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet="]) {
      expect(lines).toContain(line)
    }
  })
})

describe("the GitHub Action", () => {
  const action = yamlOf("action/action.yml")
  const steps: unknown = at(action, "runs", "steps")
  const scripts = (Array.isArray(steps) ? steps : []).flatMap((step: unknown) => at(step, "run") ?? [])

  it("the GitHub Action is composite, names a shell for each step, and uses declared inputs only", () => {
    expect(at(action, "runs", "using")).toBe("composite")
    for (const step of Array.isArray(steps) ? steps : []) {
      if (at(step, "run") !== undefined) expect(at(step, "shell")).toBe("bash")
    }
    const used = Array.from(read("action/action.yml").matchAll(/inputs\.([a-z-]+)/g), ([, name]) => name)
    expect(keysAt(action, "inputs").toSorted()).toEqual([...new Set(used)].toSorted())
  })

  it("the GitHub Action has scripts that bash can read, without workflow text in the code", () => {
    expect(scripts).toHaveLength(3)
    for (const script of scripts) {
      execFileSync("bash", ["-n"], { input: String(script) })
      expect(script).not.toContain("${{")
    }
  })
})

describe("the files of docs/deploy and the page on operating", () => {
  const texts = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .concat(readFileSync(join(root, "docs", "how-to", "operate.md"), "utf8"))
    .map((text) => text.replaceAll("\\\n", " "))
  /** A command and the rest of its line. */
  const called = texts
    .flatMap((text) =>
      Array.from(text.matchAll(/\bkeystate ([a-z]+)\b([^\n`>&]*)/g), ([, name = "", rest = ""]) => ({ name, rest }))
    )
    .filter(({ name, rest }) => name in commands || rest.includes("--"))
  const help = new Map<string, string>()
  beforeAll(async () => {
    for (const name of new Set(called.map((one) => one.name))) {
      help.set(name, (await traced([join(root, "src", "cli", "keystate.ts"), name, "--help"])).out)
    }
  })

  it("the deployment files and the operations page name commands and flags that exist", () => {
    expect([...help.keys()].toSorted()).toEqual(["conformance", "health", "serve"])
    for (const { name, rest } of called) {
      for (const [flag] of rest.matchAll(/--[a-z][a-z-]*/g))
        expect([name, help.get(name)]).toEqual([name, expect.stringMatching(new RegExp(`${flag}\\b`))])
    }
  })

  it("the deployment files and the operations page name environment settings that exist", () => {
    const known = new Set(settingNames.map((name) => `KEYSTATE_${name.replaceAll(/[A-Z]/g, "_$&").toUpperCase()}`))
    const named = texts.flatMap((text) => Array.from(text.matchAll(/KEYSTATE_[A-Z_]+/g), ([name]) => name))
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })
})
