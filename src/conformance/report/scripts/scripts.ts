/** The scripts of a counterexample, by the extension of their file. */
import type { Counterexample } from "../report.ts"
import { aliyunScript } from "./aliyunScript.ts"
import { awsScript } from "./awsScript.ts"
import { vitestScript } from "./vitestScript.ts"

/** A dialect of another family has no shell script; its replay file and its vitest file can be run. */
const shellScriptIn = (dialect: string): ((found: Counterexample) => string) | undefined => {
  if (dialect.startsWith("alibaba")) return aliyunScript
  return dialect === "aws" ? awsScript : undefined
}

export const scriptsOf = (found: Counterexample, dialect: string): Readonly<Record<string, string>> => {
  const shell = shellScriptIn(dialect)
  return { ...(shell === undefined ? {} : { sh: shell(found) }), "test.ts": vitestScript(found, dialect) }
}
