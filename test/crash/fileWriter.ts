/** Writes a file as a command does, to be killed at a system call. */
import { writeWhole } from "../../src/platform/durableFiles.ts"

const [path = "", content = ""] = process.argv.slice(2)
writeWhole(path, content.repeat(100_000))
