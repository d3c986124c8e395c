/** The parameters of a key on a curve: the name of the curve, or its explicit numbers (SEC 1, section C.2). */
import { equalBytes } from "@noble/curves/utils.js"
import { curves, numberOf, pointToBytes } from "./curves.ts"
import type { CurveSpec } from "./curves.ts"
import { elementsOf } from "./elements.ts"
import type { DerElement } from "./elements.ts"

const tags = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30 } as const
/** prime-field, 1.2.840.10045.1.1. */
const primeField = Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x01, 0x01)

const isNumber = (element: DerElement | undefined, tag: number, value: bigint): boolean =>
  element?.tag === tag && element.content.length > 0 && numberOf(element.content) === value

const membersOf = (element: DerElement | undefined): ReadonlyArray<DerElement> =>
  element?.tag === tags.sequence ? (elementsOf(element.content) ?? []) : []

/** Whether explicit parameters are those of the curve. The seed and the cofactor are optional. */
const isWrittenOut = (parameters: DerElement, spec: CurveSpec): boolean => {
  const { Point } = curves[spec]
  const { p, a, b, n, h } = Point.CURVE()
  const [version, field, equation, base, order, cofactor] = membersOf(parameters)
  const [fieldKind, prime] = membersOf(field)
  const [first, second] = membersOf(equation)
  const isCofactor = cofactor === undefined || isNumber(cofactor, tags.integer, h)
  const isBase =
    base?.tag === tags.octets &&
    [true, false].some((isCompressed) =>
      equalBytes(base.content, isCompressed ? Point.BASE.toBytes(true) : pointToBytes(Point.BASE))
    )
  return (
    version?.tag === tags.integer &&
    fieldKind?.tag === tags.oid &&
    equalBytes(fieldKind.content, primeField) &&
    isNumber(prime, tags.integer, p) &&
    isNumber(first, tags.octets, a) &&
    isNumber(second, tags.octets, b) &&
    isBase &&
    isNumber(order, tags.integer, n) &&
    isCofactor
  )
}

export const isCurve = (parameters: DerElement, spec: CurveSpec): boolean =>
  parameters.tag === tags.oid
    ? equalBytes(parameters.content, curves[spec].oid)
    : parameters.tag === tags.sequence && isWrittenOut(parameters, spec)
