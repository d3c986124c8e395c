/** What `serve` prints about the console: a link that signs in for people, and the address for programs. */
import { execFile, execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { beforeAll, expect, it } from "vitest"
import { own, send } from "./startConsole.ts"
import { outputUntil } from "../output.ts"
import { commandFile } from "../programs.ts"

const build = fileURLToPath(new URL("../../src/development/buildConsoleIfStale.ts", import.meta.url))
const command = await commandFile()

beforeAll(() => {
  execFileSync(process.execPath, [build], { stdio: "ignore" })
})

/** Runs a server until `work` is done; `work` gets the first output. */
const serving = async (args: ReadonlyArray<string>, work: (said: string) => Promise<void>): Promise<void> => {
  const child = execFile(process.execPath, [command, "serve", "--store", "memory", "--port", "0", ...args], { env: {} })
  const gone = new Promise((resolve) => child.once("exit", resolve))
  await work(await outputUntil(child.stdout, /\/console\/\S*\n/)).finally(() => child.kill())
  await gone
}

const signedIn = async (url: string, token: string): Promise<number> =>
  (await send(url, "/console/api/session", { method: "POST", headers: own, body: { token } })).status

it("the start text contains a link that signs in once", async () => {
  await serving([], async (said) => {
    const [, url = "", token = ""] = /Console +(http:\S+)\/console\/#token=(\S+)/.exec(said) ?? []
    expect([await signedIn(url, token), await signedIn(url, token)]).toEqual([200, 401])
  })
})

it("the start text in JSON contains the console's address, and no token", async () => {
  await serving(["--json"], async (said) => {
    const { console: place, url }: { readonly console: string; readonly url: string } = JSON.parse(said)
    expect(place).toBe(`${url}/console/`)
    const page = await fetch(place)
    expect(page.status).toBe(200)
    expect(page.headers.get("content-type")).toMatch(/^text\/html/)
  })
})
