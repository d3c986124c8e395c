#!/usr/bin/env node
// Starts the command on a Node that can run it: this one if package.json allows it, else the one installed beside the package.
// Any Node must be able to read this file, however old: it says which one is needed.
"use strict"
const { spawn } = require("child_process")
const { existsSync } = require("fs")
const { dirname, join } = require("path")

const command = join(__dirname, "keystate.js")
const wanted = require("../../../package.json").engines.node

const numbersOf = (version) => version.split(".").map(Number)

const isAtLeast = (version, minimum) => {
  const [had, needed] = [numbersOf(version), numbersOf(minimum)]
  const at = needed.findIndex((number, index) => number !== had[index])
  return at === -1 || had[at] > needed[at]
}

/** `^22.1.2` allows later versions of 22; `>=26.0.0` allows every later version. */
const allows = (range, version) => {
  const minimum = range.replace(/^(\^|>=)/, "")
  return isAtLeast(version, minimum) && (!range.startsWith("^") || numbersOf(version)[0] === numbersOf(minimum)[0])
}

const isSupported = (version) => wanted.split(" || ").some((range) => allows(range, version))

const bundled = () => {
  try {
    const found = join(dirname(require.resolve("node/package.json")), "bin", "node")
    return existsSync(found) ? found : undefined
  } catch {
    return undefined
  }
}

/** Nodes 22 and 24 warn at each start that SQLite is experimental there. The store has its own minimum. */
const withoutSqliteWarning = () => {
  const emitWarning = process.emitWarning
  process.emitWarning = (warning, ...about) => {
    if (about[0] === "ExperimentalWarning" && String(warning).startsWith("SQLite ")) return
    emitWarning.call(process, warning, ...about)
  }
}

const runHere = () => {
  withoutSqliteWarning()
  import(require("url").pathToFileURL(command).href).catch((error) => {
    console.error(error)
    process.exitCode = 70
  })
}

const runOn = (node) => {
  const child = spawn(node, [command, ...process.argv.slice(2)], { stdio: "inherit" })
  // A signal to the launcher is meant for the command, which would otherwise keep its port and its data.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("error", (error) => {
    console.error(`keystate: ${node} did not start: ${error.message}`)
    process.exit(70)
  })
  child.on("exit", (status) => process.exit(status === null ? 70 : status))
}

if (isSupported(process.versions.node)) {
  runHere()
} else {
  const node = bundled()
  if (node === undefined) {
    console.error(
      `keystate needs Node ${wanted}; this is ${process.version}, and the package "node" is not installed beside it.`
    )
    process.exit(78)
  }
  runOn(node)
}
