/** The messages of the command for right and wrong settings: one sentence and an exit code, never a stack trace. */
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { compileCache } from "../compileCache.ts"
import { firstLine } from "../output.ts"
import { makeStore } from "./stores.ts"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { commandFile } from "../programs.ts"

const command = await commandFile()

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keystate-cli-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Said {
  readonly exit: number
  readonly out: string
  readonly err: string
}

/** Runs the command in the folder, with only the given environment. */
const keystate = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Promise<Said> =>
  new Promise((resolve) => {
    const options = { cwd: folder, env: { ...compileCache, ...env } }
    const child = execFile(process.execPath, [command, ...args], options, (_error, out, err) =>
      resolve({ exit: child.exitCode ?? -1, out, err })
    )
  })

const configure = (text: string): void => writeFileSync(join(folder, "keystate.toml"), text)

/** The region of a key made in memory. */
const regionOf = ({ out }: Said): string => /"acs:kms:([a-z0-9-]+):/.exec(out)?.[1] ?? out
const create = ["kms", "CreateKey", "--store", "memory"]

const isSentence = ({ exit, out, err }: Said): void => {
  expect([exit, out]).toEqual([1, ""])
  expect(err).toMatch(/^\nERROR\n {2}\S/)
  expect(err).not.toMatch(/SchemaError|\bat .*:\d+|"config"/)
}

describe("a setting", () => {
  it("a setting comes from the flag, else the environment, else keystate.toml, else the default", async () => {
    expect(regionOf(await keystate(create))).toBe("cn-hangzhou")
    configure('region = "cn-beijing"\n')
    expect(regionOf(await keystate(create))).toBe("cn-beijing")
    const env = { KEYSTATE_REGION: "cn-shanghai" }
    expect(regionOf(await keystate(create, env))).toBe("cn-shanghai")
    expect(regionOf(await keystate([...create, "--region", "eu-west-1"], env))).toBe("eu-west-1")
  })

  it("a flag or the environment sets quotas, and an invalid quota is refused", async () => {
    const quota = ["kms", "CreateAlias", "--store", "memory", "--KeyId", "x", "--AliasName", "alias/a"]
    expect((await keystate([...quota, "--quota", "keys=5000", "--quota", "aliases=9"])).err).toContain("KeyNotFound")
    expect((await keystate([...quota, "--quota", "kys=1"])).err).toContain(
      '--quota: "kys" is not a quota. Did you mean "keys"?'
    )
    expect((await keystate(quota, { KEYSTATE_QUOTAS: "keys=many" })).err).toContain(
      "--quota: keys must be a whole number"
    )
    expect((await keystate([...quota, "--request-quota", "documented,read=0"])).err).toContain(
      "--request-quota: read must be"
    )
    expect((await keystate([...quota, "--request-quota", "documented,read=7"])).err).toContain("KeyNotFound")
  })

  it("a flag, the environment or keystate.toml limits the waiting period of a deletion", async () => {
    const schedule = ["kms", "ScheduleKeyDeletion", "--store", "memory", "--KeyId", "x", "--PendingWindowInDays", "90"]
    expect((await keystate(schedule)).err).toContain("from 7 to 30 days")
    expect((await keystate([...schedule, "--deletion-window-max", "60"])).err).toContain("from 7 to 60 days")
    expect((await keystate(schedule, { KEYSTATE_DELETION_WINDOW_MAX: "61" })).err).toContain("from 7 to 61 days")
    configure("deletionWindowMax = 62\n")
    expect((await keystate(schedule)).err).toContain("from 7 to 62 days")
    const refused = await keystate([...schedule, "--deletion-window-max", "367"])
    isSentence(refused)
    expect(refused.err).toContain("--deletion-window-max takes 30 to 366 days, not 367.")
  })

  it("the environment sets switches too", async () => {
    const child = execFile(process.execPath, [command, "serve", "--store", "memory", "--port", "0"], {
      cwd: folder,
      env: { KEYSTATE_JSON: "true" }
    })
    const first = await firstLine(child.stdout)
    child.kill()
    expect(JSON.parse(first)).toMatchObject({ store: "memory", region: "cn-hangzhou" })
  })

  it.each([
    ["the environment", { KEYSTATE_CLOCK: "paper" }, ""],
    ["keystate.toml", {}, 'clock = "paper"\n']
  ])("refuses an invalid setting by its name when the value comes from %s", async (_where, env, toml) => {
    configure(toml)
    const said = await keystate(["kms", "ListKeys"], env)
    isSentence(said)
    expect(said.err).toContain('clock is not valid in the environment or the configuration file. Expected "real"')
  })

  it.each([
    [["kms", "ListKeys", "--store", "paper"], 'postgres://user@host/database, not "paper".'],
    [["serve", "--store", "postgres://me@db/keys"], "A PostgreSQL store needs --root-key-file"],
    [["serve", "--workers", "2"], "--workers 2 needs a PostgreSQL store"],
    [["serve", "--store", "memory", "--workers", "2"], "Leave out --workers"],
    [["serve", "--workers", "0"], "--workers takes 1 to 64, not 0."],
    [
      ["serve", "--root-key", "hsm"],
      "--root-key hsm needs a token: --hsm MODULE, --hsm-token LABEL and --hsm-pin-file"
    ],
    [["serve", "--data", ""], "--data is empty."],
    [["migrate", "--store", "sqlite"], '--store takes postgres://user@host/database here, not "sqlite".'],
    [["nodes"], "Name the database: --store postgres://user@host/database."],
    [["copy", "--from", "absent", "--to", "there"], "There is no directory absent"],
    [["migrate", "--store", "postgres://db/keys"], "The URL of the store names no user."],
    [["migrate", "--store", "postgres://me:hidden@127.0.0.1:1/keys"], "The database cannot be reached"],
    [
      ["verify", "--store", "postgres://me:hidden@127.0.0.1:1/keys", "--root-key-file", "root.key"],
      "The database cannot be reached"
    ],
    [
      ["migrate", "--store", "postgres://me@127.0.0.1:1/keys", "--store-password-file", "nowhere"],
      "the password file nowhere cannot be read."
    ]
  ])("refuses an invalid setting of the store without printing its password: %j", async (given, sentence) => {
    const said = await keystate(given)
    isSentence(said)
    expect(said.err).toContain(sentence)
    expect(said.err + said.out).not.toContain("hidden")
  })

  it.each(["-1", "65536"])("refuses --port %s", async (port) => {
    const said = await keystate(["serve", "--store", "memory", "--port", port])
    isSentence(said)
    expect(said.err).toContain(`--port takes 0 to 65535, not ${port}.`)
  })
})

describe("numbers of a token's mechanisms", () => {
  it.each([
    ["SM9_SIGN=1", "takes NAME=NUMBER, not SM9_SIGN=1. The names are SM2_KEY_PAIR_GEN, SM2_SIGN, "],
    ["SM4_GCM", "takes NAME=NUMBER, not SM4_GCM. "],
    ["SM4_GCM=0x1g", 'SM4_GCM takes a number of at most 32 bits, decimal or 0x, not "0x1g".'],
    ["SM4_GCM=4294967296", 'SM4_GCM takes a number of at most 32 bits, decimal or 0x, not "4294967296".'],
    ["SM4_GCM=1,SM4_GCM=2", "SM4_GCM is given twice."],
    ["SM4_GCM=0x80000001", ": SM4 also needs a number for SM4_KEY_GEN, SM4_KEY_TYPE."]
  ])("refuses wrong numbers of a token's mechanisms with the reason: %s", async (given, sentence) => {
    const byFlag = await keystate([...create, "--hsm-mechanism", given])
    isSentence(byFlag)
    expect(byFlag.err).toContain(`--hsm-mechanism${sentence.startsWith(":") ? "" : " "}${sentence}`)
    configure(`hsmMechanisms = "${given}"\n`)
    expect((await keystate(create)).err).toBe(byFlag.err)
  })

  it("accepts numbers of mechanisms by repeated flags or in one text", async () => {
    const all = ["SM4_KEY_GEN=1", "SM4_GCM=0X2", "SM4_KEY_TYPE=0x80000000"]
    expect((await keystate([...create, ...all.flatMap((one) => ["--hsm-mechanism", one])])).exit).toBe(0)
    expect((await keystate(create, { KEYSTATE_HSM_MECHANISMS: all.join(" ") })).exit).toBe(0)
    expect((await keystate(create, { KEYSTATE_HSM_MECHANISMS: `${all[0]}` })).exit).toBe(1)
  })
})

describe("keystate serve", () => {
  it.each([
    ["SIGTERM", 0],
    ["SIGINT", 130]
  ] as const)("a service that receives %s exits with %d", async (signal, code) => {
    const child = execFile(process.execPath, [command, "serve", "--store", "memory", "--port", "0"], { cwd: folder })
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
    await firstLine(child.stdout)
    child.kill(signal)
    expect(await ended).toBe(code)
  })
})

describe("a start that fails", () => {
  it("serve that cannot open its store logs no stop", async () => {
    writeFileSync(join(folder, "file"), "")
    const said = await keystate(["serve", "--data", "file/data", "--port", "0"])
    isSentence(said)
    expect(said.err).toContain("file/data/keystate.db cannot be opened")
  })

  it("a root key file that is a directory is refused as a directory", async () => {
    const said = await keystate(["serve", "--root-key-file", "."])
    isSentence(said)
    expect(said.err).toContain("The root key file . is a directory")
    expect(readdirSync(folder)).toEqual([])
  })

  it("a call on a directory whose name is in use as words does not advise to call a server", async () => {
    const { err } = await keystate(["kms", "ListKeys", "--data", "what is in use"])
    expect(err).toContain("There is no directory")
    expect(err).not.toContain("--endpoint")
  })

  it("a call on a directory without a store does not advise to call a server", async () => {
    const said = await keystate(["kms", "ListKeys", "--data", "nowhere"])
    isSentence(said)
    expect(said.err).toMatch(/There is no directory nowhere: .* run: keystate serve --data nowhere\n$/)
  })
})

describe("a disk without room for a new store", () => {
  /** A command whose files may have so few bytes that a database with its tables does not fit. */
  const limited = (args: ReadonlyArray<string>): Promise<Said> =>
    new Promise((resolve) => {
      const words = ["--fsize=16384:", process.execPath, command, ...args]
      const child = execFile("prlimit", words, { cwd: folder }, (_error, out, err) =>
        resolve({ exit: child.exitCode ?? -1, out, err })
      )
    })

  it.each([
    ["restore", ["restore", "one.backup", "--data", "inner/data"]],
    ["serve", ["serve", "--port", "0", "--data", "inner/data"]]
  ])("%s without room for the tables of a new store leaves no file and no directory", async (_name, words) => {
    await makeStore(join(folder, "store"))
    expect((await keystate(["backup", "--data", "store", "-o", "one.backup"])).exit).toBe(0)
    const said = await limited(words)
    isSentence(said)
    expect(said.err).toMatch(/inner\/data\/keystate\.db cannot be (written|opened): /)
    expect(readdirSync(folder).toSorted()).toEqual(["one.backup", "store"])
  })
})

describe("a backup to read", () => {
  it.each([
    ["verify", ["verify", "--backup", "."]],
    ["restore", ["restore", ".", "--data", "data"]]
  ])("%s refuses a directory as a directory", async (_name, words) => {
    const said = await keystate(words)
    isSentence(said)
    expect(said.err).toContain(". is a directory. Name the file of a backup.")
    expect(readdirSync(folder)).toEqual([])
  })
})

describe("a configuration file", () => {
  it.each([
    ["regoin", 'Did you mean "region"?'],
    ["password", "The known ones are accessLog, account, audit, "]
  ])("refuses a configuration file with the unknown setting %s", async (name, advice) => {
    configure(`${name} = "cn-beijing"\n`)
    const said = await keystate(create)
    isSentence(said)
    expect(said.err).toContain(`keystate.toml sets ${name}, which is not a setting. ${advice}`)
  })

  it("refuses a configuration file that is not TOML", async () => {
    configure("port = \n")
    const said = await keystate(create)
    isSentence(said)
    expect(said.err).toContain("keystate.toml is not TOML")
  })

  it("refuses a named configuration file that is absent or is a directory", async () => {
    for (const path of ["nowhere.toml", "."]) {
      const said = await keystate(create, { KEYSTATE_CONFIG: path })
      isSentence(said)
      expect(said.err).toContain(`The configuration file ${path} cannot be read`)
    }
  })
})

describe("keystate verify", () => {
  it("verify refuses a directory without a store, and leaves the directory unchanged", async () => {
    mkdirSync(join(folder, "other"))
    const said = await keystate(["verify", "--data", "other"])
    isSentence(said)
    expect(said.err).toContain("other holds no store: other/keystate.db does not exist.")
    expect(readdirSync(join(folder, "other"))).toEqual([])
  })

  it("verify finds nothing wrong in a directory right after CreateKey", async () => {
    await makeStore(join(folder, ".keystate"))
    expect((await keystate(["kms", "CreateKey"])).exit).toBe(0)
    const said = await keystate(["verify"])
    expect([said.exit, JSON.parse(said.out)]).toEqual([0, expect.objectContaining({ keys: 1, findings: [] })])
  })
})
