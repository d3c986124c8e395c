/** nginx for tests: Debian's package, and a separate server without root rights. */
import { execFileSync, spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { firstOf, fromDebian } from "./debian.ts"
import { hasEnded, listensUntilItEnds, startedOnPort } from "./processes.ts"

const program = (): string =>
  fromDebian({
    name: "nginx",
    packages: ["nginx-light"],
    look: () => firstOf(["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx"])
  })

/** Debian's unprivileged user. */
const nobody = (): { readonly uid: number; readonly gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const number = (flag: string): number => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }))
  return { uid: number("-u"), gid: number("-g") }
}

export interface Nginx {
  readonly port: number
  readonly close: () => Promise<void>
}

/** The directives around the block `http`, so that nginx writes only in the directory. */
const around = (directory: string, http: string): string => {
  const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${directory}/${name};`
  )
  return `daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events {}
http {
access_log off;
${places.join("\n")}
${http}
}
`
}

/** nginx on a free loopback port. `http` returns the directives of its `http` block for that port. */
export const startNginx = async (http: (port: number) => string): Promise<Nginx> => {
  const user = nobody()
  const directory = mkdtempSync(join(tmpdir(), "keystate-nginx-"))
  if (user !== undefined) chownSync(directory, user.uid, user.gid)
  const settings = join(directory, "nginx.conf")
  let child: ChildProcess | undefined
  const launch = async (port: number): Promise<boolean> => {
    writeFileSync(settings, around(directory, http(port)), { mode: 0o644 })
    child = spawn(program(), ["-e", "stderr", "-p", directory, "-c", settings], {
      ...user,
      stdio: ["ignore", "ignore", "inherit"]
    })
    return listensUntilItEnds(child, port)
  }
  const endWithProcess = (): void => void child?.kill("SIGKILL")
  process.once("exit", endWithProcess)
  const port = await startedOnPort(launch, "nginx")
  return {
    port,
    close: async () => {
      child?.kill("SIGTERM")
      if (child !== undefined) await hasEnded(child)
      process.off("exit", endWithProcess)
      rmSync(directory, { recursive: true, force: true })
    }
  }
}
