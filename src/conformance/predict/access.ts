/** What the model expects when a user of the account asks, and not its root. */
import type { LawId } from "../lawbook/laws.ts"
import type { Names } from "../steps/names.ts"
import type { Step } from "../steps/step.ts"
import type { Asked, Prediction } from "./prediction.ts"

type User = NonNullable<Step["as"]>

/** What is remembered of a user who was permitted or denied an operation on a key. */
const memoryOf = ({ name }: User, what: "permitted" | "denied", op: Step["op"], key: string): string =>
  `${name} was ${what} ${op} on ${key}`

const remember = (names: Names, memory: string): void => names.bind(memory, memory)

const has = (operations: ReadonlyArray<string> | undefined, op: Step["op"]): boolean =>
  operations?.some((operation) => operation === op) === true

/** The law by which a call of a user is denied; undefined if it is permitted. */
const lawOfDenial = (user: User, op: Step["op"], isOfKey: boolean): LawId | undefined => {
  const { permits, denies, condition, isOff } = user
  if (isOff === true) return "KMS-AC-009"
  if (permits.length === 0) return "KMS-AC-001"
  if (has(permits, op) && isOfKey) {
    if (has(denies, op)) return "KMS-AC-006"
    return condition === "unmet" ? "KMS-AC-010" : undefined
  }
  return has(permits, op) ? "KMS-AC-004" : "KMS-AC-005"
}

/** The law of a call that is permitted now. */
const lawOfPermission = (user: User, wasDenied: boolean): LawId => {
  if (user.condition === "met") return "KMS-AC-010"
  return wasDenied ? "KMS-AC-008" : "KMS-AC-003"
}

/** Who may not is refused before the key's state is looked at; no page says whether the user learns that it is not there. */
export const asPrincipal = ({ step, names }: Asked, prediction: Prediction): Prediction => {
  const { as, op } = step
  if (as === undefined) return prediction
  const about = prediction.key ?? ""
  const denial = lawOfDenial(as, op, as.key === "*" || as.key === about)
  const [permitted, denied] = [memoryOf(as, "permitted", op, about), memoryOf(as, "denied", op, about)]
  if (denial === undefined) {
    const wasDenied = names.of(denied) !== undefined
    remember(names, permitted)
    const { accept } = prediction
    return accept === undefined || prediction.refuse !== undefined
      ? prediction
      : { ...prediction, accept: { ...accept, law: lawOfPermission(as, wasDenied) } }
  }
  const wasPermitted = names.of(permitted) !== undefined
  remember(names, denied)
  // What was permitted before was taken away.
  const law = wasPermitted && (denial === "KMS-AC-001" || denial === "KMS-AC-005") ? "KMS-AC-007" : denial
  return {
    denied: true,
    ...(prediction.accept === undefined ? {} : { ifAccepted: prediction.accept }),
    ...(prediction.key === undefined ? {} : { key: prediction.key }),
    ...(prediction.changes === undefined ? {} : { changes: prediction.changes }),
    refuse:
      as.isOff === true
        ? { law, codes: [] }
        : { law, codes: ["Forbidden.NoPermission", "Forbidden.KeyNotFound"], codeLaw: law }
  }
}
