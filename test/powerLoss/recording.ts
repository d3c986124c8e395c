/** The file operations of a program in a directory, in their order, as recorder.c recorded them. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { compile } from "../hsm/compiler.ts"

export type FileEvent =
  | { readonly kind: "open"; readonly file: number; readonly path: string; readonly cuts: boolean }
  | { readonly kind: "close"; readonly file: number }
  | { readonly kind: "write"; readonly file: number; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly file: number; readonly length: number }
  | { readonly kind: "sync"; readonly file: number; readonly sync: string }
  | { readonly kind: "synced"; readonly sync: string }
  | { readonly kind: "mkdir" | "rmdir" | "unlink"; readonly path: string }
  | { readonly kind: "link" | "rename"; readonly from: string; readonly path: string }

const source = fileURLToPath(new URL("recorder.c", import.meta.url))

const lineEnd = 0x0a

const fileEventOf = (words: ReadonlyArray<string>, bytes: Uint8Array): FileEvent => {
  const [kind = "", first = "", second = ""] = words
  const text = (): string => Buffer.from(bytes).toString()
  const file = Number(first)
  switch (kind) {
    case "open":
      return { kind, file, path: text(), cuts: second === "1" }
    case "close":
      return { kind, file }
    case "write":
      return { kind, file, at: Number(second), bytes }
    case "truncate":
      return { kind, file, length: Number(second) }
    case "sync":
      return { kind, file, sync: second }
    case "synced":
      return { kind, sync: first }
    case "mkdir":
    case "rmdir":
    case "unlink":
      return { kind, path: text() }
    case "link":
    case "rename": {
      const [from = "", path = ""] = text().split("\n")
      return { kind, from, path }
    }
    default:
      throw new Error(`the record has a line of the kind ${kind}`)
  }
}

const parse = (record: Buffer): ReadonlyArray<FileEvent> => {
  const found: Array<FileEvent> = []
  for (let at = 0; at < record.length;) {
    const end = record.indexOf(lineEnd, at)
    const words = record.toString("utf8", at, end).split(" ")
    const length = Number(words.pop())
    found.push(fileEventOf(words, record.subarray(end + 1, end + 1 + length)))
    at = end + length + 2
  }
  return found
}

export interface Recorder {
  /** The recorded directory. */
  readonly root: string
  /** Runs a program to its end: the Node script and its arguments. */
  readonly run: (...words: ReadonlyArray<string>) => void
  readonly fileEvents: () => ReadonlyArray<FileEvent>
  readonly remove: () => void
}

export const makeRecorder = (): Recorder => {
  const folder = mkdtempSync(join(tmpdir(), "keystate-power-"))
  const root = mkdtempSync(join(folder, "root-"))
  const [library, log] = [join(folder, "recorder.so"), join(folder, "record")]
  compile({ source, output: library, definitions: {}, libraries: ["-ldl", "-lpthread"] })
  const env = { ...process.env, LD_PRELOAD: library, KEYSTATE_RECORD_ROOT: root, KEYSTATE_RECORD_LOG: log }
  return {
    root,
    run: (...words) => {
      execFileSync(process.execPath, words, { env, stdio: "pipe" })
    },
    fileEvents: () => parse(readFileSync(log)),
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
}
