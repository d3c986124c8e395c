/** Reads a private key in any form of PKCS #8 that OpenSSL reads (RFC 5208, RFC 5958), or describes its fault. */
import { bytesToHex, equalBytes } from "@noble/curves/utils.js"
import { Result } from "effect"
import { curves, isScalar, numberOf, pointBytes, pointToBytes, publicPointOf, scalarToBytes } from "./curves.ts"
import type { CurveSpec } from "./curves.ts"
import { elementsOf, firstElement } from "./elements.ts"
import type { DerElement } from "./elements.ts"
import { isCurve } from "./explicitCurve.ts"
import { isRsaSpec, rsaBits } from "./pairKind.ts"
import type { PairSpec } from "./pairKind.ts"
import { parseRsaPrivateKey } from "./pkcs8.ts"
import type { RsaPrivateNumbers } from "./pkcs8.ts"
import { isSoundPrivateKey } from "./rsaKeys.ts"
import { ecOid, rsaAlgorithm, rsaOid } from "./spki.ts"
import { derInteger, derOctets, derSequence } from "./der.ts"

/** A fault is the end of a sentence about the material. It never repeats the material. */
type Read<A> = Result.Result<A, string>

const tags = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, sequence: 0x30 } as const

/** Other algorithms and curves, by object identifier. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ["2a864886f70d01010a", "an RSASSA-PSS key"],
  ["2b6570", "an Ed25519 key"],
  ["2b6571", "an Ed448 key"],
  ["2b656e", "an X25519 key"],
  ["2b656f", "an X448 key"],
  ["2a8648ce380401", "a DSA key"],
  ["2a864886f70d010301", "a Diffie-Hellman key"],
  ["2b81040022", "the curve P-384"],
  ["2b81040023", "the curve P-521"],
  ["2b81040021", "the curve P-224"],
  ["2a8648ce3d030101", "the curve P-192"],
  ["2b2403030208010107", "the curve brainpoolP256r1"]
])

const curveNames: Readonly<Record<CurveSpec, string>> = {
  EC_P256: "P-256",
  EC_P256K: "secp256k1",
  EC_SM2: "SM2"
}

const curveSpecs = ["EC_P256", "EC_P256K", "EC_SM2"] as const

const isSame = (element: DerElement | undefined, oid: Uint8Array): boolean =>
  element?.tag === tags.oid && equalBytes(element.content, oid)

const nameOf = (element: DerElement | undefined): string | undefined =>
  element === undefined ? undefined : otherNames.get(bytesToHex(element.content))

const starts = (elements: ReadonlyArray<DerElement>, ...shape: ReadonlyArray<number>): boolean =>
  shape.every((tag, at) => elements[at]?.tag === tag)

/** The kind of a sequence that is not a PKCS #8 key, by its first tags. */
const otherThing = (elements: ReadonlyArray<DerElement>): string => {
  const { bits, integer, octets, sequence } = tags
  if (starts(elements, sequence, octets)) return "is encrypted: decrypt it with `openssl pkcs8`"
  if (starts(elements, integer, integer, integer, integer)) {
    return "is a key by PKCS #1: convert it with `openssl pkcs8 -topk8 -nocrypt`"
  }
  if (starts(elements, integer, octets)) return "is a key by SEC 1: convert it with `openssl pkcs8 -topk8 -nocrypt`"
  if (starts(elements, sequence, bits)) return "is a public key"
  return starts(elements, sequence, sequence, bits) ? "is a certificate or a request for one" : "is not a PKCS #8 key"
}

interface Info {
  readonly algorithm: ReadonlyArray<DerElement>
  readonly key: Uint8Array
}

const isVersion = (element: DerElement | undefined, versions: ReadonlyArray<number>): boolean =>
  element?.tag === tags.integer && element.content.length === 1 && versions.includes(element.content[0] ?? -1)

/** Attributes in version 0 and 1; a public key beside the private one only in version 1 (RFC 5958, section 2). */
const isRest = (rest: ReadonlyArray<DerElement>, isVersion1: boolean): boolean => {
  const places = rest.map(({ tag }) => tag).join()
  const allowed = isVersion1 ? ["", "160", "129", "160,129"] : ["", "160"]
  const attributes = rest.find(({ tag }) => tag === 0xa0)
  const inner = attributes === undefined ? [] : elementsOf(attributes.content)
  return allowed.includes(places) && inner?.every(({ tag }) => tag === tags.sequence) === true
}

const infoIn = (der: Uint8Array): Read<Info> => {
  const first = firstElement(der)
  const elements = first?.element.tag === tags.sequence ? elementsOf(first.element.content) : undefined
  if (first === undefined || elements === undefined) return Result.fail("is not DER, or is truncated")
  const [version, algorithm, key, ...rest] = elements
  if (!starts(elements, tags.integer, tags.sequence, tags.octets)) return Result.fail(otherThing(elements))
  if (first.after > 0) return Result.fail(`has ${first.after} bytes after the key`)
  const inner = algorithm === undefined ? undefined : elementsOf(algorithm.content)
  if (!isVersion(version, [0, 1])) return Result.fail("has a version of PKCS #8 that does not exist")
  if (!isRest(rest, isVersion(version, [1])))
    return Result.fail("has an element after the private key that is not an attribute")
  return inner === undefined || key === undefined
    ? Result.fail("names no algorithm")
    : Result.succeed({ algorithm: inner, key: key.content })
}

const otherAlgorithm = ({ algorithm }: Info, wanted: string): string => {
  const [oid] = algorithm
  if (isSame(oid, rsaOid)) return `is an RSA key; ${wanted} is needed`
  return isSame(oid, ecOid)
    ? `is a key on an elliptic curve; ${wanted} is needed`
    : `is ${nameOf(oid) ?? "a key of another algorithm"}; ${wanted} is needed`
}

const curveFault = (parameters: DerElement | undefined, spec: CurveSpec): string | undefined => {
  if (parameters !== undefined && isCurve(parameters, spec)) return undefined
  const other = curveSpecs.find((known) => isSame(parameters, curves[known].oid))
  const name = other === undefined ? nameOf(parameters) : `the curve ${curveNames[other]}`
  return `is a key on ${name ?? "another curve"}; ${curveNames[spec]} is needed`
}

/** A point with both coordinates; undefined if the bytes are not a point of the curve. */
const wholePoint = (spec: CurveSpec, bytes: Uint8Array): Uint8Array | undefined => {
  const form = bytes[0] ?? 0
  const isHybrid = bytes.length === pointBytes && (form === 6 || form === 7)
  if (isHybrid && ((bytes.at(-1) ?? 0) & 1) !== (form & 1)) return undefined
  try {
    return pointToBytes(curves[spec].Point.fromBytes(isHybrid ? Uint8Array.of(4, ...bytes.subarray(1)) : bytes))
  } catch {
    return undefined
  }
}

/** A number of 32 bytes, with or without leading zeros in the encoding. */
const wholeScalar = (content: Uint8Array): Uint8Array | undefined => {
  const value = content.length === 0 ? 0n : numberOf(content)
  const fits = content.length <= 66 && value < 1n << 256n
  return fits ? scalarToBytes(value) : undefined
}

const publicFault = (spec: CurveSpec, scalar: Uint8Array, given: DerElement | undefined): string | undefined => {
  if (given === undefined) return undefined
  const [bits] = elementsOf(given.content) ?? []
  if (bits?.tag !== tags.bits || bits.content[0] !== 0) return "has an unreadable public key beside the private key"
  const point = wholePoint(spec, bits.content.subarray(1))
  if (point === undefined) return "has a public key beside the private key that is not a point of its curve"
  return equalBytes(point, publicPointOf(curves[spec], scalar))
    ? undefined
    : "has a public key beside the private key that belongs to another private key"
}

/** The parts of an ECPrivateKey (SEC 1, C.4; RFC 5915). */
interface EcPrivateKey {
  readonly secret: Uint8Array
  readonly curve: DerElement | undefined
  readonly publicKey: DerElement | undefined
}

const readEcPrivateKey = (der: Uint8Array): Read<EcPrivateKey> => {
  const sequence = firstElement(der)
  const [version, secret, ...rest] = elementsOf(sequence?.element.content ?? der) ?? []
  if (sequence?.element.tag !== tags.sequence || sequence.after > 0 || secret?.tag !== tags.octets) {
    return Result.fail("has no private number by SEC 1")
  }
  return isVersion(version, [0, 1])
    ? Result.succeed({
        secret: secret.content,
        curve: rest.find(({ tag }) => tag === 0xa0),
        publicKey: rest.find(({ tag }) => tag === 0xa1)
      })
    : Result.fail("has a version of SEC 1 that does not exist")
}

const innerCurveFault = (curve: DerElement | undefined, spec: CurveSpec): string | undefined => {
  if (curve === undefined) return undefined
  const [parameters] = elementsOf(curve.content) ?? []
  return parameters !== undefined && isCurve(parameters, spec)
    ? undefined
    : "names one curve outside and another one inside"
}

const scalarOf = (secret: Uint8Array, spec: CurveSpec): Read<Uint8Array> => {
  const scalar = wholeScalar(secret)
  return scalar !== undefined && isScalar(curves[spec], scalar)
    ? Result.succeed(scalar)
    : Result.fail("has a private number that is zero or not below the order of the curve")
}

const unless = (fault: string | undefined): Read<void> => (fault === undefined ? Result.void : Result.fail(fault))

/** The private number of a key on a curve. */
export const readEcKey = (der: Uint8Array, spec: CurveSpec): Read<Uint8Array> =>
  Result.gen(function* () {
    const info = yield* infoIn(der)
    const [oid, parameters] = info.algorithm
    if (!isSame(oid, ecOid)) return yield* Result.fail(otherAlgorithm(info, `a key on ${curveNames[spec]}`))
    yield* unless(curveFault(parameters, spec))
    const key = yield* readEcPrivateKey(info.key)
    yield* unless(innerCurveFault(key.curve, spec))
    const scalar = yield* scalarOf(key.secret, spec)
    yield* unless(publicFault(spec, scalar, key.publicKey))
    return scalar
  })

const bitsOf = (value: bigint): number => value.toString(2).length

/** The numbers of an RSA key; all of them follow from its primes. */
export const readRsaKey = (der: Uint8Array, modulusBits: number): Read<RsaPrivateNumbers> =>
  Result.gen(function* () {
    const info = yield* infoIn(der)
    const [oid, parameters, ...more] = info.algorithm
    const wanted = `an RSA key of ${modulusBits} bits`
    if (!isSame(oid, rsaOid)) return yield* Result.fail(otherAlgorithm(info, wanted))
    const hasNone = parameters === undefined || (parameters.tag === 0x05 && parameters.content.length === 0)
    if (!hasNone || more.length > 0) return yield* Result.fail("has parameters that no RSA key has")
    const numbers = parseRsaPrivateKey(derSequence(derInteger(0n), rsaAlgorithm, derOctets(info.key)))
    if (numbers === undefined) return yield* Result.fail("has no RSA key of two primes by PKCS #1")
    const bits = bitsOf(numbers.modulus)
    if (bits !== modulusBits) return yield* Result.fail(`is an RSA key of ${bits} bits; ${modulusBits} are needed`)
    return isSoundPrivateKey(numbers, modulusBits)
      ? numbers
      : yield* Result.fail("is an RSA key whose numbers do not match")
  })

/** The fault of bytes that are not the private key of a pair of this spec; undefined if their form is valid. */
export const givenKeyFault = (der: Uint8Array, spec: PairSpec): string | undefined => {
  const read: Read<unknown> = isRsaSpec(spec) ? readRsaKey(der, rsaBits[spec]) : readEcKey(der, spec)
  return Result.isFailure(read) ? read.failure : undefined
}
