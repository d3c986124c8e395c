/** How a person runs this command again: from a clone, or from an installed package. */

/** `-s` keeps the two lines that npm prints before a script out of the output. */
export const invocation = import.meta.url.endsWith(".ts") ? "npm run -s keystate --" : "npx keystate"
