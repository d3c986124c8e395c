/** Runs the guide's chapters, the SDK tests and the conformance suite over two servers on one PostgreSQL: `npm run test:nodes`. */
import { spawnSync } from "node:child_process"
import { startPostgres } from "../../src/development/postgres.ts"
import { answerHelp } from "../programOptions.ts"

answerHelp({
  command: "npm run test:nodes -- [FILE...]",
  does: "Runs the guide's chapters, the SDK tests and the conformance suite over two servers on one PostgreSQL server.",
  options: {}
})

const files = ["test/guide", "test/ram/clients.test.ts", "test/conformance/suite.test.ts", "test/server/xml.test.ts"]

const server = await startPostgres({ max_connections: "300" })
const env = { ...process.env, KEYSTATE_TEST_NODES: "2", KEYSTATE_TEST_DATABASE: server.url("postgres") }
const given = process.argv.slice(2)
const { status } = spawnSync("vitest", ["run", ...(given.length === 0 ? files : given)], { env, stdio: "inherit" })
await server.close()
process.exitCode = status ?? 1
