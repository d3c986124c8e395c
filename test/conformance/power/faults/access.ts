/** Faults of policies: Deny, conditions, rights that change, access keys that are switched off. */
import { seeded } from "../fault.ts"

const evaluation = "src/authorization/evaluate.ts"

export const access = [
  seeded("deny-ignored", "A Deny is passed over.", "KMS-AC-006", {
    file: evaluation,
    find: 'if (each.effect === "Deny") return { effect: "Deny", by }',
    replace: 'if (each.effect === "Deny") continue'
  }),
  seeded("allow-before-deny", "An Allow that comes first decides.", "KMS-AC-006", {
    file: evaluation,
    find: "      allowedBy = by\n",
    replace: '      return { effect: "Allow", by }\n'
  }),
  seeded("conditions-ignored", "The conditions of a policy are not looked at.", "KMS-AC-010", {
    file: evaluation,
    find: "conditions.every((condition) => condition.holds(attributes))",
    replace: "conditions.every((condition) => condition.holds(attributes) || conditions.length > 0)"
  }),
  seeded("inactive-access-keys-sign", "An access key that is switched off signs calls.", "KMS-AC-009", {
    file: "src/wire/authenticate.ts",
    find: "if (!credential.active) return",
    replace: "if (!credential.active && claims.accessKeyId.length === 0) return"
  })
]
