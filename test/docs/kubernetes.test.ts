/** The KMS plugin of docs/examples/kubernetes, called in the order of an API server of Kubernetes. */
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { credentials, status } from "@grpc/grpc-js"
import type { ServiceError } from "@grpc/grpc-js"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { definition } from "../../docs/examples/kubernetes/plugin.ts"
import { startServer } from "../../src/server/index.ts"
import type { RunningServer } from "../../src/server/index.ts"
import { compileCache } from "../compileCache.ts"

const program = fileURLToPath(new URL("../../docs/examples/kubernetes/plugin.ts", import.meta.url))

interface Plugin {
  readonly socket: string
  readonly call: (name: string, request: object) => Promise<Readonly<Record<string, unknown>>>
  readonly log: () => string
  readonly stop: () => Promise<number | null>
}

/** The plugin in a separate process, and a client of gRPC. */
const startPlugin = async (server: RunningServer, key: string, folder: string): Promise<Plugin> => {
  const socket = join(folder, "kms.sock")
  const child = spawn(process.execPath, [program, socket, key, "test"], {
    env: {
      ...compileCache,
      KEYSTATE_ENDPOINT: server.url,
      ALIBABA_CLOUD_ACCESS_KEY_ID: server.accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: server.accessKeySecret
    },
    stdio: ["ignore", "ignore", "pipe"]
  })
  let log = ""
  await new Promise<void>((resolve, reject) => {
    child.once("exit", () => reject(new Error(log)))
    child.stderr.on("data", (text: Buffer) => {
      log += text.toString()
      if (log.includes("listens on")) resolve()
    })
  })
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
  const Client = Reflect.get(Object(definition["v2"]), "KeyManagementService")
  const client: object = Reflect.construct(Client, [`unix:${socket}`, credentials.createInsecure()])
  const method = (name: string) => Reflect.get(client, name) as (...given: ReadonlyArray<unknown>) => void
  return {
    socket,
    call: (name, request) =>
      new Promise((resolve, reject) => {
        method(name).call(client, request, (error: ServiceError | null, reply: Record<string, unknown>) =>
          error === null ? resolve(reply) : reject(error)
        )
      }),
    log: () => log,
    stop: async () => {
      method("close").call(client)
      child.kill("SIGTERM")
      return ended
    }
  }
}

describe("the KMS plugin of Kubernetes", () => {
  let folder: string
  let server: RunningServer
  let plugin: Plugin
  let KeyId: string
  const seed = Buffer.alloc(32, 7)

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "keystate-plugin-"))
    server = await startServer({ clock: "virtual" })
    const rotated = { EnableAutomaticRotation: true, RotationInterval: "90d" }
    KeyId = (await server.kms.createKey(rotated)).KeyMetadata.KeyId
    await server.kms.createAlias({ AliasName: "alias/kubernetes", KeyId })
    plugin = await startPlugin(server, "alias/kubernetes", folder)
  })
  beforeEach(async () => {
    await server.kms.enableKey({ KeyId })
  })
  afterAll(async () => {
    expect(await plugin.stop()).toBe(0)
    expect(existsSync(plugin.socket)).toBe(false)
    await server.close()
    rmSync(folder, { recursive: true })
  })

  const answeredStatus = () => plugin.call("Status", {})
  const encrypt = (uid: string) => plugin.call("Encrypt", { plaintext: seed, uid })
  const decrypt = (sealed: object, uid = "d") => plugin.call("Decrypt", { ...sealed, uid })
  const grpcCode = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => "answered",
      (error: ServiceError) => error.code
    )

  it("the KMS plugin answers Status, Encrypt and Decrypt as the contract of KMS v2 says", async () => {
    const state = await answeredStatus()
    expect(state).toMatchObject({ version: "v2", healthz: "ok" })
    const sealed = await encrypt("e1")
    expect(sealed["key_id"]).toBe(state["key_id"])
    const { annotations, ciphertext } = sealed
    if (!Buffer.isBuffer(ciphertext)) throw new Error("the ciphertext is bytes")
    expect(ciphertext.length).toBeGreaterThan(0)
    expect(ciphertext.length).toBeLessThanOrEqual(1024)
    expect(String(sealed["key_id"]).length).toBeLessThanOrEqual(1024)
    for (const name of Object.keys(Object(annotations))) expect(name).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/)
    expect(await decrypt(sealed)).toEqual({ plaintext: seed })
  })

  it("the KMS plugin answers a repeated Decrypt alike, and Status does not change without a rotation", async () => {
    const [one, other] = [await encrypt("r1"), await encrypt("r1")]
    const opened = await Promise.all([decrypt(one), decrypt(one), decrypt(other)])
    expect(opened.map(({ plaintext }) => plaintext)).toEqual([seed, seed, seed])
    expect((await answeredStatus())["key_id"]).toBe((await answeredStatus())["key_id"])
  })

  it("after a rotation the KMS plugin has another key_id, and older data stays readable", async () => {
    const before = await encrypt("k1")
    await server.kms.clock.advance("90 days")
    const state = await answeredStatus()
    expect(state["healthz"]).toBe("ok")
    expect(state["key_id"]).not.toBe(before["key_id"])
    const after = await encrypt("k2")
    expect(after["key_id"]).toBe(state["key_id"])
    const opened = await Promise.all([decrypt(before), decrypt(after)])
    expect(opened.map(({ plaintext }) => plaintext)).toEqual([seed, seed])
  })

  it("the KMS plugin is not healthy while the key is disabled, keeps the key_id, and refuses both calls", async () => {
    const sealed = await encrypt("x1")
    await server.kms.disableKey({ KeyId })
    expect(await answeredStatus()).toMatchObject({
      healthz: "The KMS refused the call: Rejected.Disabled.",
      key_id: sealed["key_id"]
    })
    const refusals = [encrypt("x2"), decrypt(sealed)]
    expect(await Promise.all(refusals.map(grpcCode))).toEqual(Array(2).fill(status.FAILED_PRECONDITION))
    await server.kms.enableKey({ KeyId })
    expect((await answeredStatus())["healthz"]).toBe("ok")
    expect(await decrypt(sealed)).toEqual({ plaintext: seed })
  })

  it("the KMS plugin refuses a changed ciphertext, another key_id and other annotations", async () => {
    const sealed = await encrypt("c1")
    const { annotations, ciphertext } = sealed
    if (!Buffer.isBuffer(ciphertext)) throw new Error("the ciphertext is bytes")
    const changed = Buffer.from(ciphertext)
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    const [name = ""] = Object.keys(Object(annotations))
    const spoilt = [
      { ...sealed, ciphertext: changed },
      { ...sealed, key_id: `${KeyId}/other` },
      { ...sealed, annotations: {} },
      { ...sealed, annotations: { [name]: Buffer.from("2") } }
    ]
    const codes = await Promise.all(spoilt.map((each) => grpcCode(decrypt(each))))
    expect(codes).toEqual(Array(4).fill(status.INVALID_ARGUMENT))
  })

  it("only the owner can use the socket of the KMS plugin, and its log has no plaintext", async () => {
    expect(statSync(plugin.socket).mode & 0o777).toBe(0o600)
    await decrypt(await encrypt("logged"), "logged too")
    expect(plugin.log()).toContain('{"call":"Encrypt","uid":"logged","outcome":"ok"}')
    expect(plugin.log()).toContain('{"call":"Decrypt","uid":"logged too","outcome":"ok"}')
    expect(plugin.log()).not.toContain(seed.toString("base64"))
  })
})
