/** Reads the file of a backup, or standard input. */
import { createReadStream } from "node:fs"
import { Stream } from "effect"
import { codeOf } from "../../platform/durableFiles.ts"
import { userError } from "../output/userError.ts"

const causeOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure))

const sentenceOf = (file: string, failure: unknown): string => {
  const code = codeOf(failure)
  if (code === "ENOENT") return `There is no file ${file}.`
  return code === "EISDIR"
    ? `${file} is a directory. Name the file of a backup.`
    : `The backup ${file} cannot be read: ${causeOf(failure)}.`
}

/** The bytes of a backup, in chunks. `-` means standard input. */
export const bytesOf = (file: string) =>
  Stream.suspend(() =>
    Stream.fromAsyncIterable<Uint8Array, ReturnType<typeof userError>>(
      file === "-" ? process.stdin : createReadStream(file),
      (failure) => userError(sentenceOf(file, failure))
    )
  )
