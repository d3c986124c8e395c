/** The scripts of a counterexample, by the extension of their file. */
import type { Counterexample } from "../report.ts"
import { aliyunCurlScript, aliyunScript } from "./aliyunScript.ts"
import { awsCurlScript, awsScript } from "./awsScript.ts"
import { vitestScript } from "./vitestScript.ts"

type Script = (found: Counterexample) => string

const ofVendor: Readonly<Record<string, Script>> = { sh: aliyunScript, "curl.sh": aliyunCurlScript }
const ofAws: Readonly<Record<string, Script>> = { sh: awsScript, "curl.sh": awsCurlScript }

/** A dialect without shell scripts has a replay file and a vitest file that can be run. */
const shellScriptsIn = (dialect: string): Readonly<Record<string, Script>> => {
  if (dialect.startsWith("alibaba")) return ofVendor
  return dialect === "aws" ? ofAws : {}
}

export const scriptsOf = (found: Counterexample, dialect: string): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(shellScriptsIn(dialect)).map(([ending, script]) => [ending, script(found)])),
  "test.ts": vitestScript(found, dialect)
})
