/** Known answers of the symmetric ciphers and of the keyed hash. */
import { hexToBytes as bytes } from "@noble/curves/utils.js"
import { aeadTagBytes } from "../primitives.ts"
import type { Aead, Primitives } from "../primitives.ts"
import { same } from "./compare.ts"

interface AeadAnswer {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  readonly aad: Uint8Array
  readonly plaintext: Uint8Array
  readonly sealed: Uint8Array
}

/** RFC 4231, section 4.2, its data split between label and message. */
const hmacSha512 = {
  key: new Uint8Array(20).fill(0x0b),
  label: bytes("486920"),
  message: bytes("5468657265"),
  mac: bytes(
    "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde" +
      "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
  )
} as const

/** McGrew and Viega, The Galois/Counter Mode of Operation, test case 16. */
const aes256Gcm: AeadAnswer = {
  key: bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
  iv: bytes("cafebabefacedbaddecaf888"),
  aad: bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
  plaintext: bytes(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
  ),
  sealed: bytes(
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa" +
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
  )
}

/** RFC 8998, appendix A.1. */
const sm4Gcm: AeadAnswer = {
  key: bytes("0123456789abcdeffedcba9876543210"),
  iv: bytes("00001234567800000000abcd"),
  aad: bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
  plaintext: bytes(
    "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd" +
      "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
  ),
  sealed: bytes(
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15" +
      "a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec"
  )
}

const hashAnswers = (keyedHash: Primitives["keyedHash"]): boolean => {
  const { key, label, message, mac } = hmacSha512
  const hash = keyedHash({ key, label, messageBytes: message.length })
  // Twice, because a prepared hash must not keep state of the previous message.
  const answers = same(hash.mac(message), mac) && same(hash.mac(message), mac)
  hash.wipe()
  return answers
}

const seals = (aead: Aead, answer: AeadAnswer): boolean => {
  const into = new Uint8Array(answer.plaintext.length + aeadTagBytes)
  aead.seal({ ...answer, into })
  return same(into, answer.sealed)
}

const refusesForgery = (aead: Aead, answer: AeadAnswer): boolean =>
  answer.sealed.every((_, at) => {
    const forged = answer.sealed.map((byte, i) => (i === at ? byte ^ 1 : byte))
    return aead.open({ ...answer, sealed: forged }) === undefined
  })

const aeadAnswers = (aead: Aead, answer: AeadAnswer): boolean =>
  seals(aead, answer) && same(aead.open(answer), answer.plaintext) && refusesForgery(aead, answer)

/** Whether the answers of both ciphers and of the keyed hash are right. It throws if one of them does. */
export const symmetricAnswers = ({
  aesGcm,
  keyedHash,
  sm4Gcm: sm4
}: Pick<Primitives, "aesGcm" | "sm4Gcm" | "keyedHash">): boolean =>
  hashAnswers(keyedHash) && aeadAnswers(aesGcm, aes256Gcm) && aeadAnswers(sm4, sm4Gcm)
