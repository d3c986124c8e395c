#!/usr/bin/env node
// Starts the command on a Node that package.json allows. On another Node it says which one is needed.
// Any Node must be able to read this file, however old.
"use strict"
const { join } = require("path")

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

/** Nodes 22 and 24 warn at each start that SQLite is experimental there. The store has its own minimum. */
const withoutSqliteWarning = () => {
  const emitWarning = process.emitWarning
  process.emitWarning = (warning, ...about) => {
    if (about[0] === "ExperimentalWarning" && String(warning).startsWith("SQLite ")) return
    emitWarning.call(process, warning, ...about)
  }
}

const run = () => {
  withoutSqliteWarning()
  import(require("url").pathToFileURL(command).href).catch((error) => {
    console.error(error)
    process.exitCode = 70
  })
}

if (isSupported(process.versions.node)) {
  run()
} else {
  console.error(
    `keystate needs Node ${wanted}; this is ${process.version}. To run it on Node 24 once: npx -p node@24 -p keystate keystate`
  )
  process.exitCode = 78
}
