/** May this operation be carried out on this key, and if not, which refusal does it get? */
import { cmkMachine, freeze, lifecycleOf, revive, step } from "./cmk.ts"
import type { CmkEvent, CmkSnapshot, Decision } from "./cmk.ts"
import { livingStates, requests } from "./vocabulary.ts"
import type { EventType, LifecycleState, RefusalCode, RequestType } from "./vocabulary.ts"

export interface Refusal {
  readonly _tag: "Refusal"
  readonly code: RefusalCode
  readonly keyState: LifecycleState
  /** States in which the same operation on the same kind of key is legal. */
  readonly allowedStates: ReadonlyArray<LifecycleState>
  /** What would make it legal, in one sentence. */
  readonly hint: string
}

/** How the vendor's table groups keys; a rule for a kind is stricter than the rule for any. */
export type KeyKind = "symmetric" | "asymmetric" | "external"
export const kindOf = ({ context }: CmkSnapshot): KeyKind => {
  if (context.kind === "asymmetric") return "asymmetric"
  return context.origin === "EXTERNAL" ? "external" : "symmetric"
}

type Tag = "usable" | "editable" | "aliasable" | "importable" | "readable"
type KindRefusals = { readonly [kind in KeyKind]?: RefusalCode }

export interface Rule {
  /** Legal where the state carries this tag, or where the machine takes this event. */
  readonly needs: { readonly tag: Tag } | { readonly event: EventType }
  /** What a wrong state answers: its own name, or that the change failed. The vendor's wording differs by operation. */
  readonly refusal: "byState" | "StateModifiedFailed"
  /** Kinds of key that never may, and what they are told once the state is right. */
  readonly kinds?: KindRefusals
  /** Kinds of key that are refused before the state is looked at. */
  readonly kindsFirst?: KindRefusals
  /** The usage an asymmetric key must have. */
  readonly usage?: { readonly of: "ENCRYPT/DECRYPT" | "SIGN/VERIFY"; readonly otherwise: RefusalCode }
  /** What a service-managed key may still be asked for by a user. */
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

/** One line an operation: the vendor's "impact of CMK status" table (doc 44211) and what the guide's prose adds. */
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

/** Operations on one key, as the API names them; ReEncrypt asks twice, once for each end. */
export type KeyOperation = keyof typeof rules

/** Whether the operation uses the key's material. */
export const isUse = (operation: KeyOperation): boolean => {
  const { needs } = rules[operation]
  return "tag" in needs && needs.tag === "usable"
}

const ruleOf = (operation: KeyOperation): Rule => rules[operation]

/** What a use answers in a state that refuses it. */
export const refusalByState = {
  PendingImport: "Rejected.PendingImport",
  Enabled: "Rejected.StateModifiedFailed",
  Disabled: "Rejected.Disabled",
  PendingDeletion: "Rejected.PendingDeletion",
  Deleted: "Forbidden.KeyNotFound"
} as const satisfies Record<LifecycleState, RefusalCode>

/** How a key comes out of a state that refuses. */
export const wayBack = {
  PendingImport: "Import the key's material first: GetParametersForImport, then ImportKeyMaterial.",
  Enabled: "The key is Enabled.",
  Disabled: "Call EnableKey first.",
  PendingDeletion: "Call CancelKeyDeletion first.",
  Deleted: "The key is gone for good; create another."
} as const satisfies Record<LifecycleState, string>

const stateAllows = (rule: Rule, snapshot: CmkSnapshot): boolean =>
  "tag" in rule.needs ? snapshot.hasTag(rule.needs.tag) : takes(snapshot, rule.needs.event)

/** The events each state of the lifecycle takes. Read off the machine once: XState gathers them anew when asked. */
const taken: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(cmkMachine.root.states["lifecycle"]?.states ?? {}).map(([state, node]) => [
    state,
    new Set(node.ownEvents)
  ])
)

/** Whether the lifecycle region takes this event at all where it rests, guards aside. */
const takes = (snapshot: CmkSnapshot, event: EventType): boolean =>
  taken.get(lifecycleOf(snapshot))?.has(event) ?? false

const kindRefusal = (rule: Rule, snapshot: CmkSnapshot): RefusalCode | undefined => {
  if (rule.usage !== undefined && snapshot.context.kind === "asymmetric" && snapshot.context.usage !== rule.usage.of) {
    return rule.usage.otherwise
  }
  return rule.kinds?.[kindOf(snapshot)]
}

const kindHints = {
  symmetric: "This operation is not for symmetric keys made by the service.",
  asymmetric: "This operation is not for asymmetric keys, or not for one of this usage.",
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
 * The gate. Undefined means permitted; otherwise the exact refusal. Order, as the vendor's table implies: existence,
 * service key, origin for the import family, state, then kind and usage.
 */
export const refusalOf = (operation: KeyOperation, snapshot: CmkSnapshot): Refusal | undefined => {
  const rule = ruleOf(operation)
  const state = lifecycleOf(snapshot)
  if (state === "Deleted") return refusal(snapshot, "Forbidden.KeyNotFound", wayBack.Deleted)
  if (snapshot.context.serviceKey && rule.onServiceKeys !== true) {
    return refusal(snapshot, "UnsupportedOperation", "The key is managed by a cloud service; users may only view it.")
  }
  const kind = kindOf(snapshot)
  const first = rule.kindsFirst?.[kind]
  if (first !== undefined) return refusal(snapshot, first, "Only keys created with Origin EXTERNAL take material.")
  if (!stateAllows(rule, snapshot)) {
    const code = rule.refusal === "byState" ? refusalByState[state] : "Rejected.StateModifiedFailed"
    const never = kindRefusal(rule, snapshot)
    return refusal(snapshot, code, never === undefined ? hintFor(operation, state) : kindHints[kind], rule)
  }
  const never = kindRefusal(rule, snapshot)
  return never === undefined ? undefined : refusal(snapshot, never, kindHints[kind], rule)
}

const hintFor = (operation: KeyOperation, state: LifecycleState): string => {
  if (operation === "CancelKeyDeletion") return "Only a key that is PendingDeletion has a deletion to cancel."
  return operation === "ScheduleKeyDeletion" && state === "PendingDeletion"
    ? "The deletion is scheduled already; call CancelKeyDeletion first to choose another date."
    : wayBack[state]
}

/** API, CreateKeyVersion: at most one version in 7 days, and 50 for each asymmetric key. */
export const versionSpacingMillis = 7 * 86_400_000
export const asymmetricVersionsMax = 50

/** Refusals that depend on what the event carries, once state and kind are right. */
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
            "Only the material first imported into this key may come back.",
            rules[event.type]
          )
        : undefined
    case "CreateKeyVersion":
      if (event.at - context.newestVersionAt < versionSpacingMillis) {
        return refusal(
          snapshot,
          "Rejected.UnsupportedOperation",
          "A version may be added 7 days after the newest one at the earliest.",
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

/** What becomes of an event. `Stale` is a fact from the past: its deadline was moved, met or lifted. */
export type Verdict = Decision | Refusal | { readonly _tag: "Stale" }

/** The one question the engine asks before anything changes. Pure; nothing is changed by asking. */
export const decide = (snapshot: CmkSnapshot, event: CmkEvent): Verdict => {
  if (!isRequest(event.type)) return snapshot.can(event) ? step(snapshot, event) : { _tag: "Stale" }
  return refusalOf(event.type, snapshot) ?? contentRefusal(snapshot, event) ?? step(snapshot, event)
}
