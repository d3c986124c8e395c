/** `keystate doctor`: checks whether this machine has what the command needs. It changes nothing. */
import { existsSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { isSea } from "node:sea"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { version } from "../domain/version.ts"
import { ending } from "./output/ending.ts"
import { print } from "./output/print.ts"
import { columns } from "./output/readable.ts"
import { dataFlag } from "./settings/engineFlags.ts"
import { yes } from "./settings/flags.ts"
import { fileSettings } from "./settings/sources.ts"

interface Finding {
  readonly name: string
  /** A missing optional part is not a fault. */
  readonly state: "ok" | "none" | "FAILED"
  readonly detail: string
}

const ok = (name: string, detail: string): Finding => ({ name, state: "ok", detail })
const none = (name: string, detail: string): Finding => ({ name, state: "none", detail })
const failed = (name: string, detail: string): Finding => ({ name, state: "FAILED", detail })

const sqliteFinding = Effect.map(
  Effect.promise(() => import("../sqliteLibrary.ts")),
  ({ assertLibrary, libraryVersion }): Finding => {
    const found = libraryVersion()
    try {
      assertLibrary(found)
      return ok("SQLite", found)
    } catch (fault) {
      return failed("SQLite", fault instanceof Error ? fault.message : found)
    }
  }
)

const settingsFinding = Effect.match(fileSettings(process.env["KEYSTATE_CONFIG"] || undefined), {
  onFailure: (fault): Finding => failed("settings", fault.message),
  onSuccess: (settings): Finding => {
    const count = Object.keys(Object(settings)).length
    return count === 0
      ? none("settings", "no configuration file")
      : ok("settings", `${count} in the configuration file`)
  }
})

/** Other users must not read the files of a store. */
const isPrivate = (path: string): boolean => process.platform === "win32" || (statSync(path).mode & 0o077) === 0

const dataFinding = (directory: string): Finding => {
  const database = join(directory, "keystate.db")
  const key = join(directory, "root.key")
  if (!existsSync(directory)) return none("data directory", `${directory} does not exist; serve makes it`)
  const open = [database, key].find((path) => existsSync(path) && !isPrivate(path))
  if (open !== undefined) return failed("data directory", `other users may read ${open}: chmod 600 ${open}`)
  return existsSync(database)
    ? ok("data directory", `${directory} holds a store`)
    : none("data directory", `${directory} holds no store`)
}

const optional: ReadonlyArray<readonly [name: string, use: string]> = [
  ["pkcs11js", "keys in PKCS#11 tokens"],
  ["elkjs", "drawings of other machines"],
  ["@resvg/resvg-js", "drawings as PNG"],
  ["@expo-google-fonts/inter", "drawings as PNG"],
  ["@aws-sdk/client-kms", "the conformance suite in the dialect aws"]
]

const packageFinding = ([name, use]: readonly [string, string]): Finding => {
  // The executable loads no packages, not even those of a folder beside it.
  if (isSea()) return none(name, `for ${use}: use the npm package, the executable does not have it`)
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`)
    return ok(name, use)
  } catch {
    return none(name, `for ${use}: npm install ${name}`)
  }
}

export const doctor = Command.make(
  "doctor",
  { data: dataFlag, json: yes({ flag: "json", setting: "json", about: "The same as --output json" }) },
  ({ data, json }) =>
    Effect.gen(function* () {
      const findings = [
        ok("Keystate", version),
        ok("Node", process.version),
        yield* sqliteFinding,
        yield* settingsFinding,
        dataFinding(data),
        ...optional.map(packageFinding)
      ]
      yield* print("doctor", {
        value: findings,
        normally: json ? "json" : "table",
        table: (found) => columns(found.map(({ detail, name, state }) => [state, name, detail])),
        items: (found) => found
      })
      const faults = findings.filter(({ state }) => state === "FAILED").length
      return yield* faults === 0 ? Effect.void : ending(1, `${faults} ${faults === 1 ? "check" : "checks"} failed.`)
    })
)
