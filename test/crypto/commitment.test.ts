/** A ciphertext that two keys accept: possible with AES-GCM, impossible with a blob. */
import { createHmac } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { encodeAddress } from "../../src/crypto/blob.ts"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import type { MaterialRow } from "../../src/crypto/provider.ts"
import { collision } from "./collision.ts"
import { chance, holding, noContext, rowA, rowB } from "./material.ts"
import { both } from "./providers.ts"

interface Victim {
  readonly row: MaterialRow
  readonly material: Uint8Array
  readonly prefix: Uint8Array
  readonly messageKey: Uint8Array
  readonly commitment: Uint8Array
}

/** Derives keys as docs/ciphertext-blob.md describes, without the tested code: an attacker who imported the material can. */
const victim = (row: MaterialRow, material: Uint8Array, nonce: Uint8Array): Victim => {
  const prefix = new Uint8Array([...encodeAddress(0x01, row), ...nonce])
  const derived = createHmac("sha512", material).update("keystate message key v1").update(prefix).digest()
  return { row, material, prefix, messageKey: derived.subarray(0, 32), commitment: derived.subarray(32) }
}

const headerOf = ({ prefix }: Victim, commitment: Uint8Array) => new Uint8Array([...prefix, ...commitment])

const blobOf = (header: Uint8Array, sealed: Uint8Array) => new Uint8Array([...header, ...sealed])

const iv = new Uint8Array(12)
const chances = chance("collisions")

/** A body that both keys accept, each with its own address in the header, and one commitment for both. */
const shared = (first: Victim, second: Victim, commitment: Uint8Array) => {
  const headers = [headerOf(first, commitment), headerOf(second, commitment)] as const
  const readers = [
    { key: first.messageKey, aad: headers[0] },
    { key: second.messageKey, aad: headers[1] }
  ] as const
  const sealed = collision(readers[0], readers[1], chances.bytes(48))
  const accepted = readers.filter((reader) => nativePrimitives.aesGcm.open({ ...reader, iv, sealed }) !== undefined)
  return { blobs: headers.map((header) => blobOf(header, sealed)), acceptedByGcm: accepted.length }
}

describe.each(both)("commitment to the key, $name", ({ makeProvider, makeRootKey }) => {
  const rootKey = makeRootKey({ bytes: new Uint8Array(32), randomness: chance("root") })
  const provider = makeProvider({ randomness: chance("provider"), rootKey })

  const outcome = ({ row, material }: Victim, blob: Uint8Array | undefined): string => {
    const handle = holding(provider, row, material)
    return Effect.runSync(
      Effect.match(provider.unseal({ handle, blob: blob ?? noContext, context: noContext }), {
        onFailure: ({ reason }) => reason,
        onSuccess: () => "opened"
      })
    )
  }

  it.for([
    { title: "two keys", rows: [rowA, rowB] },
    { title: "two materials behind one address", rows: [rowA, rowA] }
  ] as const)("AES-GCM accepts a blob under $title, but only the committed one opens the blob", ({ rows }) => {
    for (let i = 0; i < 10; i++) {
      const nonce = chances.bytes(16)
      const first = victim(rows[0], chances.bytes(32), nonce)
      const second = victim(rows[1], chances.bytes(32), nonce)
      const { blobs, acceptedByGcm } = shared(first, second, first.commitment)
      expect(acceptedByGcm).toBe(2)
      // The first check shows that the forgery is complete: only the commitment makes the second one fail.
      expect([outcome(first, blobs[0]), outcome(second, blobs[1])]).toStrictEqual(["opened", "Rejected"])
    }
  })

  it("opens no blob that AES-GCM accepts under two keys if the commitment fits neither", () => {
    const nonce = chances.bytes(16)
    const first = victim(rowA, chances.bytes(32), nonce)
    const second = victim(rowB, chances.bytes(32), nonce)
    const { blobs, acceptedByGcm } = shared(first, second, chances.bytes(32))
    expect(acceptedByGcm).toBe(2)
    expect([outcome(first, blobs[0]), outcome(second, blobs[1])]).toStrictEqual(["Rejected", "Rejected"])
  })
})
