/** Runs the laws of stores on the file store, then a service on it that is stopped and started again. */
import { fsyncSync, mkdtempSync, readFileSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createKms } from "keystate/promise"
import { checkLaws, outcomesText, storeLaws } from "keystate/conformance/store"
import type { FailingStore } from "keystate/conformance/store"
import { fileStore } from "./fileStore.ts"

const folder = mkdtempSync(join(tmpdir(), "keystate-file-store-"))
let made = 0
const newPath = (): string => join(folder, `${++made}.log`)

/** A place that can be opened again. */
const makePlace = () => {
  const path = newPath()
  return () => fileStore(path)
}

/** A store whose disk is full between `fail` and `mend`. */
const makeFailing = (): FailingStore => {
  let isFull = false
  const append = (file: number, text: string): void => {
    if (isFull) throw Object.assign(new Error("no space is left"), { code: "ENOSPC" })
    writeSync(file, text)
    fsyncSync(file)
  }
  return {
    driver: fileStore(newPath(), { append }),
    fail: () => {
      isFull = true
    },
    mend: () => {
      isFull = false
    }
  }
}

const outcomes = await checkLaws(storeLaws(() => fileStore(newPath()), { makePlace, makeFailing }))
const broken = outcomes.filter(({ fault }) => fault !== undefined)
if (broken.length > 0) console.log(outcomesText(broken))
console.log(`${outcomes.length - broken.length} laws kept, ${broken.length} broken`)

const path = join(folder, "keys.log")
const options = { store: fileStore(path), rootKey: { kind: "bytes", bytes: new Uint8Array(32).fill(7) } } as const
const first = await createKms(options)
const { KeyId } = (await first.createKey()).KeyMetadata
const { CiphertextBlob } = await first.encrypt({ KeyId, Plaintext: "aGVsbG8=" })
await first.close()

const second = await createKms(options)
console.log((await second.decrypt({ CiphertextBlob })).Plaintext)
await second.disableKey({ KeyId })
console.log(await second.encrypt({ KeyId, Plaintext: "aGVsbG8=" }).catch(({ code }: { code: string }) => code))
await second.close()
console.log(`${readFileSync(path, "utf8").split("\n").length > 5 ? "the file holds the history" : "the file is short"}`)
rmSync(folder, { recursive: true })
process.exitCode = broken.length === 0 ? 0 : 1
