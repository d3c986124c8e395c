/** The command line to run this command again: from a clone, an installed package or a single executable. */
import { isSea } from "node:sea"

/** `-s` suppresses the two lines that npm prints before a script. */
const ofPackage = import.meta.url.endsWith(".ts") ? "npm run -s keystate --" : "npx keystate"

export const invocation = isSea() ? "keystate" : ofPackage
