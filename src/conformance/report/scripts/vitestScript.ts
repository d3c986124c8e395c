/** A counterexample as a vitest file. */
import type { Counterexample } from "../report.ts"

interface Reaching {
  readonly adapter: string
  readonly lines: ReadonlyArray<string>
}

const clock = "clock: () => performance.timeOrigin + performance.now()"

const overHttp: Reaching = {
  adapter: "overHttp",
  lines: [
    `  const { ENDPOINT: endpoint = "http://127.0.0.1:8787", ACCESS_KEY_FILE: file = "ak.json" } = env`,
    `  const accessKey = JSON.parse(readFileSync(file, "utf8"))`,
    `  const adapter = await overHttp({ endpoint, accessKey, ${clock} })`
  ]
}

/** The connection to the service, from the same environment variables that the suite reads. */
const reaching: Readonly<Record<string, Reaching>> = {
  aws: {
    adapter: "overAws",
    lines: [
      `  const { ENDPOINT: endpoint = "http://127.0.0.1:4566" } = env`,
      `  const adapter = await overAws({ endpoint, ${clock} })`
    ]
  },
  vault: {
    adapter: "overTransit",
    lines: [
      `  const { ENDPOINT: endpoint = "http://127.0.0.1:8200", VAULT_TOKEN: token = "" } = env`,
      `  const adapter = await overTransit({ endpoint, token, ${clock} })`
    ]
  },
  google: {
    adapter: "overGoogle",
    lines: [
      `  const { ENDPOINT: endpoint = "http://127.0.0.1:8080" } = env`,
      `  const adapter = await overGoogle({ endpoint, ${clock} })`
    ]
  }
}

/** The file fails as long as the law is broken. It needs the replay file in the same directory. */
export const vitestScript = ({ law, sentence }: Pick<Counterexample, "law" | "sentence">, dialect: string): string => {
  const { adapter, lines } = reaching[dialect] ?? overHttp
  return `/** ${law}: ${sentence} */
import { readFileSync } from "node:fs"
import { env } from "node:process"
import { expect, test } from "vitest"
import { ${adapter}, parseReplay, replay } from "keystate/conformance"

test(${JSON.stringify(`${law} ${sentence}`)}, async () => {
${lines.join("\n")}
  const steps = parseReplay(readFileSync(new URL("./${law}.json", import.meta.url), "utf8"))
  expect((await replay(adapter, steps)).status).toBe("FIXED")
}, 60_000)
`
}
