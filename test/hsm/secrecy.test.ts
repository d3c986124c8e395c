/** Where material of keys in a token is not: in the service's memory, on its disk, in any attribute; and what loads it. */
import { execFileSync, spawn } from "node:child_process"
import { constants, createPublicKey, publicEncrypt } from "node:crypto"
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { makeTestToken } from "./token.ts"

const token = makeTestToken()
const scratch = mkdtempSync(join(tmpdir(), "keystate-hsm-secrecy-"))
afterAll(() => {
  token.remove()
  rmSync(scratch, { recursive: true, force: true })
})

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

interface Form {
  readonly name: string
  readonly bytes: Buffer
}

/** As bytes, and as text in one and in two bytes a character, which is how a string may lie in memory. */
const formsOf = (secret: Uint8Array): ReadonlyArray<Form> => {
  const hex = secret.toHex()
  // What is before or after it may shift Base64; without its last characters it is found all the same.
  const base64 = secret.toBase64().slice(0, 40)
  return [
    { name: "raw", bytes: Buffer.from(secret) },
    { name: "hex", bytes: Buffer.from(hex, "latin1") },
    { name: "HEX", bytes: Buffer.from(hex.toUpperCase(), "latin1") },
    { name: "hex, two bytes a character", bytes: Buffer.from(hex, "utf16le") },
    { name: "base64", bytes: Buffer.from(base64, "latin1") },
    { name: "base64, two bytes a character", bytes: Buffer.from(base64, "utf16le") }
  ]
}

const foundIn = (memory: Buffer, forms: ReadonlyArray<Form>): ReadonlyArray<string> =>
  forms.filter(({ bytes }) => memory.includes(bytes)).map(({ name }) => name)

const chunkBytes = 2 ** 24
/** So much of each chunk is looked at again with the next, so that nothing hides on the border. */
const overlapBytes = 256

/** Every mapping of a process that can be read, in chunks. What goes away meanwhile is passed over. */
const memoryOf = function* (pid: number): Generator<Buffer> {
  const memory = openSync(`/proc/${pid}/mem`, "r")
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
      const [, from = "", to = ""] = /^([0-9a-f]+)-([0-9a-f]+) r/.exec(line) ?? []
      if (from === "" || line.endsWith("[vvar]") || line.endsWith("[vsyscall]")) continue
      const end = Number.parseInt(to, 16)
      for (let at = Number.parseInt(from, 16); at < end; at += chunkBytes - overlapBytes) {
        const chunk = Buffer.alloc(Math.min(chunkBytes, end - at))
        try {
          yield chunk.subarray(0, readSync(memory, chunk, 0, chunk.length, at))
        } catch {
          // Reserved, or gone.
        }
      }
    }
  } finally {
    closeSync(memory)
  }
}

const filesIn = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const found = (places: Iterable<Buffer>, forms: ReadonlyArray<Form>): ReadonlySet<string> => {
  const names = new Set<string>()
  for (const place of places) for (const name of foundIn(place, forms)) names.add(name)
  return names
}

describe("material that was imported into a token", () => {
  it("is nowhere in the service's memory and nowhere on disk, where the search finds what is there", async () => {
    const directory = join(scratch, "data")
    const child = spawn(
      process.execPath,
      [script("searchable.ts"), directory, token.module, token.label, token.pinFile],
      { stdio: ["pipe", "pipe", "inherit"] }
    )
    try {
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      const told = async (): Promise<object> => Object(JSON.parse(String((await lines.next()).value)))
      const material = crypto.getRandomValues(new Uint8Array(32))
      const publicKey = String(Reflect.get(await told(), "publicKey"))
      const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" })
      const wrapped = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, material)
      child.stdin.write(`${wrapped.toString("base64")}\n`)
      const answer = await told()
      expect(Reflect.get(answer, "works")).toBe(true)
      const control = formsOf(Uint8Array.fromHex(String(Reflect.get(answer, "control"))))
      const { pid } = child
      if (pid === undefined) throw new Error("the service runs")
      const held = found(memoryOf(pid), control)
      for (const name of ["raw", "hex", "base64"]) expect(held).toContain(name)
      expect([...found(memoryOf(pid), formsOf(material))]).toEqual([])
      const disk = () => [...filesIn(directory), ...filesIn(token.directory)].map((path) => readFileSync(path))
      expect(disk().length).toBeGreaterThan(4)
      expect([...found(disk(), formsOf(material))]).toEqual([])
      for (const { name, bytes } of control) {
        writeFileSync(join(directory, "control"), Buffer.concat([Buffer.alloc(7), bytes, Buffer.alloc(9)]))
        expect(found(disk(), control)).toContain(name)
      }
    } finally {
      child.kill("SIGKILL")
    }
  })
})

describe("the PKCS#11 binding and its module", () => {
  const loadedBy = (hsm: string): ReadonlyArray<string> =>
    JSON.parse(
      execFileSync(process.execPath, [script("loaded.ts"), hsm, token.module, token.label, token.pinFile], {
        encoding: "utf8"
      })
    )

  it("are loaded for a token, and never without one", () => {
    expect(loadedBy("token")).toEqual(["pkcs11.node", "libsofthsm2.so"])
    expect(loadedBy("none")).toEqual([])
    expect(loadedBy("simulator")).toEqual([])
    expect(loadedBy("default")).toEqual([])
  })
})
