/** A command that refuses a data directory changes nothing in it, and names the cause. */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { ConfigProvider, Console, Effect, Exit } from "effect"
import { Command } from "effect/cli"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { keystateFor, layer } from "../../src/cli/commands.ts"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { migrations } from "../../src/store/sqlite/schema.ts"
import { patience } from "../patience.ts"
import { writeOlder } from "../store/olderStores.ts"

let folder: string
/** A store that was closed. */
let closed: string
/** The files of a store, copied while it was in use. */
let open: string
let kms: PromiseKms
let KeyId: string

const at = (...names: ReadonlyArray<string>): string => join(folder, ...names)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keystate-refused-"))
  closed = at("closed")
  open = at("open")
  for (const directory of [closed, open]) {
    kms = await createKms({ store: { directory } })
    KeyId = (await kms.createKey({ Description: "kept" })).KeyMetadata.KeyId
    await kms.createAlias({ KeyId, AliasName: "alias/kept" })
    if (directory === closed) await kms.close()
  }
  mkdirSync(at("tmp"))
  process.env["TMPDIR"] = at("tmp")
})
afterAll(async () => {
  delete process.env["TMPDIR"]
  await kms.close()
  rmSync(folder, { recursive: true, force: true })
})

let data: string
beforeEach(() => {
  data = at("data")
  rmSync(data, { recursive: true, force: true })
})

const copyOf = (directory: string): void => {
  // In another process, because this one holds locks on the files that it copies.
  execFileSync("cp", ["-a", directory, data])
}
const inData = (name: string): string => join(data, name)
const database = (): string => inData("keystate.db")
const otherKey = `${"0123456789abcdef".repeat(4)}\n`

const withDatabase = (work: (database: DatabaseSync) => void): void => {
  const opened = new DatabaseSync(database())
  work(opened)
  opened.close()
}

interface Said {
  readonly exit: "success" | "failure" | "running"
  readonly out: string
  readonly err: string
}

/** Runs a command in this process. A server that starts is stopped, and counts as running. */
const run = async (...args: ReadonlyArray<string>): Promise<Said> => {
  const words: Array<string> = []
  const printed: Array<string> = []
  const print = (...said: ReadonlyArray<unknown>): void => void printed.push(said.map(String).join(" "))
  const note = (...said: ReadonlyArray<unknown>): void => void words.push(said.map(String).join(" "))
  const exit = await Command.runWith(await keystateFor(args), { version: "0" })(args).pipe(
    Effect.provide(layer),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({})),
    Effect.provideService(Console.Console, { ...console, log: print, error: note, warn: note }),
    Effect.timeoutOption(patience),
    Effect.exit,
    Effect.runPromise
  )
  const outcome = Exit.isFailure(exit) ? "failure" : exit.value._tag === "None" ? "running" : "success"
  return { exit: outcome, out: printed.join("\n"), err: words.join("\n") }
}

/** Names of temporary files. Their directory itself changes its time. */
const leftInTmp = (): ReadonlyArray<string> => readdirSync(at("tmp"))

/** Everything of a tree that a command could change: names, modes, sizes, times, owners, content. */
const treeOf = (directory: string): ReadonlyArray<string> => {
  const status = lstatSync(directory, { bigint: true, throwIfNoEntry: false })
  if (status === undefined) return [`${directory} is not there`]
  const { mode, size, mtimeNs, ino, uid } = status
  const content = status.isFile() ? createHash("sha256").update(readFileSync(directory)).digest("hex") : ""
  const line = [relative(folder, directory), mode, size, mtimeNs, ino, uid, content].join(" ")
  const inner = status.isDirectory() ? readdirSync(directory).sort() : []
  return [line, ...inner.flatMap((name) => treeOf(join(directory, name)))]
}

/** Commands that change or use keys: they open the store itself. */
const workers = {
  serve: () => ["serve", "--port", "0"],
  "kms CreateKey": () => ["kms", "CreateKey"],
  "kms DescribeKey": () => ["kms", "DescribeKey", "--KeyId", KeyId],
  "kms ListKeys": () => ["kms", "ListKeys"],
  "ram user list": () => ["ram", "user", "list"],
  "ram user create": () => ["ram", "user", "create", "alice"],
  "ram access-key create": () => ["ram", "access-key", "create", "--user", "alice"],
  explain: () => ["explain", "--as", "alice", "--operation", "Encrypt", "--KeyId", KeyId],
  "hsm reconcile": () => ["hsm", "reconcile"]
} as const
/** Commands that only read, with the root key. */
const provers = {
  verify: () => ["verify"],
  "seed export": () => ["seed", "export"]
} as const
/** Commands that only read rows. */
const readers = {
  audit: () => ["audit"],
  "audit --verify": () => ["audit", "--verify"],
  history: () => ["history", "alias/kept", "-o", "/dev/null"],
  "diagram --key": () => ["diagram", "--key", "alias/kept", "-o", "/dev/null", "--format", "text"]
} as const
const all = { ...workers, ...provers, ...readers }
type Name = keyof typeof all
const names = (group: object): ReadonlyArray<Name> => Object.keys(group) as ReadonlyArray<Name>

interface Situation {
  readonly make: () => void
  readonly cause: RegExp
  readonly refusing: ReadonlyArray<Name>
  readonly flags?: () => ReadonlyArray<string>
}

const everyone = names(all)
const keyNeeded = names({ ...workers, ...provers })
const notServe = everyone.filter((name) => name !== "serve")

const situations: Readonly<Record<string, Situation>> = {
  "that is missing": {
    make: () => undefined,
    cause: /There is no directory .*data: .*keystate serve/,
    refusing: notServe
  },
  "that is empty": { make: () => mkdirSync(data), cause: /data holds no store: .*keystate serve/, refusing: notServe },
  "with a database of 0 bytes beside a root key": {
    make: () => {
      copyOf(closed)
      truncateSync(database(), 0)
    },
    cause: /keystate\.db is empty \(0 bytes\), but its root key .* exists/,
    refusing: everyone
  },
  "with a database of 0 bytes and nothing else": {
    make: () => {
      mkdirSync(data)
      writeFileSync(database(), "")
    },
    cause: /keystate\.db is empty \(0 bytes\): its first start was never finished/,
    refusing: notServe
  },
  "with a database without tables beside a root key": {
    make: () => {
      copyOf(closed)
      rmSync(database())
      withDatabase((empty) => empty.exec("PRAGMA journal_mode = WAL"))
    },
    cause: /keystate\.db holds no tables, but its root key .* exists: .*write-ahead log/,
    refusing: everyone
  },
  "without its database": {
    make: () => {
      copyOf(closed)
      rmSync(database())
    },
    cause: /keystate\.db is missing, and the root key file .* is there/,
    refusing: everyone
  },
  "without its database, whose log is there": {
    make: () => {
      copyOf(open)
      rmSync(database())
    },
    cause: /keystate\.db is missing, and its write-ahead log is there/,
    refusing: everyone
  },
  "whose write-ahead log was not copied": {
    make: () => {
      copyOf(open)
      rmSync(inData("keystate.db-wal"))
    },
    cause: /was copied without its write-ahead log/,
    refusing: everyone
  },
  "whose write-ahead log was cut to nothing": {
    make: () => {
      copyOf(open)
      truncateSync(inData("keystate.db-wal"), 0)
    },
    cause: /was copied without its write-ahead log/,
    refusing: everyone
  },
  "whose root key is missing": {
    make: () => {
      copyOf(closed)
      rmSync(inData("root.key"))
    },
    cause: /root key file .*root\.key is missing/,
    refusing: keyNeeded
  },
  "whose root key is missing, after a crash": {
    make: () => {
      copyOf(open)
      rmSync(inData("root.key"))
    },
    cause: /root key file .*root\.key is missing/,
    refusing: keyNeeded
  },
  "whose root key is that of another store": {
    make: () => {
      copyOf(open)
      writeFileSync(inData("root.key"), otherKey)
    },
    cause: /sealed under another root key than that of the file .*root\.key/,
    refusing: keyNeeded
  },
  "whose root key others may read": {
    make: () => {
      copyOf(closed)
      chmodSync(inData("root.key"), 0o644)
    },
    cause: /may be read or changed by others/,
    refusing: keyNeeded
  },
  "with a mistyped --root-key-file": {
    make: () => copyOf(closed),
    flags: () => ["--root-key-file", at("rooot.key")],
    cause: /root key file .*rooot\.key is missing/,
    refusing: keyNeeded
  },
  "with a passphrase where the root key was a file": {
    make: () => {
      copyOf(closed)
      writeFileSync(inData("passphrase"), "correct horse\n")
    },
    flags: () => ["--passphrase-file", inData("passphrase")],
    cause: /not sealed under a root key from a passphrase/,
    refusing: keyNeeded
  },
  "with the database of another program": {
    make: () => {
      copyOf(closed)
      rmSync(database())
      withDatabase((other) => other.exec("CREATE TABLE t (a)"))
    },
    cause: /database of another program/,
    refusing: everyone
  },
  "with a database that is none": {
    make: () => {
      copyOf(closed)
      writeFileSync(database(), "not a database, but long enough for the header of one".repeat(100))
    },
    cause: /is not a database of Keystate/,
    refusing: everyone
  },
  "with a directory in the database's place": {
    make: () => {
      copyOf(closed)
      rmSync(database())
      mkdirSync(database())
    },
    cause: /keystate\.db is not a file/,
    refusing: everyone
  },
  "of a newer schema": {
    make: () => {
      copyOf(closed)
      withDatabase((newer) => newer.exec("PRAGMA user_version = 99"))
    },
    cause: /schema 99.*newer version/,
    refusing: everyone
  },
  "that is a file": {
    make: () => writeFileSync(data, "a file"),
    cause: /data is not a directory/,
    refusing: everyone
  }
}

/** The files next to the data directory: no command creates one there. */
const beside = (): ReadonlyArray<string> => [
  "closed",
  ...(lstatSync(data, { throwIfNoEntry: false }) === undefined ? [] : ["data"]),
  "open",
  "tmp"
]

const rowsAlone: ReadonlySet<string> = new Set(names(readers))

const refusesWithoutTrace = async (name: Name, { cause, flags = () => [] }: Situation): Promise<void> => {
  const before = treeOf(data)
  const said = await run(...all[name](), "--data", data, ...(rowsAlone.has(name) ? [] : flags()))
  expect([name, said.exit]).toEqual([name, "failure"])
  expect(said.err).toMatch(cause)
  expect([treeOf(data), readdirSync(folder).sort(), leftInTmp()]).toEqual([before, beside(), []])
}

describe.each(Object.entries(situations))("a data directory %s", (_what, situation) => {
  it.each(situation.refusing)("an unusable data directory is refused by %s, which changes nothing", async (name) => {
    situation.make()
    await refusesWithoutTrace(name, situation)
  })
})

describe("a data directory in use by another process", () => {
  let held: string
  let holder: PromiseKms
  // Opened for each test: a service writes its clock's mark when it starts, and each minute after that.
  beforeEach(async () => {
    held = at("held")
    holder = await createKms({ store: { directory: held } })
    const { KeyMetadata } = await holder.createKey()
    await holder.createAlias({ KeyId: KeyMetadata.KeyId, AliasName: "alias/kept" })
  })
  afterEach(async () => {
    await holder.close()
    rmSync(held, { recursive: true })
  })

  it.each(names(workers))(
    "a data directory in use by another process is refused by %s, which changes nothing",
    async (name) => {
      const before = treeOf(held)
      const said = await run(...all[name](), "--data", held)
      expect([name, said.exit]).toEqual([name, "failure"])
      expect(said.err).toMatch(/is in use by another process/)
      const isCall = /^(kms|ram|explain)/.test(name)
      expect(said.err.includes("call the server: --endpoint")).toBe(isCall)
      expect(treeOf(held)).toEqual(before)
    }
  )

  it.each(names({ ...provers, ...readers }))(
    "a data directory in use by another process is read by %s, which changes nothing",
    async (name) => {
      const before = treeOf(held)
      expect(await run(...all[name](), "--data", held)).toMatchObject({ exit: "success" })
      expect([treeOf(held), leftInTmp()]).toEqual([before, []])
    }
  )
})

describe("a data directory of an older schema", () => {
  it.each(names({ ...provers, ...readers }))(
    "a data directory of an older schema is read by %s, which changes nothing",
    async (name) => {
      writeOlder(closed, data, 4)
      const before = treeOf(data)
      const said = await run(...all[name](), "--data", data)
      expect(said).toMatchObject({ exit: "success" })
      if (name === "verify") expect(JSON.parse(said.out)).toMatchObject({ schema: 4, keys: 1, findings: [] })
      expect([treeOf(data), leftInTmp()]).toEqual([before, []])
    }
  )
})

describe("the database of a stopped server", () => {
  it("the database of a stopped server is complete with the root key and no other file", async () => {
    copyOf(closed)
    expect(readdirSync(data).sort()).toEqual(["keystate.db", "root.key"])
    const said = await run("verify", "--data", data)
    expect(JSON.parse(said.out)).toMatchObject({ schema: migrations.length, keys: 1, materialsOpened: 1, findings: [] })
  })
})

describe("createKms", () => {
  it("createKms creates a store, except with create: false", async () => {
    const without = { directory: data, create: false }
    await expect(createKms({ store: without })).rejects.toThrow(/There is no directory/)
    expect(lstatSync(data, { throwIfNoEntry: false })).toBeUndefined()
    await (await createKms({ store: { directory: data } })).close()
    await (await createKms({ store: without })).close()
  })
})

describe("a data directory that was closed", () => {
  it.each(names({ ...provers, ...readers }))(
    "a closed data directory is read by %s, which changes nothing",
    async (name) => {
      copyOf(closed)
      const before = treeOf(data)
      expect(await run(...all[name](), "--data", data)).toMatchObject({ exit: "success" })
      expect([treeOf(data), leftInTmp()]).toEqual([before, []])
    }
  )
})
