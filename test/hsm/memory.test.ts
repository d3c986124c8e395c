/** Material that was imported into a token is neither in the service's memory nor on a disk. */
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync } from "node:fs"
import { constants, createPublicKey, publicEncrypt, randomBytes } from "node:crypto"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { buildSmModule } from "./smModule.ts"
import { makeTestToken } from "./token.ts"

const token = makeTestToken()
const directory = mkdtempSync(join(tmpdir(), "keystate-hsm-memory-"))
const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill("SIGKILL")
  token.remove()
  rmSync(directory, { recursive: true, force: true })
})

/** Its possible encodings. For Base64, the part that does not depend on its start. */
const formsOf = (secret: Buffer): ReadonlyMap<string, Buffer> =>
  new Map([
    ["raw", secret],
    ["hexadecimal", Buffer.from(secret.toString("hex"))],
    ["capital hexadecimal", Buffer.from(secret.toString("hex").toUpperCase())],
    ...[0, 1, 2].map((shift): [string, Buffer] => [
      `Base64 at ${shift}`,
      Buffer.from(secret.subarray(shift, shift + 3 * Math.floor((secret.length - shift) / 3)).toString("base64"))
    ]),
    ["hexadecimal in UTF-16", Buffer.from(secret.toString("hex"), "utf16le")]
  ])

const found = (secret: Buffer, images: ReadonlyArray<Buffer>): ReadonlyArray<string> =>
  [...formsOf(secret)].filter(([, form]) => images.some((image) => image.includes(form))).map(([name]) => name)

/** Every readable page of the process that was possibly written. */
const memoryOf = (pid: number): ReadonlyArray<Buffer> => {
  const memory = openSync(`/proc/${pid}/mem`, "r")
  try {
    return readFileSync(`/proc/${pid}/maps`, "utf8")
      .split("\n")
      .flatMap((line) => {
        const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
        return from === undefined || to === undefined ? [] : readRange(memory, BigInt(`0x${from}`), BigInt(`0x${to}`))
      })
  } finally {
    closeSync(memory)
  }
}

const pieceBytes = 64n * 1024n * 1024n
const overlapBytes = 256n

/** In overlapping parts, so that no match is missed; a page that is only reserved cannot be read. */
const readRange = (memory: number, from: bigint, to: bigint): ReadonlyArray<Buffer> => {
  const pieces: Array<Buffer> = []
  for (let at = from; at < to; at += pieceBytes) {
    const end = at + pieceBytes + overlapBytes
    const piece = Buffer.alloc(Number((end < to ? end : to) - at))
    try {
      readSync(memory, piece, 0, piece.length, at)
      pieces.push(piece)
    } catch {
      // The kernel's own ranges, such as [vvar], cannot be read.
    }
  }
  return pieces
}

const filesIn = (folder: string): ReadonlyArray<Buffer> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))

describe("material that is imported into a token", () => {
  it.each([
    ["Aliyun_AES_256", token.module, 32],
    ["Aliyun_SM4", buildSmModule(token), 16]
  ] as const)(
    "imported material of spec %s is not in memory or files of the service or the token",
    async (spec, module, bytes) => {
      const importer = fileURLToPath(new URL("importer.ts", import.meta.url))
      const args = [importer, join(directory, spec), module, token.label, token.pinFile, spec]
      const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] })
      running.add(child)
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      const heard = async (member: string): Promise<unknown> => {
        const line: unknown = JSON.parse(String((await lines.next()).value))
        return typeof line === "object" && line !== null ? Reflect.get(line, member) : undefined
      }
      const material = randomBytes(bytes)
      const publicKey = Buffer.from(String(await heard("publicKey")), "base64")
      const key = createPublicKey({ key: publicKey, format: "der", type: "spki" })
      const wrapped = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, material)
      child.stdin.write(`${wrapped.toString("base64")}\n`)
      const blob = Buffer.from(String(await heard("blob")), "base64")
      expect(blob.length).toBeGreaterThan(62)
      const pid = child.pid ?? 0
      expect(found(material, memoryOf(pid))).toEqual([])
      expect(found(material, [...filesIn(directory), ...filesIn(token.directory)])).toEqual([])

      // The control: the same search finds bytes that are in this memory and in these files.
      const control = randomBytes(32)
      child.stdin.write(`${Buffer.from(control.map((byte) => byte ^ 0x5a)).toString("hex")}\n`)
      expect(await heard("held")).toBe(32)
      expect(found(control, memoryOf(pid))).toContain("raw")
      const keyId = blob.subarray(2, 18)
      const spelled = Buffer.from(keyId.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"))
      expect(filesIn(directory).some((file) => file.includes(spelled))).toBe(true)
      child.stdin.write("end\n")
      await heard("held")
    }
  )
})
