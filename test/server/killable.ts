/** A server in its own process, for tests that kill it: `killable.ts <directory> [batched|strict]`. */
import { startServer } from "../guide/serverFixture.ts"

const [, , directory = "", audit] = process.argv
const server = await startServer({ store: { directory }, audit: audit === "strict" ? "strict" : "batched" })
process.send?.(server.url)
