/** What the model expects if the caller is a user of the account, not its root. */
import type { KeyStatement } from "../adapters/adapter.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { Model, ModelKey, User } from "../model/model.ts"
import type { Names } from "../steps/names.ts"
import type { Step } from "../steps/step.ts"
import type { PredictedCall, Prediction } from "./prediction.ts"

/** A user who was permitted or denied an operation on a key, for later calls. */
const memoryOf = ({ name }: User, what: "permitted" | "denied", op: Step["op"], key: string): string =>
  `${name} was ${what} ${op} on ${key}`

const remember = (names: Names, memory: string): void => names.bind(memory, memory)

const has = (operations: ReadonlyArray<string> | undefined, op: Step["op"]): boolean =>
  operations?.some((operation) => operation === op) === true

/** One call of one user, with what policies consider. */
interface Wanted {
  readonly user: User
  readonly op: Step["op"]
  /** Whether the user's rights concern everything that the call touches. */
  readonly isCovered: boolean
  readonly isOfAlias: boolean
  readonly key: ModelKey | undefined
  /** Policies of other keys. */
  readonly others: ReadonlyArray<ReadonlyArray<KeyStatement>>
}

const ofAliases: ReadonlySet<Step["op"]> = new Set(["CreateAlias", "UpdateAlias", "DeleteAlias"])

/** The keys on which a call needs a permission. */
const keysOf = (model: Model, step: Step, about: string): ReadonlyArray<string> => {
  const other = step.op === "UpdateAlias" ? model.aliases.get(step.alias ?? "") : step.to
  return other === undefined ? [about] : [about, other]
}

export const wantedIn = (model: Model, step: Step, user: User, about: string): Wanted => {
  const isOfAlias = ofAliases.has(step.op)
  const isEverything = user.key === "*"
  const isOfKeys = keysOf(model, step, about).every((label) => label === user.key)
  return {
    user,
    op: step.op,
    isCovered: isEverything || (isOfKeys && (!isOfAlias || user.alias === step.alias)),
    isOfAlias,
    key: model.keys.get(about),
    others: [...model.keys.values()].flatMap(({ label, policies }) =>
      label === about || policies?.[0] === undefined ? [] : [policies[0]]
    )
  }
}

const says = (
  policy: ReadonlyArray<KeyStatement> | undefined,
  effect: KeyStatement["effect"],
  { user, op }: Wanted
): boolean =>
  policy?.some((each) => each.effect === effect && each.user === user.name && has(each.operations, op)) === true

/** Whether a key policy that has been replaced contained the statement. */
const saidBefore = ({ key }: Wanted): ReadonlyArray<ReadonlyArray<KeyStatement>> => key?.policies?.slice(1) ?? []

/** Whether an Allow exists for another user, or in the policy of another key. */
const hasOtherAllow = (wanted: Wanted): boolean =>
  wanted.others.some((policy) => says(policy, "Allow", wanted)) ||
  wanted.key?.policies?.[0]?.some(({ effect, operations }) => effect === "Allow" && has(operations, wanted.op)) === true

const lawOfDeny = ({ denyCondition }: User): LawId => (denyCondition === undefined ? "KMS-AC-006" : "KMS-AC-017")

/** The law by which the user's own policies deny; undefined if they permit. */
const deniedByOwn = ({ user, op, isCovered, isOfAlias }: Wanted): LawId | undefined => {
  const { permits, denies, condition, key, alias } = user
  if (permits.length === 0) return "KMS-AC-001"
  if (has(permits, op) && isCovered) return condition === "unmet" ? "KMS-AC-010" : undefined
  if (has(denies, op) && isCovered) return lawOfDeny(user)
  if (!has(permits, op)) return "KMS-AC-005"
  if (isOfAlias) return "KMS-AC-011"
  return key === undefined && alias !== undefined ? "KMS-AC-012" : "KMS-AC-004"
}

/** The law by which a call of a user is denied; undefined if it is permitted. */
export const lawOfDenial = (wanted: Wanted): LawId | undefined => {
  const { user, op, isCovered, key } = wanted
  const [policy] = key?.policies ?? []
  if (user.isOff === true) return "KMS-AC-009"
  if (says(policy, "Deny", wanted)) return "KMS-AC-014"
  if (has(user.denies, op) && isCovered && user.denyCondition !== "unmet") return lawOfDeny(user)
  if (says(policy, "Allow", wanted)) return undefined
  const denial = deniedByOwn(wanted)
  if (denial === undefined) return undefined
  if (saidBefore(wanted).some((old) => says(old, "Allow", wanted))) return "KMS-AC-015"
  return hasOtherAllow(wanted) ? "KMS-AC-013" : denial
}

/** The law of a call that is permitted now. */
const lawOfPermission = (wanted: Wanted, wasDenied: boolean): LawId => {
  const { user, op, isOfAlias } = wanted
  if (deniedByOwn(wanted) !== undefined) return "KMS-AC-013"
  if (saidBefore(wanted).some((old) => says(old, "Deny", wanted))) return "KMS-AC-015"
  if (user.condition === "met") return "KMS-AC-010"
  if (has(user.denies, op)) return lawOfDeny(user)
  if (isOfAlias) return "KMS-AC-011"
  return wasDenied ? "KMS-AC-008" : "KMS-AC-003"
}

const denied = ({ isOff }: User, law: LawId, prediction: Prediction): Prediction => ({
  denied: true,
  ...(prediction.accept === undefined ? {} : { ifAccepted: prediction.accept }),
  ...(prediction.key === undefined ? {} : { key: prediction.key }),
  ...(prediction.changes === undefined ? {} : { changes: prediction.changes }),
  refuse:
    isOff === true
      ? { law, codes: [] }
      : {
          law,
          // What does not exist may be refused as such.
          codes: [
            "Forbidden.NoPermission",
            "Forbidden.KeyNotFound",
            ...(prediction.key === undefined ? (prediction.refuse?.codes ?? []) : [])
          ],
          codeLaw: law
        }
})

/** The calling user, with the rights in force. Undefined if none were granted. */
export const userOf = ({ users }: Model, { as }: Step): User | undefined =>
  as?.asItIs === true ? users.get(as.name) : as

/**
 * Permissions are checked before the key's state. The documentation does not say whether a caller without permission
 * learns that a key does not exist.
 */
export const asPrincipal = ({ step, names, model }: PredictedCall, prediction: Prediction, user: User): Prediction => {
  const about = prediction.key ?? ""
  const wanted = wantedIn(model, step, user, about)
  const denial = lawOfDenial(wanted)
  const memories = [memoryOf(user, "permitted", step.op, about), memoryOf(user, "denied", step.op, about)] as const
  if (denial === undefined) {
    const wasDenied = names.of(memories[1]) !== undefined
    remember(names, memories[0])
    const { accept } = prediction
    return accept === undefined || prediction.refuse !== undefined
      ? prediction
      : { ...prediction, accept: { ...accept, law: lawOfPermission(wanted, wasDenied) } }
  }
  const wasPermitted = names.of(memories[0]) !== undefined
  remember(names, memories[1])
  // The permission existed before and was revoked.
  const law = wasPermitted && (denial === "KMS-AC-001" || denial === "KMS-AC-005") ? "KMS-AC-007" : denial
  return denied(user, law, prediction)
}
