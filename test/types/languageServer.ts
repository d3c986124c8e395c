/** The TypeScript language server as an editor runs it: its messages about a program that uses the library. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url))

interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly result?: unknown
  readonly error?: unknown
}

/** Splits a stream into messages, each after a header with its length. */
class Inbox {
  #held = Buffer.alloc(0)
  readonly #take: (message: Message) => void

  constructor(take: (message: Message) => void) {
    this.#take = take
  }

  add(chunk: Buffer): void {
    this.#held = Buffer.concat([this.#held, chunk])
    for (;;) {
      const headEnd = this.#held.indexOf("\r\n\r\n")
      const [, length] = /Content-Length: (\d+)/i.exec(this.#held.toString("latin1", 0, headEnd)) ?? []
      if (headEnd < 0 || length === undefined) return
      const end = headEnd + 4 + Number(length)
      if (this.#held.length < end) return
      const body = this.#held.toString("utf8", headEnd + 4, end)
      this.#held = this.#held.subarray(end)
      this.#take(JSON.parse(body) as Message)
    }
  }
}

const connect = (folder: string) => {
  const child = spawn(process.execPath, [tsc, "--lsp", "--stdio"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] })
  const waiting = new Map<number | string, (message: Message) => void>()
  let last = 0
  const send = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message })
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  const inbox = new Inbox((message) => {
    if (message.id === undefined) return
    // The server asks for settings and for watched files: it gets none.
    if (message.method !== undefined) return send({ id: message.id, result: null })
    waiting.get(message.id)?.(message)
    waiting.delete(message.id)
  })
  child.stdout.on("data", (chunk: Buffer) => inbox.add(chunk))
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const ask = (method: string, params: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++last
      waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result) : reject(new Error(`${method}: ${JSON.stringify(error)}`))
      )
      send({ id, method, params })
    })
  const stop = async (): Promise<void> => {
    await ask("shutdown", undefined)
    send({ method: "exit" })
    await ended
  }
  return { ask, tell: (method: string, params: unknown): void => send({ method, params }), stop }
}

export interface LanguageServer {
  /** The error messages for a text in the folder. */
  readonly errors: (text: string) => Promise<ReadonlyArray<string>>
  /** The hover text at the first place of `name` in the text. */
  readonly hover: (text: string, name: string) => Promise<string>
  readonly stop: () => Promise<void>
}

/** A server for programs in a folder. The settings are those of the nearest tsconfig.json. */
export const languageServer = async (folder: string): Promise<LanguageServer> => {
  const { ask, tell, stop } = connect(folder)
  await ask("initialize", {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: { textDocument: { diagnostic: {}, hover: { contentFormat: ["markdown"] } } }
  })
  tell("initialized", {})
  let opened = 0
  const open = (text: string): string => {
    const uri = pathToFileURL(join(folder, `opened${++opened}.ts`)).href
    tell("textDocument/didOpen", { textDocument: { uri, languageId: "typescript", version: 1, text } })
    return uri
  }
  return {
    errors: async (text) => {
      const report = (await ask("textDocument/diagnostic", { textDocument: { uri: open(text) } })) as {
        readonly items: ReadonlyArray<{ readonly message: string; readonly severity: number }>
      }
      return report.items.filter(({ severity }) => severity === 1).map(({ message }) => message)
    },
    hover: async (text, name) => {
      const before = text.slice(0, text.indexOf(name)).split("\n")
      const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
      const shown = (await ask("textDocument/hover", { textDocument: { uri: open(text) }, position })) as {
        readonly contents: { readonly value: string }
      }
      return shown.contents.value
    },
    stop
  }
}
