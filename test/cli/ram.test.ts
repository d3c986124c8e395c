/** Access control from the command line: on a data directory and on a server, read by people and by scripts. */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { compileCache } from "../compileCache.ts"
import { makeStore } from "./stores.ts"
import { accessKeyId, secret, startServer } from "../guide/serverFixture.ts"
import type { RunningServer } from "../guide/serverFixture.ts"
import { commandFile } from "../programs.ts"

const command = await commandFile()

let folder: string
let server: RunningServer
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keystate-ram-"))
  await makeStore(join(folder, ".keystate"))
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Said {
  readonly exit: number
  readonly out: string
  readonly err: string
}

type Environment = Readonly<Record<string, string>>

const keystate = (args: ReadonlyArray<string>, env: Environment = {}): Promise<Said> =>
  new Promise((resolve) => {
    const options = { cwd: folder, env: { ...compileCache, ...env } }
    const child = execFile(process.execPath, [command, ...args], options, (_error, out, err) =>
      resolve({ exit: child.exitCode ?? -1, out, err })
    )
  })

const signing = (id: string, key: string, token?: string): Environment => ({
  ALIBABA_CLOUD_ACCESS_KEY_ID: id,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: key,
  ...(token === undefined ? {} : { ALIBABA_CLOUD_SECURITY_TOKEN: token })
})

/** The value of a line `name  value`. */
const shown = ({ out }: Said, name: string): string => new RegExp(`^${name} +(\\S+)$`, "m").exec(out)?.[1] ?? ""

const documentFile = (): string => {
  const statement = { Effect: "Allow", Action: "kms:Encrypt", Resource: "*" }
  writeFileSync(join(folder, "encrypt.json"), JSON.stringify({ Version: "1", Statement: [statement] }))
  return "@encrypt.json"
}

describe("keystate ram and keystate explain", () => {
  it("keystate ram and keystate explain manage and explain access in a data directory", async () => {
    const run = async (...args: ReadonlyArray<string>): Promise<Said> => {
      const said = await keystate(args)
      expect([args.join(" "), said.exit, said.err]).toEqual([args.join(" "), 0, ""])
      return said
    }
    const KeyId = /"KeyId": "([^"]+)"/.exec((await run("kms", "CreateKey")).out)?.[1] ?? ""
    expect((await run("ram", "user", "create", "alice")).out).toBe("done\n")
    const pair = await run("ram", "access-key", "create", "--user", "alice")
    expect(shown(pair, "access key secret")).toMatch(/^[A-Za-z0-9]{30}$/)
    const listed = await run("ram", "access-key", "list", "--user", "alice")
    expect(listed.out).toContain(shown(pair, "access key id"))
    expect(listed.out).not.toContain(shown(pair, "access key secret"))
    const explain = ["explain", "--as", "alice", "--operation", "Encrypt", "--KeyId", KeyId]
    expect((await run(...explain)).out).toMatch(/user\/alice: refused, by the policies[\s\S]*Attach a policy/)
    await run("ram", "policy", "create", "encrypt", "--document", documentFile())
    await run("ram", "policy", "attach-to-user", "encrypt", "--user", "alice")
    expect((await run(...explain)).out).toContain("user/alice: allowed, no policy and no key state forbids it")
    await run("kms", "DisableKey", "--KeyId", KeyId)
    const disabled = await run(...explain)
    expect(disabled.out).toMatch(
      /refused, by the state of the key\n {2}Rejected\.Disabled\n[\s\S]*Call EnableKey first/
    )
  })

  it("keystate ram and keystate explain call a server, in the region given", async () => {
    const env = signing(accessKeyId, secret)
    const where = ["--endpoint", server.url]
    expect((await keystate(["ram", "user", "create", "bob", ...where], env)).out).toBe("done\n")
    const told = await keystate(["explain", "--as", "bob", "--operation", "ListKeys", "--json", ...where], env)
    expect(JSON.parse(told.out)).toMatchObject({ Allowed: false, Decision: "policy" })
    const made = await keystate(["kms", "CreateKey", ...where, "--region", "cn-beijing"], env)
    expect(made.out).toContain("acs:kms:cn-beijing:")
    const own = await keystate(["kms", "CreateKey", ...where], env)
    expect(own.out).toContain("acs:kms:cn-hangzhou:")
  })

  it("keystate ram prints a refusal with its hint", async () => {
    const said = await keystate(["ram", "user", "delete", "nobody"])
    expect([said.exit, said.out]).toEqual([1, ""])
    expect(said.err).toContain("EntityNotExist.User (404)")
    const malformed = await keystate(["ram", "policy", "create", "p", "--document", "{}"])
    expect(malformed.err).toContain("MalformedPolicyDocument (400)")
    const unread = await keystate(["ram", "policy", "create", "p", "--document", "@nowhere.json"])
    expect(unread.err).toContain("The policy document nowhere.json cannot be read.")
  })

  it("keystate ram issues temporary credentials that the command itself can use", async () => {
    const where = ["--endpoint", server.url]
    const Statement = [{ Effect: "Allow", Action: "kms:Encrypt", Resource: "*" }]
    await server.pop("CreateRole", { RoleName: "worker" })
    await server.ram("CreatePolicy", { PolicyName: "w", PolicyDocument: JSON.stringify({ Version: "1", Statement }) })
    await server.pop("AttachPolicyToRole", { RoleName: "worker", PolicyName: "w" })
    const assume = ["ram", "assume-role", "worker", "--session", "shift"]
    const assumed = await keystate([...assume, ...where], signing(accessKeyId, secret))
    const who = signing(
      shown(assumed, "access key id"),
      shown(assumed, "access key secret"),
      shown(assumed, "security token")
    )
    const refused = await keystate(["kms", "ListKeys", ...where], who)
    expect(refused.err).toContain("Forbidden.NoPermission (403)")
    const unknown = "00000000-0000-4000-8000-000000000000"
    const allowed = await keystate(["kms", "Encrypt", "--KeyId", unknown, "--Plaintext", "eA==", ...where], who)
    expect(allowed.err).toContain("Forbidden.KeyNotFound (404)")
  })

  it("keystate ram manages groups, policy versions and trust policies, and assumes a role by its ARN", async () => {
    const where = ["--endpoint", server.url]
    const run = async (...args: ReadonlyArray<string>): Promise<Said> => {
      const said = await keystate(["ram", ...args, ...where], signing(accessKeyId, secret))
      expect([args.join(" "), said.exit, said.err]).toEqual([args.join(" "), 0, ""])
      return said
    }
    await run("user", "create", "carol")
    await run("group", "create", "devs", "--comments", "developers")
    await run("group", "add-user", "devs", "--user", "carol")
    expect((await run("group", "users", "devs")).out).toContain("carol")
    await run("policy", "create", "uses", "--document", documentFile())
    await run("policy", "attach-to-group", "uses", "--group", "devs")
    const narrower = { Version: "1", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" }] }
    await run("policy", "update", "uses", "--document", JSON.stringify(narrower))
    expect((await run("policy", "versions", "uses")).out).toMatch(/v1 .*false[\s\S]*v2 .*true/)
    expect((await run("policy", "list", "--type", "System")).out).toContain("AliyunKMSFullAccess")
    const user = { RAM: ["acs:ram::1000000000000001:user/carol"] }
    const trust = { Version: "1", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: user }] }
    await run("role", "create", "visitor", "--trust", JSON.stringify(trust), "--max-session", "7200")
    await run("policy", "attach-to-role", "AliyunKMSReadOnlyAccess", "--type", "System", "--role", "visitor")
    expect((await run("role", "show", "visitor")).out).toContain("user/carol")
    await run("role", "create", "plain")
    expect((await run("role", "show", "plain")).out).toContain("acs:ram::1000000000000001:root")

    const pair = await run("access-key", "create", "--user", "carol")
    const carol = signing(shown(pair, "access key id"), shown(pair, "access key secret"))
    expect((await keystate(["ram", "whoami", ...where], carol)).out).toContain("user/carol")
    const arn = "acs:ram::1000000000000001:role/visitor"
    const assumed = await keystate(["ram", "assume-role-arn", arn, "--session", "shift", ...where], carol)
    const session = signing(
      shown(assumed, "access key id"),
      shown(assumed, "access key secret"),
      shown(assumed, "security token")
    )
    expect((await keystate(["kms", "ListKeys", ...where], session)).exit).toBe(0)
  })
})
