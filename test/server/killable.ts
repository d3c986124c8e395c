/** A server in a process of its own, for a test that kills it: `killable.ts <directory> [batched|strict]`. */
import { startServer } from "../guide/serverFixture.ts"

const [, , directory = "", audit] = process.argv
const server = await startServer({ store: { directory }, audit: audit === "strict" ? "strict" : "batched" })
process.send?.(server.url)
