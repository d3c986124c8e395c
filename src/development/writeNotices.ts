/** Joins the licenses of every bundle in one file: THIRD-PARTY-NOTICES.md. */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { noticesFile } from "./notices.ts"

/** The folders with bundles, below the folder of the build. */
export const bundles: Readonly<Record<string, string>> = {
  "the command": join("src", "cli"),
  "the console": "console",
  "the site of the documentation": "docs"
}

export const noticesName = "THIRD-PARTY-NOTICES.md"

/** Collects the license files of the bundles in the folder and removes them. */
export const writeNotices = (folder: string): void => {
  const parts = Object.entries(bundles).map(([bundle, below]) => {
    const file = join(folder, below, noticesFile)
    const text = readFileSync(file, "utf8")
    rmSync(file)
    return `# Packages in ${bundle}\n\n${text}`
  })
  writeFileSync(join(folder, noticesName), parts.join("\n"))
}
