/** The guide's command lines: `aliyun kms …` by this project's command, and OpenSSL's by a real shell. */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeChildProcessSpawner from "@effect/platform-node-shared/NodeChildProcessSpawner"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as NodeStdio from "@effect/platform-node-shared/NodeStdio"
import * as NodeTerminal from "@effect/platform-node-shared/NodeTerminal"
import { Console, Effect, Layer } from "effect"
import { CliOutput, Command } from "effect/cli"
import { kms } from "../../src/cli/calls/kms.ts"
import { verify } from "../../src/cli/data/verify.ts"
import { version } from "../../src/domain/version.ts"
import { accessKeyId, secret } from "./serverFixture.ts"

process.env["ALIBABA_CLOUD_ACCESS_KEY_ID"] = accessKeyId
process.env["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = secret

const command = Command.runWith(Command.make("keystate").pipe(Command.withSubcommands([kms, verify])), { version })

const platform = Layer.mergeAll(NodeStdio.layer, NodeTerminal.layer, NodePath.layer, NodeFileSystem.layer)
const quiet = CliOutput.layerPresenter({ present: () => Effect.void })
const environment = Layer.mergeAll(platform, quiet, NodeChildProcessSpawner.layer.pipe(Layer.provide(platform)))

/** Words as a shell splits them; the guide uses double quotes and backslashes at line ends. */
const wordsOf = (line: string): ReadonlyArray<string> =>
  Array.from(line.replaceAll("\\\n", " ").matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? "")

/** Runs `keystate …` in this process and returns its JSON; a refusal is its one sentence. */
export const keystate = async (...words: ReadonlyArray<string>): Promise<unknown> => {
  const printed: Array<unknown> = []
  const recorder: Console.Console = Object.assign(Object.create(console), {
    log: (text: unknown) => printed.push(text),
    error: () => undefined
  })
  await Effect.runPromise(
    command(words).pipe(Effect.provide(environment), Effect.provideService(Console.Console, recorder))
  )
  return JSON.parse(String(printed[0]))
}

/** Runs `aliyun kms …` on a server. */
export const aliyun = ({ url }: { readonly url: string }, line: string): Promise<unknown> => {
  const [name, ...words] = wordsOf(line)
  if (name !== "aliyun") throw new Error(`the guide's command is aliyun, not ${String(name)}`)
  return keystate(...words, "--endpoint", url)
}

export interface Folder extends Disposable {
  readonly path: string
  /** Runs a script with `sh -e`, as printed in the guide, and returns its output. */
  readonly sh: (script: string) => Promise<string>
}

export const scratchFolder = (): Folder => {
  const path = mkdtempSync(join(tmpdir(), "keystate-guide-"))
  const sh = (script: string): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile("bash", ["-e", "-c", script], { cwd: path }, (error, out, err) =>
        error === null ? resolve(out) : reject(new Error(`${error.message}\n${err}`))
      )
    })
  return { path, sh, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
