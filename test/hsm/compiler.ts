/** The machine's C compiler, and modules for tests that are built with it. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { firstOf, fromDebian } from "../../src/development/debian.ts"

const headers = fileURLToPath(new URL("../../node_modules/pkcs11js/includes/pkcs11", import.meta.url))

export const compiler = (): string =>
  fromDebian({
    name: "A C compiler",
    packages: ["gcc", "libc6-dev"],
    look: () => firstOf(["/usr/bin/cc", "/usr/bin/gcc", "/usr/local/bin/cc", "/usr/bin/clang"])
  })

export const compile = ({
  source,
  output,
  definitions,
  libraries
}: {
  readonly source: string
  readonly output: string
  readonly definitions: Readonly<Record<string, string>>
  readonly libraries: ReadonlyArray<string>
}): void => {
  const defined = Object.entries(definitions).map(([name, value]) => `-D${name}=${value}`)
  const words = ["-shared", "-fPIC", "-O1", `-I${headers}`, ...defined, "-o", output, source, ...libraries]
  execFileSync(compiler(), words, { stdio: "pipe" })
}
