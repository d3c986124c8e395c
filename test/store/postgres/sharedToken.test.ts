/** `keystate hsm reconcile` on one token and one database that two servers share. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { ConfigProvider, Console, Effect, Exit } from "effect"
import { Command } from "effect/cli"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { keystateFor, layer } from "../../../src/cli/commands.ts"
import { postgres } from "../../../src/postgres.ts"
import { createKms } from "../../../src/promise.ts"
import type { PromiseKms } from "../../../src/promise.ts"
import { makeTestToken } from "../../hsm/token.ts"
import type { TestToken } from "../../hsm/token.ts"
import { patientMillis, postgresForTests } from "./server.ts"

const server = postgresForTests()
let token: TestToken
const services: Array<PromiseKms> = []
beforeAll(() => {
  token = makeTestToken()
  writeFileSync(join(token.directory, "root.key"), `${"07".repeat(32)}\n`, { mode: 0o600 })
})
afterEach(() => Promise.all(services.splice(0).map((kms) => kms.close())))
afterAll(() => token.remove())

const rootKeyFile = () => join(token.directory, "root.key")

const start = async (url: string, node: string): Promise<PromiseKms> => {
  const { label, module, pinFile } = token
  const store = postgres(url, { tls: "off", timeoutMillis: patientMillis })
  const rootKey = { kind: "file", path: rootKeyFile() } as const
  const kms = await createKms({ store, node, rootKey, hsm: { module, label, pinFile } })
  services.push(kms)
  return kms
}

const repair = async (url: string) => {
  const out: Array<string> = []
  const { label, module, pinFile } = token
  const store = ["--store", url, "--store-tls", "off", "--root-key-file", rootKeyFile()]
  const hsm = ["--hsm", module, "--hsm-token", label, "--hsm-pin-file", pinFile]
  const words = ["hsm", "reconcile", "--repair", ...store, ...hsm]
  const exit = await Command.runWith(await keystateFor(words), { version: "0" })(words).pipe(
    Effect.provide(layer),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({})),
    Effect.provideService(Console.Console, { ...console, log: (text: unknown) => void out.push(String(text)) }),
    Effect.exit,
    Effect.runPromise
  )
  return { isDone: Exit.isSuccess(exit), out: out.join("\n"), said: String(exit) }
}

describe("repair of a token that two servers share", () => {
  it("repair of a shared token is refused while a server runs, and finds nothing after both stop", async () => {
    const url = await server.newDatabase()
    const [one, two] = [await start(url, "one"), await start(url, "two")]
    const { KeyId } = (await one.createKey({ ProtectionLevel: "HSM" })).KeyMetadata
    await two.encrypt({ KeyId, Plaintext: "SGVsbG8=" })
    expect(await repair(url)).toMatchObject({
      isDone: false,
      said: expect.stringContaining("The server one uses this store")
    })
    await one.close()
    expect((await repair(url)).said).toContain("The server two uses this store")
    await two.close()
    services.splice(0)
    const { isDone, out } = await repair(url)
    expect({ isDone, found: JSON.parse(out) }).toMatchObject({ isDone: true, found: { objects: 1, orphans: [] } })
  })
})
