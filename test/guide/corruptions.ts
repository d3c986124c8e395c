/** Every kind of corruption of a wrapped blob, including those of known oracle attacks. */
import { constants, createPublicKey, publicEncrypt, randomBytes, randomInt } from "node:crypto"
import { wrap, wrappingNames } from "./material.ts"
import type { Wrapping } from "./material.ts"

export interface Session {
  /** Base64 of DER. */
  readonly publicKey: string
  readonly wrapping: Wrapping
  /** The public key of another session. */
  readonly otherKey: string
  /** Material that the key would accept. */
  readonly material: Uint8Array
}

const bytesOf = (text: string): Buffer => Buffer.from(text, "base64")
const right = ({ material, publicKey, wrapping }: Session): Buffer => bytesOf(wrap(publicKey, wrapping, material))

const keyOf = (publicKey: string) => createPublicKey({ key: bytesOf(publicKey), format: "der", type: "spki" })

/** Textbook RSA of a chosen block: the attacker chooses the bytes under the padding. */
const raw = ({ publicKey }: Session, block: Buffer): Buffer =>
  publicEncrypt({ key: keyOf(publicKey), padding: constants.RSA_NO_PADDING }, block)

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`)

const modulusOf = (publicKey: string): bigint =>
  numberOf(Buffer.from(keyOf(publicKey).export({ format: "jwk" }).n ?? "", "base64url"))

/** PKCS #1 v1.5 blocks with the end in a wrong place: RFC 8017, 7.2.2. */
const pkcs1Block = (material: Uint8Array, first: number, second: number, zeroAt: number): Buffer => {
  const block = Buffer.alloc(256, 0xff)
  block[0] = first
  block[1] = second
  block[255 - material.length] = 0
  if (zeroAt > 0) block[zeroAt] = 0
  block.set(material, 256 - material.length)
  return block
}

const flipped = (bytes: Buffer): Buffer => {
  const at = randomInt(bytes.length)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << randomInt(8))
  return bytes
}

const wrongWrapping = ({ wrapping }: Session): Wrapping =>
  wrappingNames.filter((name) => name !== wrapping)[randomInt(2)] ?? wrapping

export const corruptions: Readonly<Record<string, (session: Session) => Buffer>> = {
  "one bit flipped": (session) => flipped(right(session)),
  "the last byte missing": (session) => right(session).subarray(0, -1),
  "half of it": (session) => right(session).subarray(0, 128),
  "one byte": () => randomBytes(1),
  "a byte too many": (session) => Buffer.concat([right(session), randomBytes(1)]),
  "a zero before it": (session) => Buffer.concat([Buffer.alloc(1), right(session)]),
  "twice itself": (session) => Buffer.concat([right(session), right(session)]),
  "the same number, and the modulus": (session) => {
    const sum = numberOf(right(session)) + modulusOf(session.publicKey)
    const hex = sum.toString(16)
    return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex")
  },
  "the modulus itself": ({ publicKey }) => Buffer.from(modulusOf(publicKey).toString(16), "hex"),
  "all zeros": () => Buffer.alloc(256),
  "all ones": () => Buffer.alloc(256, 0xff),
  "chance below the modulus": () => randomBytes(256).fill(0, 0, 1),
  "wrapped for another token": (session) => right({ ...session, publicKey: session.otherKey }),
  "wrapped by another algorithm": (session) => right({ ...session, wrapping: wrongWrapping(session) }),
  "too short inside": (session) => right({ ...session, material: session.material.subarray(1) }),
  "too long inside": (session) => right({ ...session, material: Buffer.concat([session.material, randomBytes(1)]) }),
  "one byte inside": (session) => right({ ...session, material: randomBytes(1) }),
  "a block that starts with one": (session) => raw(session, pkcs1Block(session.material, 0, 1, 0)),
  "a block that pads too little": (session) => raw(session, pkcs1Block(session.material, 0, 2, 5)),
  "a block without an end": (session) => raw(session, Buffer.alloc(256, 0xff).fill(0, 0, 1).fill(2, 1, 2)),
  "a block of nothing": (session) => raw(session, Buffer.alloc(256).fill(1, 255))
}
