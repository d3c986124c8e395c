/** Writes a file like a command, for a kill at a system call. */
import { writeWhole } from "../../src/platform/durableFiles.ts"

const [path = "", content = ""] = process.argv.slice(2)
writeWhole(path, content.repeat(100_000))
