/** A server in a process of its own, for a test that kills it. */
import { startServer } from "../guide/serverFixture.ts"

const server = await startServer({ store: { directory: process.argv[2] ?? "" } })
process.send?.(server.url)
