/** Random sequences: fast-check draws numbers, and each becomes a step that suits the state of the model. */
import fc from "fast-check"
import { operations } from "../adapters/adapter.ts"
import type { OperationName } from "../adapters/adapter.ts"
import { kindOf } from "../model/kinds.ts"
import type { Session } from "../run/testTarget.ts"
import type { Deed, Label, Step } from "../steps/step.ts"
import { pick } from "./choosing.ts"
import type { Draw, Walk } from "./choosing.ts"
import { stepOf } from "./draws.ts"

/** The weight of each operation; the sum is about two hundred. */
const weights: Readonly<Record<OperationName | Deed, number>> = {
  CreateKey: 10,
  DescribeKey: 22,
  ListKeys: 2,
  EnableKey: 14,
  DisableKey: 12,
  ScheduleKeyDeletion: 8,
  CancelKeyDeletion: 9,
  SetDeletionProtection: 3,
  UpdateKeyDescription: 3,
  CreateAlias: 5,
  UpdateAlias: 4,
  DeleteAlias: 3,
  ListAliases: 1,
  ListAliasesByKeyId: 3,
  GetParametersForImport: 4,
  ImportKeyMaterial: 10,
  DeleteKeyMaterial: 5,
  Encrypt: 16,
  Decrypt: 20,
  ReEncrypt: 6,
  GenerateDataKey: 6,
  GenerateDataKeyWithoutPlaintext: 4,
  ExportDataKey: 1,
  GenerateAndExportDataKey: 1,
  CreateKeyVersion: 4,
  DescribeKeyVersion: 2,
  ListKeyVersions: 6,
  UpdateRotationPolicy: 8,
  GetPublicKey: 3,
  AsymmetricEncrypt: 4,
  AsymmetricDecrypt: 5,
  AsymmetricSign: 5,
  AsymmetricVerify: 6,
  TagResource: 3,
  UntagResource: 2,
  ListResourceTags: 3,
  SetKeyPolicy: 1,
  Advance: 16,
  Restart: 1,
  Fill: 0,
  Grant: 0
}

const number = fc.nat({ max: 0x7fffffff })

/** Sequences of draws; one seed determines all of them. */
export const drawsOf = (seed: number, runs: number, maxLength: number): ReadonlyArray<ReadonlyArray<Draw>> =>
  fc.sample(fc.array(fc.tuple(number, number, number, number, number), { minLength: 2, maxLength, size: "max" }), {
    seed,
    numRuns: runs
  })

const wheelOf = ({ has, hasClock, profiles }: Walk): ReadonlyArray<OperationName | Deed> => [
  ...operations
    .filter((operation) => has.has(operation))
    .flatMap((operation) => Array<OperationName>(weights[operation]).fill(operation)),
  ...(hasClock ? Array<Deed>(weights.Advance).fill("Advance") : []),
  ...(profiles.includes("restart") ? Array<Deed>(weights.Restart).fill("Restart") : [])
]

/** The weight of a kind of key. Slow kinds are rare. */
const shareOf = (kind: string): number => {
  if (kind === "symmetric") return 12
  if (kind === "external") return 4
  return kindOf(kind).costly === true ? 1 : 2
}

/** Turns draws into steps, one at a time. */
export const walker = (
  walk: Walk
): ((draws: ReadonlyArray<Draw>) => (session: Session, taken: number) => Step | undefined) => {
  const wheel = wheelOf(walk)
  const kinds = walk.kinds.flatMap((kind) => Array<string>(shareOf(kind)).fill(kind))
  return (draws) => {
    let made = 0
    const label = (letter: string): Label => `${letter}${++made}`
    return (session, taken) => {
      if (taken === 0)
        return { op: "CreateKey", makes: label("k"), kind: pick(kinds, draws[0]?.[1] ?? 0) ?? "symmetric" }
      const draw = draws[taken]
      if (draw === undefined) return undefined
      const op = pick(wheel, draw[0]) ?? "DescribeKey"
      return stepOf(op, draw, { walk, model: session.model, names: session.names, label, kinds })
    }
  }
}
