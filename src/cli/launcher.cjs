#!/usr/bin/env node
// Starts the command on a Node that can run it: this one if it is new enough, else the one installed beside the package.
"use strict"
const { spawn } = require("node:child_process")
const { existsSync } = require("node:fs")
const { dirname, join } = require("node:path")

const wanted = 24
const command = join(__dirname, "keystate.js")

const bundled = () => {
  try {
    const found = join(dirname(require.resolve("node/package.json")), "bin", "node")
    return existsSync(found) ? found : undefined
  } catch {
    return undefined
  }
}

if (Number(process.versions.node.split(".")[0]) >= wanted) {
  import(require("node:url").pathToFileURL(command).href).catch((error) => {
    console.error(error)
    process.exitCode = 70
  })
} else {
  const node = bundled()
  if (node === undefined) {
    console.error(
      `keystate needs Node ${wanted} or newer and this is ${process.version}. ` +
        "It brings its own, which was not installed: install again without --ignore-scripts, " +
        "or run it with a newer Node."
    )
    process.exit(78)
  }
  const child = spawn(node, [command, ...process.argv.slice(2)], { stdio: "inherit" })
  // Whoever stops the launcher means the command: left alone it would keep its port and its data.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("error", (error) => {
    console.error(`keystate: ${node} did not start: ${error.message}`)
    process.exit(70)
  })
  child.on("exit", (status) => process.exit(status === null ? 70 : status))
}
