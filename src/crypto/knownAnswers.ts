/** Answers known from the standards, asked of every set of primitives before it is trusted. */
import { aeadTagBytes } from "./primitives.ts"
import type { Primitives } from "./primitives.ts"

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))

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
const aes256Gcm = {
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
} as const

const same = (left: Uint8Array | undefined, right: Uint8Array): boolean =>
  left !== undefined && left.length === right.length && left.every((byte, i) => byte === right[i])

const hashAnswers = ({ keyedHash }: Primitives): boolean => {
  const { key, label, message, mac } = hmacSha512
  const hash = keyedHash({ key, label, messageBytes: message.length })
  // Twice, because a prepared hash must not remember the message before.
  const answers = same(hash.mac(message), mac) && same(hash.mac(message), mac)
  hash.wipe()
  return answers
}

const sealAnswers = ({ aesGcm }: Primitives): boolean => {
  const into = new Uint8Array(aes256Gcm.plaintext.length + aeadTagBytes)
  aesGcm.seal({ ...aes256Gcm, into })
  return same(into, aes256Gcm.sealed)
}

const openAnswers = ({ aesGcm }: Primitives): boolean => same(aesGcm.open(aes256Gcm), aes256Gcm.plaintext)

const refusesForgery = ({ aesGcm }: Primitives): boolean =>
  aes256Gcm.sealed.every((_, at) => {
    const forged = aes256Gcm.sealed.map((byte, i) => (i === at ? byte ^ 1 : byte))
    return aesGcm.open({ ...aes256Gcm, sealed: forged }) === undefined
  })

const comparesBytes = ({ equal }: Primitives): boolean =>
  equal(hmacSha512.mac, hmacSha512.mac.slice()) && !equal(hmacSha512.mac, hmacSha512.mac.toReversed())

/** Whether all answers are right. A library that throws at one of them is as wrong as one that misses it. */
export const answersAreKnown = (primitives: Primitives): boolean => {
  try {
    return [hashAnswers, sealAnswers, openAnswers, refusesForgery, comparesBytes].every((asked) => asked(primitives))
  } catch {
    return false
  }
}
