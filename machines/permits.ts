/** The gate: whether an operation is legal on a key, and otherwise the refusal. */
import { cmkMachine, freeze, lifecycleOf, revive, step } from "./cmk.ts"
import type { CmkEvent, CmkSnapshot, Decision } from "./cmk.ts"
import { livingStates, requests } from "./vocabulary.ts"
import type { EventType, LifecycleState, RefusalCode, RequestType } from "./vocabulary.ts"

/** Why an operation is illegal in the present state of a key. */
export interface Refusal {
  readonly _tag: "Refusal"
  readonly code: RefusalCode
  readonly keyState: LifecycleState
  /** States in which the same operation on the same kind of key is legal. */
  readonly allowedStates: ReadonlyArray<LifecycleState>
  /** What would make the operation legal, in one sentence. */
  readonly hint: string
}

/** The groups of keys in the vendor's table. A rule for one kind is stricter than the rule for any kind. */
export type KeyKind = "symmetric" | "asymmetric" | "external"
/** The kind of the key in a snapshot: what decides which operations it has at all. */
export const kindOf = ({ context }: CmkSnapshot): KeyKind => {
  if (context.kind === "asymmetric") return "asymmetric"
  return context.origin === "EXTERNAL" ? "external" : "symmetric"
}

type Tag = "usable" | "editable" | "aliasable" | "importable" | "readable"
type KindRefusals = { readonly [kind in KeyKind]?: RefusalCode }

export interface Rule {
  /** The operation is legal in a state with this tag, or in a state that takes this event. */
  readonly needs: { readonly tag: Tag } | { readonly event: EventType }
  /**
   * The refusal of a wrong state: the code of that state, or StateModifiedFailed. The vendor's table differs by
   * operation.
   */
  readonly refusal: "byState" | "StateModifiedFailed"
  /** Kinds of key that never may perform the operation, and their refusal once the state is right. */
  readonly kinds?: KindRefusals
  /** Kinds of key that are refused before the state is checked. */
  readonly kindsFirst?: KindRefusals
  /** The usage an asymmetric key must have. */
  readonly usage?: { readonly of: "ENCRYPT/DECRYPT" | "SIGN/VERIFY"; readonly otherwise: RefusalCode }
  /** Users may request this operation on a service-managed key. */
  readonly onServiceKeys?: true
}

const read: Rule = { needs: { tag: "readable" }, refusal: "byState", onServiceKeys: true }
const symmetricUse: Rule = {
  needs: { tag: "usable" },
  refusal: "byState",
  kinds: { asymmetric: "UnsupportedOperation" }
}
const asymmetricUse = (of: "ENCRYPT/DECRYPT" | "SIGN/VERIFY", otherwise: RefusalCode): Rule => ({
  needs: { tag: "usable" },
  refusal: "byState",
  kinds: { symmetric: otherwise, external: otherwise },
  usage: { of, otherwise }
})
const ownOrigin: KindRefusals = { symmetric: "Unsupported.Origin", asymmetric: "Unsupported.Origin" }

/**
 * One line for each operation: the vendor's "impact of CMK status" table (doc 44211) and the additions of the user
 * guide.
 */
export const rules = {
  DescribeKey: read,
  DescribeKeyVersion: read,
  ListKeyVersions: read,
  ListAliasesByKeyId: read,
  ListResourceTags: read,
  ListTagResources: read,
  GetKeyPolicy: read,
  EnableKey: { needs: { event: "EnableKey" }, refusal: "StateModifiedFailed" },
  DisableKey: { needs: { event: "DisableKey" }, refusal: "StateModifiedFailed" },
  ScheduleKeyDeletion: { needs: { event: "ScheduleKeyDeletion" }, refusal: "StateModifiedFailed" },
  CancelKeyDeletion: { needs: { event: "CancelKeyDeletion" }, refusal: "StateModifiedFailed" },
  UpdateKeyDescription: { needs: { tag: "editable" }, refusal: "byState" },
  SetKeyPolicy: { needs: { tag: "editable" }, refusal: "byState" },
  SetDeletionProtection: { needs: { tag: "editable" }, refusal: "byState" },
  TagResource: { needs: { tag: "editable" }, refusal: "byState" },
  UntagResource: { needs: { tag: "editable" }, refusal: "byState" },
  TagResources: { needs: { tag: "editable" }, refusal: "byState" },
  UntagResources: { needs: { tag: "editable" }, refusal: "byState" },
  CreateAlias: { needs: { tag: "aliasable" }, refusal: "StateModifiedFailed" },
  UpdateAlias: { needs: { tag: "aliasable" }, refusal: "byState" },
  DeleteAlias: { needs: { event: "DeleteAlias" }, refusal: "byState" },
  Encrypt: symmetricUse,
  Decrypt: symmetricUse,
  GenerateDataKey: symmetricUse,
  GenerateDataKeyWithoutPlaintext: symmetricUse,
  ExportDataKey: symmetricUse,
  GenerateAndExportDataKey: symmetricUse,
  "ReEncrypt(source)": {
    needs: { tag: "usable" },
    refusal: "byState",
    usage: { of: "ENCRYPT/DECRYPT", otherwise: "Rejected.UnsupportedOperation" }
  },
  "ReEncrypt(destination)": symmetricUse,
  AsymmetricEncrypt: asymmetricUse("ENCRYPT/DECRYPT", "Rejected.UnsupportedOperation"),
  AsymmetricDecrypt: asymmetricUse("ENCRYPT/DECRYPT", "Rejected.UnsupportedOperation"),
  AsymmetricSign: asymmetricUse("SIGN/VERIFY", "UnsupportedOperation"),
  AsymmetricVerify: asymmetricUse("SIGN/VERIFY", "UnsupportedOperation"),
  GetPublicKey: {
    needs: { tag: "usable" },
    refusal: "byState",
    kinds: { symmetric: "UnsupportedOperation", external: "UnsupportedOperation" }
  },
  CreateKeyVersion: {
    needs: { tag: "usable" },
    refusal: "byState",
    kinds: { symmetric: "Rejected.UnsupportedOperation", external: "Rejected.UnsupportedOperation" }
  },
  UpdateRotationPolicy: {
    needs: { tag: "usable" },
    refusal: "byState",
    kinds: { asymmetric: "Rejected.UnsupportedOperation", external: "Rejected.UnsupportedOperation" }
  },
  GetParametersForImport: { needs: { tag: "readable" }, refusal: "StateModifiedFailed", kindsFirst: ownOrigin },
  ImportKeyMaterial: { needs: { tag: "importable" }, refusal: "StateModifiedFailed", kindsFirst: ownOrigin },
  DeleteKeyMaterial: { needs: { event: "DeleteKeyMaterial" }, refusal: "byState", kindsFirst: ownOrigin }
} as const satisfies Record<RequestType, Rule> & Record<string, Rule>

/** Operations on one key, by their API names. ReEncrypt checks the gate twice, once for each key. */
export type KeyOperation = keyof typeof rules

/** Whether the operation uses the key's material. */
export const isUse = (operation: KeyOperation): boolean => {
  const { needs } = rules[operation]
  return "tag" in needs && needs.tag === "usable"
}

const ruleOf = (operation: KeyOperation): Rule => rules[operation]

/** The code with which each state refuses a use. */
export const refusalByState = {
  PendingImport: "Rejected.PendingImport",
  Enabled: "Rejected.StateModifiedFailed",
  Disabled: "Rejected.Disabled",
  PendingDeletion: "Rejected.PendingDeletion",
  Deleted: "Forbidden.KeyNotFound"
} as const satisfies Record<LifecycleState, RefusalCode>

/** The hint that says how a key leaves a state that refuses. */
export const wayBack = {
  PendingImport: "Import the key's material first: GetParametersForImport, then ImportKeyMaterial.",
  Enabled: "The key is Enabled.",
  Disabled: "Call EnableKey first.",
  PendingDeletion: "Call CancelKeyDeletion first.",
  Deleted: "The key is deleted; create another."
} as const satisfies Record<LifecycleState, string>

const stateAllows = (rule: Rule, snapshot: CmkSnapshot): boolean =>
  "tag" in rule.needs ? snapshot.hasTag(rule.needs.tag) : takes(snapshot, rule.needs.event)

/** The events that each lifecycle state takes. Computed once, because XState gathers them anew on every call. */
const taken: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(cmkMachine.root.states["lifecycle"]?.states ?? {}).map(([state, node]) => [
    state,
    new Set(node.ownEvents)
  ])
)

/** Whether the current lifecycle state takes this event, guards aside. */
const takes = (snapshot: CmkSnapshot, event: EventType): boolean =>
  taken.get(lifecycleOf(snapshot))?.has(event) ?? false

const kindRefusal = (rule: Rule, snapshot: CmkSnapshot): RefusalCode | undefined => {
  if (rule.usage !== undefined && snapshot.context.kind === "asymmetric" && snapshot.context.usage !== rule.usage.of) {
    return rule.usage.otherwise
  }
  return rule.kinds?.[kindOf(snapshot)]
}

const kindHints = {
  symmetric: "This operation is not for symmetric keys created by the service.",
  asymmetric: "This operation is not for asymmetric keys, or not for an asymmetric key of this usage.",
  external: "This operation is not for keys with imported material."
} as const satisfies Record<KeyKind, string>

const refusal = (snapshot: CmkSnapshot, code: RefusalCode, hint: string, rule?: Rule): Refusal => ({
  _tag: "Refusal",
  code,
  keyState: lifecycleOf(snapshot),
  allowedStates: rule === undefined ? [] : statesAllowing(rule, snapshot),
  hint
})

const statesAllowing = (rule: Rule, snapshot: CmkSnapshot): ReadonlyArray<LifecycleState> =>
  kindRefusal(rule, snapshot) !== undefined
    ? []
    : livingStates.filter((state) => {
        if (state === "PendingImport" && snapshot.context.origin !== "EXTERNAL") return false
        return stateAllows(rule, inState(snapshot, state))
      })

const inState = (snapshot: CmkSnapshot, lifecycle: LifecycleState): CmkSnapshot => {
  const stored = freeze(snapshot)
  return revive({ ...stored, value: { ...stored.value, lifecycle } })
}

/**
 * The gate. Undefined means permitted; otherwise the exact refusal. The order follows the vendor's table: existence,
 * service key, origin for the import operations, state, then kind and usage.
 */
export const refusalOf = (operation: KeyOperation, snapshot: CmkSnapshot): Refusal | undefined => {
  const rule = ruleOf(operation)
  const state = lifecycleOf(snapshot)
  if (state === "Deleted") return refusal(snapshot, "Forbidden.KeyNotFound", wayBack.Deleted)
  if (snapshot.context.serviceKey && rule.onServiceKeys !== true) {
    return refusal(snapshot, "UnsupportedOperation", "A cloud service manages the key; users may only view it.")
  }
  const kind = kindOf(snapshot)
  const first = rule.kindsFirst?.[kind]
  if (first !== undefined) return refusal(snapshot, first, "Only keys created with Origin EXTERNAL accept material.")
  if (!stateAllows(rule, snapshot)) {
    const code = rule.refusal === "byState" ? refusalByState[state] : "Rejected.StateModifiedFailed"
    const never = kindRefusal(rule, snapshot)
    return refusal(snapshot, code, never === undefined ? hintFor(operation, state) : kindHints[kind], rule)
  }
  const never = kindRefusal(rule, snapshot)
  return never === undefined ? undefined : refusal(snapshot, never, kindHints[kind], rule)
}

/** Operations that one sentence explains in every state that refuses them. */
const ownHints: Readonly<Partial<Record<KeyOperation, string>>> = {
  CancelKeyDeletion: "Only a PendingDeletion key has a deletion to cancel.",
  ScheduleKeyDeletion: "The deletion is already scheduled; call CancelKeyDeletion first to choose another date."
}

const hintFor = (operation: KeyOperation, state: LifecycleState): string => ownHints[operation] ?? wayBack[state]

/** API, CreateKeyVersion: at most one version in 7 days, and 50 for each asymmetric key. */
export const versionSpacingMillis = 7 * 86_400_000
export const asymmetricVersionsMax = 50

/** Refusals that depend on the data of the event. They are checked after state and kind. */
const contentRefusal = (snapshot: CmkSnapshot, event: CmkEvent): Refusal | undefined => {
  const { context } = snapshot
  switch (event.type) {
    case "ScheduleKeyDeletion":
      return context.deletionProtection
        ? refusal(
            snapshot,
            "Rejected.StateModifiedFailed",
            "Deletion protection is on; switch it off first with SetDeletionProtection.",
            rules[event.type]
          )
        : undefined
    case "ImportKeyMaterial":
      return context.fingerprint !== null && context.fingerprint !== event.fingerprint
        ? refusal(
            snapshot,
            "InvalidKeyMaterial",
            "This key accepts only the same material that was first imported into it.",
            rules[event.type]
          )
        : undefined
    case "CreateKeyVersion":
      if (event.at - context.newestVersionAt < versionSpacingMillis) {
        return refusal(
          snapshot,
          "Rejected.UnsupportedOperation",
          "The newest version is less than 7 days old; a key gets at most one version in 7 days.",
          rules[event.type]
        )
      }
      return context.versionCount >= asymmetricVersionsMax
        ? refusal(snapshot, "Rejected.LimitExceeded", "An asymmetric key has at most 50 versions.", rules[event.type])
        : undefined
    default:
      return undefined
  }
}

const requested: ReadonlySet<EventType> = new Set(requests)
const isRequest = (type: EventType): type is RequestType => requested.has(type)

/** The outcome of an event. `Stale` is a fact whose deadline was moved, met or lifted. */
export type Verdict = Decision | Refusal | { readonly _tag: "Stale" }

/** The decision that the engine makes before anything changes. It is pure. */
export const decide = (snapshot: CmkSnapshot, event: CmkEvent): Verdict => {
  if (!isRequest(event.type)) return snapshot.can(event) ? step(snapshot, event) : { _tag: "Stale" }
  return refusalOf(event.type, snapshot) ?? contentRefusal(snapshot, event) ?? step(snapshot, event)
}
