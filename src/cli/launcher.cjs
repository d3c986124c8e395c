#!/usr/bin/env node
// Starts the command on a Node that can run it: this one if it is new enough, else the one installed beside the package.
"use strict"
const { spawnSync } = require("node:child_process")
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
  const child = spawnSync(node, [command, ...process.argv.slice(2)], { stdio: "inherit" })
  if (child.error !== undefined) {
    console.error(`keystate: ${node} did not start: ${child.error.message}`)
    process.exit(70)
  }
  process.exit(child.status === null ? 70 : child.status)
}
