/** Known answers of the standards, which every set of primitives must give before it is trusted. */
import { hexToBytes } from "@noble/curves/utils.js"
import { utf8ToBytes } from "@noble/hashes/utils.js"
import type { Primitives } from "../primitives.ts"
import { same } from "./compare.ts"
import { curveAnswers } from "./curves.ts"
import { rsaAnswers } from "./rsa.ts"
import { symmetricAnswers } from "./symmetric.ts"

/** GM/T 0004-2012, appendix A.1. */
const sm3OfAbc = hexToBytes("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")

const hashesSm3 = ({ sm3 }: Primitives): boolean => same(sm3(utf8ToBytes("abc")), sm3OfAbc)

const bytesCompared = hexToBytes("00010203040506070809")

const comparesBytes = ({ equal }: Primitives): boolean =>
  equal(bytesCompared, bytesCompared.slice()) && !equal(bytesCompared, bytesCompared.toReversed())

const questions: ReadonlyArray<(primitives: Primitives) => boolean> = [
  symmetricAnswers,
  hashesSm3,
  comparesBytes,
  curveAnswers,
  rsaAnswers
]

/** Whether all answers are right. An exception counts as a wrong answer. */
export const answersAreKnown = (primitives: Primitives): boolean => {
  try {
    return questions.every((answered) => answered(primitives))
  } catch {
    return false
  }
}
