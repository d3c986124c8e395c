/** Compares an answer with the answers that the model allows: the laws that it tests, and the laws that it breaks. */
import type { Answer } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { codesIn, operationIn } from "../dialects/inDialect.ts"
import { leaksTold } from "../predict/places.ts"
import { namedTold } from "../predict/metadata.ts"
import { broken, held, test } from "../predict/prediction.ts"
import type { PredictedCall, Prediction, Refused, Tested } from "../predict/prediction.ts"

type Accepting = Extract<Answer, { readonly ok: true }>
type Refusing = Extract<Answer, { readonly ok: false }>

const calledIn = ({ dialect, step }: PredictedCall): string => operationIn(dialect, step.op, step.on)

const judgeAcceptance = (
  asked: PredictedCall,
  { accept, refuse, changes, key, ifAccepted }: Prediction,
  answer: Accepting
): ReadonlyArray<Tested> => {
  if (accept !== undefined)
    return [
      ...(accept.law === undefined ? [] : [held(accept.law)]),
      ...(accept.check?.(answer.response, asked.names) ?? []),
      ...namedTold(asked, key === undefined ? undefined : asked.model.keys.get(key), answer.response)
    ]
  if (refuse?.law === undefined) return []
  const fault = broken(refuse.law, `${calledIn(asked)} was accepted; it should be refused.`)
  return [changes === true && ifAccepted === undefined ? { ...fault, apart: true } : fault]
}

const judgeCode = (asked: PredictedCall, { codes, codeLaw }: Refused, answer: Refusing): ReadonlyArray<Tested> => {
  if (codeLaw === undefined || answer.httpStatus >= 500) return []
  const known = codes.flatMap((code) => asked.dialect.codes[code])
  return known.includes(answer.code)
    ? [held(codeLaw)]
    : [broken(codeLaw, `${calledIn(asked)} was refused with ${answer.code}, not ${known.join(" or ")}.`)]
}

const judgeHealth = ({ httpStatus, code }: Refusing): Tested =>
  httpStatus < 500 ? held("KMS-LC-026") : broken("KMS-LC-026", `The service failed: ${httpStatus} ${code}.`)

/** Status 0 means that the answer did not come over HTTP. */
const judgeStatus = ({ dialect }: PredictedCall, { code, httpStatus }: Refusing): ReadonlyArray<Tested> => {
  const documented = dialect.statuses[code]
  if (documented === undefined || httpStatus === 0) return []
  return [
    test(
      "KMS-MET-010",
      httpStatus === documented,
      () => `${code} came with the status ${httpStatus}, not ${documented}.`
    )
  ]
}

const judgeRefusal = (
  asked: PredictedCall,
  { accept, refuse }: Prediction,
  answer: Refusing
): ReadonlyArray<Tested> => {
  const always = [judgeHealth(answer), ...judgeStatus(asked, answer)]
  if (refuse !== undefined)
    return [...(refuse.law === undefined ? [] : [held(refuse.law)]), ...always, ...judgeCode(asked, refuse, answer)]
  if (accept?.law === undefined) return always
  return [broken(accept.law, `${calledIn(asked)} was refused with ${answer.code}; it should be accepted.`), ...always]
}

/** The laws that an answer tests, each with its fault if the answer breaks it. */
export const judge = (asked: PredictedCall, prediction: Prediction, answer: Answer): ReadonlyArray<Tested> => [
  ...(answer.ok ? judgeAcceptance(asked, prediction, answer) : judgeRefusal(asked, prediction, answer)),
  ...leaksTold(asked, answer)
]

const refusalIn = ({ codes }: Refused, dialect: Dialect): string =>
  codes.length === 0 ? "refused" : codesIn(dialect, codes)

/** The answers that the model allows: `Success`, codes, or both. */
export const expectedOf = ({ accept, refuse }: Prediction, dialect: Dialect): string =>
  [...(accept === undefined ? [] : ["Success"]), ...(refuse === undefined ? [] : [refusalIn(refuse, dialect)])]
    .filter((text) => text !== "")
    .join(" or ")

/** Every code that the dialect has for the refusal, if the call must be refused with a certain code. */
export const rightCodes = (
  { accept, refuse }: Prediction,
  dialect: Dialect
): { readonly codes?: ReadonlyArray<string> } =>
  accept !== undefined || refuse === undefined || refuse.codes.length === 0
    ? {}
    : { codes: [...new Set(refuse.codes.flatMap((code) => dialect.codes[code]))] }
