/** Kills a service on a token at a boundary or at a moment, and says which answered calls and objects are lost afterwards. */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { createKms } from "../../src/promise.ts"
import { programOf } from "../programs.ts"
import { reconciled } from "./reconciled.ts"
import { buildSmModule, numbers } from "./smModule.ts"
import type { TestToken } from "./token.ts"

const victim = await programOf("hsmVictim")

/** One token twice: with the keys that SoftHSM has, and with SM keys. */
export const familiesOn = (token: TestToken) => {
  const aes = { module: token.module, label: token.label, pinFile: token.pinFile }
  return { AES: aes, SM: { ...aes, module: buildSmModule(token), mechanisms: numbers } }
}

type Families = ReturnType<typeof familiesOn>
export type FamilyName = keyof Families

/** When a service is killed: at its so manieth visit of a boundary, or after so many answers. */
export type Moment = { readonly boundary: string; readonly visit: number } | { readonly answers: number }

/** Where each step between store and token begins or ends. */
export const boundaries = [
  "store.commit.before",
  "store.commit.afterStatements",
  "store.commit.afterCommit",
  "actor.owed.before",
  "actor.owed.after",
  "store.settle.after",
  "store.import.before",
  "store.import.after"
] as const

interface Killing {
  readonly directory: string
  readonly families: Families
  readonly family: FamilyName
  readonly moment: Moment
}

/** Blobs that were answered before the victim was killed. */
const runVictim = ({ directory, families, family, moment }: Killing): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const blobs: Array<string> = []
    const { label, module, pinFile } = families[family]
    const [boundary, visit] = "boundary" in moment ? [moment.boundary, moment.visit] : ["", 0]
    const args = [victim, directory, module, label, pinFile, boundary, String(visit), family === "SM" ? "sm" : ""]
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
    const lines = createInterface({ input: child.stdout })
    lines.on("line", (line) => {
      const told: unknown = JSON.parse(line)
      if (typeof told === "object" && told !== null && "blob" in told) blobs.push(String(told.blob))
      if ("answers" in moment && blobs.length === moment.answers) child.kill("SIGKILL")
    })
    child.on("error", reject)
    // After the exit, when all its output was read.
    child.on("close", (_code, signal) => {
      if (signal === "SIGKILL") resolve(blobs)
      else reject(new Error("the victim ended by itself"))
    })
  })

/** What is wrong after a kill. A row without its object would be a lost key; a leftover object is found and destroyed. */
export const faultsOfKill = async (killing: Killing): Promise<ReadonlyArray<string>> => {
  const { directory, families, family } = killing
  const hsm = families[family]
  const blobs = await runVictim(killing)
  const faults = (await reconciled(directory, true, hsm)).orphans
    .filter(({ kind, repaired }) => kind !== "object" || !repaired)
    .map(({ kind, name }) => `the ${kind} ${name} has no counterpart`)
  for (const { kind, name } of (await reconciled(directory, false, hsm)).orphans)
    faults.push(`the ${kind} ${name} has no counterpart after a repair`)
  await using kms = await createKms({ store: { directory }, clock: "virtual", hsm })
  for (const CiphertextBlob of blobs) {
    const { Plaintext } = await kms.decrypt({ CiphertextBlob })
    if (Plaintext !== "aGVsbG8=") faults.push("a ciphertext decrypts to another plaintext")
  }
  return faults
}
