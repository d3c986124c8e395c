/** The process of interposed.ts: `interposedServer.ts <directory>`. It ends normally when it gets a message. */
import { startServer } from "../guide/serverFixture.ts"

const [, , directory = ""] = process.argv
const server = await startServer({ store: { directory } })
process.once("message", () => void server.stop().then(() => process.exit(0)))
process.send?.(server.url)
