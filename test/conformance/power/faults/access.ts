/** Faults of policies: Deny, conditions, rights that change, access keys that are switched off. */
import { seeded } from "../fault.ts"

const evaluation = "src/authorization/evaluate.ts"
const underWay = "src/requests/callUnderWay.ts"
const rulings = "src/authorization/keyPolicy.ts"

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
  }),
  seeded("alias-permission-not-asked-at-birth", "CreateAlias asks for no permission on the alias.", "KMS-AC-011", {
    file: "src/operation/aliases/CreateAlias.ts",
    find: '    yield* call.authorize("kms:CreateAlias", AliasName)\n',
    replace: ""
  }),
  seeded("alias-permission-not-asked-at-a-move", "UpdateAlias asks for no permission on the alias.", "KMS-AC-011", {
    file: "src/operation/aliases/UpdateAlias.ts",
    find: '        yield* call.authorize("kms:UpdateAlias", AliasName)\n',
    replace: ""
  }),
  seeded(
    "old-key-not-asked-at-a-move",
    "UpdateAlias asks for no permission on the key that the alias leaves.",
    "KMS-AC-011",
    {
      file: "src/operation/aliases/UpdateAlias.ts",
      find: 'yield* call.keyById(from, "kms:UpdateAlias")',
      replace: "yield* call.services.directory.find(call.realm, from)"
    }
  ),
  seeded("alias-permission-not-asked-at-the-end", "DeleteAlias asks for no permission on the alias.", "KMS-AC-011", {
    file: "src/operation/aliases/DeleteAlias.ts",
    find: '        yield* call.authorize("kms:DeleteAlias", AliasName)\n',
    replace: ""
  }),
  seeded("key-not-asked-when-an-alias-is-deleted", "DeleteAlias asks for no permission on the key.", "KMS-AC-011", {
    file: "src/operation/aliases/DeleteAlias.ts",
    find: 'call.keyById(from, "kms:DeleteAlias")',
    replace: "call.services.directory.find(call.realm, from)"
  }),
  ...(["kms:Encrypt", "kms:"] as const).map((prefix) =>
    seeded(
      prefix === "kms:" ? "alias-permission-opens-its-key" : "alias-permission-encrypts",
      `A permission on an alias allows ${prefix}… on its key.`,
      "KMS-AC-012",
      {
        file: "src/requests/callUnderWay.ts",
        find: "(keyId) => this.#keyBoundTo(keyId, action))",
        replace: `(keyId) => Effect.matchEffect(this.authorize(action, reference.aliasName), { onSuccess: () => keyId === undefined || !action.startsWith("${prefix}") ? this.#keyBoundTo(keyId, action) : this.services.directory.find(this.realm, keyId), onFailure: () => this.#keyBoundTo(keyId, action) }))`
      }
    )
  ),
  seeded("aliases-are-open-to-users", "A key that is named by an alias asks for no permission.", "KMS-AC-012", {
    file: "src/requests/callUnderWay.ts",
    find: "(keyId) => this.#keyBoundTo(keyId, action))",
    replace:
      "(keyId) => keyId === undefined ? this.#keyBoundTo(keyId, action) : this.services.directory.find(this.realm, keyId))"
  }),
  seeded("key-policies-stored-not-read", "A key policy is stored and never read.", "KMS-AC-014", {
    file: "src/authorization/access.ts",
    find: "key?.policy === undefined ? ofCaller",
    replace: "key?.policy !== undefined || key === undefined ? ofCaller"
  }),
  seeded("key-policies-allow-nothing", "An Allow of a key policy permits nothing.", "KMS-AC-013", {
    file: rulings,
    find: 'return ofKey.effect === "Allow" ? ofKey : ofCaller',
    replace: "return ofCaller"
  }),
  seeded("key-policies-allow-everybody", "An Allow of a key policy permits every user.", "KMS-AC-013", {
    file: rulings,
    find: "names(principal, who) &&",
    replace: '(names(principal, who) || "name" in principal) &&'
  }),
  seeded("key-policies-allow-by-prefix", "An Allow of a key policy needs an Allow of RAM too.", "KMS-AC-013", {
    file: rulings,
    find: 'return ofKey.effect === "Allow" ? ofKey : ofCaller',
    replace: 'return ofKey.effect === "Allow" && ofCaller.effect === "Allow" ? ofKey : ofCaller'
  }),
  seeded("key-policy-allow-beats-deny", "An Allow of a key policy decides against a Deny of RAM.", "KMS-AC-006", {
    file: rulings,
    find: '  if (ofCaller.effect === "Deny" ||',
    replace: '  if (ofKey.effect === "Allow") return ofKey\n  if (ofCaller.effect === "Deny" ||'
  }),
  seeded("ram-allow-beats-key-policy", "An Allow of RAM decides against a Deny of the key policy.", "KMS-AC-014", {
    file: rulings,
    find: '  if (ofCaller.effect === "Deny" ||',
    replace: '  if (ofCaller.effect === "Allow") return ofCaller\n  if (ofCaller.effect === "Deny" ||'
  }),
  seeded("key-policies-deny-nothing", "A Deny of a key policy is passed over.", "KMS-AC-014", {
    file: rulings,
    find: '(effect === "Deny" || "name" in principal)',
    replace: '(effect !== "Deny" && "name" in principal)'
  }),
  seeded("key-policies-deny-uses-only", "A Deny of a key policy holds for uses, and not for changes.", "KMS-AC-014", {
    file: "src/authorization/access.ts",
    find: "key?.policy === undefined ? ofCaller",
    replace: 'key?.policy === undefined || action === "kms:DisableKey" ? ofCaller'
  }),
  seeded("first-key-policy-stays", "The first policy of a key stays in force.", "KMS-AC-015", {
    file: "src/plan/metadataEdit.ts",
    find: "return { ...metadata, policy: edit.policy }",
    replace: "return metadata.policy === undefined ? { ...metadata, policy: edit.policy } : metadata"
  }),
  seeded("key-policies-add-up", "A new key policy is added to the old one.", "KMS-AC-015", {
    file: "src/plan/metadataEdit.ts",
    find: "return { ...metadata, policy: edit.policy }",
    replace:
      'return { ...metadata, policy: JSON.stringify({ Version: "1", Statement: [...(metadata.policy === undefined ? [] : JSON.parse(metadata.policy).Statement), ...JSON.parse(edit.policy).Statement] }) }'
  }),
  seeded("key-policies-read-once", "The policy of a key is read once for all time.", "KMS-AC-015", {
    file: rulings,
    find: "  const policyOf = (metadata: KeyMetadata)",
    replace:
      "  const first = new Map<number, ResourcePolicy>()\n  const policyOf = (metadata: KeyMetadata): ResourcePolicy | undefined => {\n    const made = Math.floor(metadata.createdAt)\n    const seen = first.get(made) ?? policyNow(metadata)\n    if (seen !== undefined) first.set(made, seen)\n    return seen\n  }\n  const policyNow = (metadata: KeyMetadata)"
  }),
  seeded("key-policy-needs-enabled", "The policy of a Disabled key cannot be set.", "KMS-AC-016", {
    file: "machines/permits.ts",
    find: 'SetKeyPolicy: { needs: { tag: "editable" }, refusal: "byState" }',
    replace: 'SetKeyPolicy: { needs: { tag: "usable" }, refusal: "byState" }'
  }),
  seeded(
    "key-policy-set-on-the-way-out",
    "SetKeyPolicy of a key that waits for its deletion answers success.",
    "KMS-AC-016",
    {
      file: "src/operation/accessControl/SetKeyPolicy.ts",
      find: '    change(call, key, (at) => ({ type: "SetKeyPolicy", at }), {',
      replace: '    Effect.catchTag(change(call, key, (at) => ({ type: "SetKeyPolicy", at }), {'
    },
    {
      file: "src/operation/accessControl/SetKeyPolicy.ts",
      find: '      edit: { type: "SetPolicy", policy: Policy }\n    })\n',
      replace:
        '      edit: { type: "SetPolicy", policy: Policy }\n    }), "Rejected.PendingDeletion", () => Effect.succeed({}))\n'
    },
    {
      file: "src/operation/accessControl/SetKeyPolicy.ts",
      find: 'import { change } from "../changes.ts"',
      replace: 'import { Effect } from "effect"\nimport { change } from "../changes.ts"'
    }
  ),
  ...(
    [
      ["rulings-kept-for-a-moment", "What policies decided holds for a second.", "true"],
      [
        "allows-kept-for-a-moment",
        "What policies allowed stays allowed for a second.",
        'known.ruling.effect === "Allow"'
      ],
      [
        "denials-kept-for-a-moment",
        "What policies did not allow stays refused for a second.",
        'known.ruling.effect !== "Allow"'
      ]
    ] as const
  ).map(([id, does, isKept]) =>
    seeded(
      id,
      does,
      "KMS-CON-004",
      {
        file: underWay,
        find: "const ruling = this.#access.rule({ caller, action, resource, circumstances, key: key?.metadata(), requestTags })",
        replace:
          "const ruling = keptRuling(JSON.stringify([callerArn(caller), action, resource]), () => this.#access.rule({ caller, action, resource, circumstances, key: key?.metadata(), requestTags }))"
      },
      {
        file: underWay,
        find: "export class CallUnderWay implements ServerCall {",
        replace: `const kept = new Map<string, { readonly ruling: ReturnType<Access["Service"]["rule"]>; readonly until: number }>()
const keptRuling = (name: string, now: () => ReturnType<Access["Service"]["rule"]>) => {
  const known = kept.get(name)
  if (known !== undefined && known.until > performance.now() && ${isKept}) return known.ruling
  const ruling = now()
  kept.set(name, { ruling, until: performance.now() + 1000 })
  return ruling
}
export class CallUnderWay implements ServerCall {`
      }
    )
  ),
  seeded(
    "access-keys-go-off-late",
    "An access key signs for a second after it was switched off.",
    "KMS-CON-004",
    {
      file: "src/wire/authenticate.ts",
      find: "if (!credential.active) return",
      replace:
        "if (credential.active) lastOn.set(claims.accessKeyId, performance.now())\n  if (!credential.active && performance.now() - (lastOn.get(claims.accessKeyId) ?? -1000) > 1000) return"
    },
    {
      file: "src/wire/authenticate.ts",
      find: "const signer =",
      replace: "const lastOn = new Map<string, number>()\nconst signer ="
    }
  )
]
