/** The lifecycle of a customer master key as a machine of two regions, lifecycle and rotation, with API names. */
import { and, assertEvent, initialTransition, not, setup, stateIn } from "xstate"
import type { SnapshotFrom } from "xstate"
import { fastTransition } from "./fastTransition.ts"
import { commandTags, lifecycleStates, rotationStates } from "./vocabulary.ts"
import type {
  CommandTag,
  EventType,
  LifecycleState,
  LivingState,
  PlainRequest,
  RotationState,
  Same
} from "./vocabulary.ts"

/** The properties of a key that are fixed when it is created. */
export interface CmkIdentity {
  readonly origin: "Aliyun_KMS" | "EXTERNAL"
  readonly kind: "symmetric" | "asymmetric"
  readonly spec: string
  readonly usage: "ENCRYPT/DECRYPT" | "SIGN/VERIFY"
  readonly protection: "SOFTWARE" | "HSM"
  /** A cloud service created the key for itself. Users may only view it (user guide, 2). */
  readonly serviceKey: boolean
}

/** The time of a deadline, and the epoch in which it was set. A fact from another epoch is stale. */
export interface Deadline {
  readonly dueAt: number
  readonly epoch: number
}

/** What a key's machine remembers between events. */
export interface CmkContext extends CmkIdentity {
  /** The number of accepted events. Every accepted event starts a new epoch. */
  readonly epoch: number
  readonly materialPresent: boolean
  /** Keyed digest of the first imported material. It survives deletion: a key accepts only the same material again. */
  readonly fingerprint: string | null
  readonly deletionProtection: boolean
  readonly versionCount: number
  readonly newestVersionId: string
  /** LastRotationDate: when the newest version was created. */
  readonly newestVersionAt: number
  /** The version that Encrypt uses. Asymmetric keys have none. */
  readonly primaryVersionId: string | null
  /** The rotation interval; null while the rotation policy is off. */
  readonly rotationIntervalMillis: number | null
  readonly nextRotation: Deadline | null
  readonly materialExpiry: Deadline | null
  readonly deletion: Deadline | null
}

/** What a new key starts with. */
export interface CmkInput extends CmkIdentity {
  readonly newestVersionId: string
  readonly newestVersionAt: number
  readonly rotationIntervalMillis: number | null
}

interface Fact {
  readonly at: number
  /** The time of the deadline that this fact answers. */
  readonly dueAt: number
  readonly epoch: number
}

/** The data of each event. `at` is in milliseconds. */
export type CmkEvent =
  | { readonly type: PlainRequest; readonly at: number }
  | { readonly type: "ScheduleKeyDeletion"; readonly at: number; readonly dueAt: number }
  | {
      readonly type: "ImportKeyMaterial"
      readonly at: number
      readonly fingerprint: string
      readonly expiresAt: number | null
    }
  | { readonly type: "SetDeletionProtection"; readonly at: number; readonly enabled: boolean }
  | { readonly type: "UpdateRotationPolicy"; readonly at: number; readonly intervalMillis: number | null }
  | { readonly type: "CreateKeyVersion"; readonly at: number; readonly versionId: string }
  | ({ readonly type: "RotationDue"; readonly versionId: string } & Fact)
  /** The primary version has reached its limit of sealed messages. `versionId` names the version that replaces it. */
  | {
      readonly type: "VersionExhausted"
      readonly at: number
      readonly exhaustedVersionId: string
      readonly versionId: string
    }
  | ({ readonly type: "MaterialExpired" } & Fact)
  | ({ readonly type: "DeletionDue" } & Fact)

/** The commands that a decision gives to the engine. `planCommands` and `perform` in src say when each is performed. */
export type CmkCommand =
  /** Create the material of a version. The engine creates it before the commit and stores its row with the decision. */
  | { readonly _tag: "GenerateVersion"; readonly versionId: string; readonly at: number }
  /**
   * Remove the material of all versions. The commit clears the rows. The engine then destroys all other copies, and
   * repeats this after a crash until it succeeds.
   */
  | { readonly _tag: "EraseMaterial" }
  /** Remove all aliases of the key, in the commit. */
  | { readonly _tag: "DropAliases" }

export type CommandOf<Tag extends CommandTag> = Extract<CmkCommand, { readonly _tag: Tag }>

const cmk = setup({
  types: {} as {
    context: CmkContext
    events: CmkEvent
    input: CmkInput
    tags: "usable" | "editable" | "aliasable" | "importable" | "readable"
  },
  guards: {
    isExternal: ({ context }) => context.origin === "EXTERNAL",
    hasMaterial: ({ context }) => context.materialPresent,
    isAsymmetric: ({ context }) => context.kind === "asymmetric",
    /** User guide 8.2, limits: asymmetric, external and service-managed keys do not rotate. */
    cannotRotate: ({ context }) => context.kind === "asymmetric" || context.origin === "EXTERNAL" || context.serviceKey,
    policyIsOn: ({ context }) => context.rotationIntervalMillis !== null,
    turnsPolicyOn: ({ event }) => event.type === "UpdateRotationPolicy" && event.intervalMillis !== null,
    isSameMaterial: ({ context, event }) =>
      event.type === "ImportKeyMaterial" &&
      (context.fingerprint ?? event.fingerprint) === event.fingerprint &&
      (event.expiresAt === null || event.expiresAt > event.at),
    mayBeDeleted: ({ context, event }) =>
      !context.deletionProtection && event.type === "ScheduleKeyDeletion" && event.dueAt > event.at,
    deletionIsDue: ({ context, event }) => event.type === "DeletionDue" && answers(context.deletion, event),
    expiryIsDue: ({ context, event }) => event.type === "MaterialExpired" && answers(context.materialExpiry, event),
    rotationIsDue: ({ context, event }) => event.type === "RotationDue" && answers(context.nextRotation, event),
    isPrimary: ({ context, event }) =>
      event.type === "VersionExhausted" && event.exhaustedVersionId === context.primaryVersionId,
    isEnabled: stateIn({ lifecycle: "Enabled" })
  },
  actions: {
    command: (_nothing, _command: CmkCommand) => {}
  }
})

/** Whether a fact answers this deadline. It must name exactly this deadline, and must not be early. */
const answers = (armed: Deadline | null, fact: Fact): boolean =>
  armed !== null && armed.dueAt === fact.dueAt && armed.epoch === fact.epoch && fact.at >= fact.dueAt

const touch = cmk.assign({ epoch: ({ context }) => context.epoch + 1 })

const armDeletion = cmk.assign({
  epoch: ({ context }) => context.epoch + 1,
  deletion: ({ context, event }) => {
    assertEvent(event, "ScheduleKeyDeletion")
    return { dueAt: event.dueAt, epoch: context.epoch + 1 }
  }
})
const disarmDeletion = cmk.assign({ epoch: ({ context }) => context.epoch + 1, deletion: null })

const takeMaterial = cmk.assign({
  epoch: ({ context }) => context.epoch + 1,
  materialPresent: true,
  fingerprint: ({ event }) => {
    assertEvent(event, "ImportKeyMaterial")
    return event.fingerprint
  },
  primaryVersionId: ({ context }) => context.newestVersionId,
  materialExpiry: ({ context, event }) => {
    assertEvent(event, "ImportKeyMaterial")
    return event.expiresAt === null ? null : { dueAt: event.expiresAt, epoch: context.epoch + 1 }
  }
})
const forgetMaterial = cmk.assign({
  epoch: ({ context }) => context.epoch + 1,
  materialPresent: false,
  materialExpiry: null
})
const erase = { type: "command", params: { _tag: "EraseMaterial" } } as const
const dropAliases = { type: "command", params: { _tag: "DropAliases" } } as const

const endLife = cmk.assign({
  epoch: ({ context }) => context.epoch + 1,
  materialPresent: false,
  materialExpiry: null,
  deletion: null,
  nextRotation: null,
  rotationIntervalMillis: null
})

const protect = cmk.assign({
  epoch: ({ context }) => context.epoch + 1,
  deletionProtection: ({ event }) => {
    assertEvent(event, "SetDeletionProtection")
    return event.enabled
  }
})

const setPolicy = cmk.assign({
  epoch: ({ context }) => context.epoch + 1,
  rotationIntervalMillis: ({ event }) => {
    assertEvent(event, "UpdateRotationPolicy")
    return event.intervalMillis
  },
  nextRotation: ({ context, event }) => {
    assertEvent(event, "UpdateRotationPolicy")
    return event.intervalMillis === null
      ? null
      : { dueAt: context.newestVersionAt + event.intervalMillis, epoch: context.epoch + 1 }
  }
})

const addVersion = cmk.assign({
  epoch: ({ context }) => context.epoch + 1,
  versionCount: ({ context }) => context.versionCount + 1,
  newestVersionId: ({ event }) => {
    assertEvent(event, ["CreateKeyVersion", "RotationDue", "VersionExhausted"])
    return event.versionId
  },
  newestVersionAt: ({ event }) => event.at
})
const makePrimary = cmk.assign({
  primaryVersionId: ({ context }) => context.newestVersionId,
  nextRotation: ({ context }) =>
    context.rotationIntervalMillis === null
      ? null
      : { dueAt: context.newestVersionAt + context.rotationIntervalMillis, epoch: context.epoch }
})
const generate = {
  type: "command",
  params: ({ event }: { readonly event: CmkEvent }): CmkCommand => {
    assertEvent(event, ["CreateKeyVersion", "RotationDue", "VersionExhausted"])
    return { _tag: "GenerateVersion", versionId: event.versionId, at: event.at }
  }
} as const

/**
 * An accepted event that changes no state: description, key policy, tags and aliases are stored outside the machine.
 */
const noted = { actions: touch } as const

/** Changes that every key accepts, except a key in PendingDeletion. */
const edits = {
  SetDeletionProtection: { actions: protect },
  UpdateKeyDescription: noted,
  SetKeyPolicy: noted,
  TagResource: noted,
  UntagResource: noted,
  CreateAlias: noted,
  UpdateAlias: noted,
  DeleteAlias: noted
} as const

type Born = CmkInput | undefined

/** User guide 8.2, limits: a key that cannot rotate has no policy, even if the request has one. */
const policyOf = (born: Born): number | null =>
  born === undefined || born.kind === "asymmetric" || born.origin === "EXTERNAL" || born.serviceKey
    ? null
    : born.rotationIntervalMillis

const firstRotation = (born: Born): Deadline | null => {
  const interval = policyOf(born)
  return born === undefined || interval === null ? null : { dueAt: born.newestVersionAt + interval, epoch: 1 }
}

/** The key leaves this state in the step that creates it. */
const Creating = cmk.createStateConfig({
  always: [{ guard: "isExternal", target: "PendingImport" }, { target: "Enabled" }]
})

const PendingImport = cmk.createStateConfig({
  description: "An external key without material. It cannot be used until the material is imported.",
  tags: ["editable", "aliasable", "importable", "readable"],
  on: {
    ImportKeyMaterial: { guard: and(["isExternal", "isSameMaterial"]), target: "Enabled", actions: takeMaterial },
    DeleteKeyMaterial: { target: "PendingImport", actions: touch },
    ScheduleKeyDeletion: { guard: "mayBeDeleted", target: "PendingDeletion", actions: armDeletion },
    ...edits
  }
})

const Enabled = cmk.createStateConfig({
  description: "The only state in which the key may be used.",
  tags: ["usable", "editable", "aliasable", "importable", "readable"],
  on: {
    EnableKey: { target: "Enabled", actions: touch },
    DisableKey: { target: "Disabled", actions: touch },
    ScheduleKeyDeletion: { guard: "mayBeDeleted", target: "PendingDeletion", actions: armDeletion },
    ImportKeyMaterial: { guard: and(["isExternal", "isSameMaterial"]), actions: takeMaterial },
    DeleteKeyMaterial: { guard: "isExternal", target: "PendingImport", actions: [forgetMaterial, erase] },
    MaterialExpired: { guard: "expiryIsDue", target: "PendingImport", actions: [forgetMaterial, erase] },
    CreateKeyVersion: { guard: "isAsymmetric", actions: [addVersion, generate] },
    ...edits
  }
})

const Disabled = cmk.createStateConfig({
  description: "The key keeps its material and refuses every use until it is enabled again.",
  tags: ["editable", "aliasable", "importable", "readable"],
  on: {
    EnableKey: { target: "Enabled", actions: touch },
    DisableKey: { target: "Disabled", actions: touch },
    ScheduleKeyDeletion: { guard: "mayBeDeleted", target: "PendingDeletion", actions: armDeletion },
    ImportKeyMaterial: { guard: and(["isExternal", "isSameMaterial"]), actions: takeMaterial },
    DeleteKeyMaterial: { guard: "isExternal", target: "PendingImport", actions: [forgetMaterial, erase] },
    MaterialExpired: { guard: "expiryIsDue", target: "PendingImport", actions: [forgetMaterial, erase] },
    ...edits
  }
})

const PendingDeletion = cmk.createStateConfig({
  description: "The key waits for its deletion date. Only CancelKeyDeletion leads back; the deadline deletes the key.",
  tags: "readable",
  on: {
    CancelKeyDeletion: [
      { guard: "hasMaterial", target: "Enabled", actions: disarmDeletion },
      { target: "PendingImport", actions: disarmDeletion }
    ],
    DeleteKeyMaterial: { guard: "isExternal", actions: [forgetMaterial, erase] },
    MaterialExpired: { guard: "expiryIsDue", actions: [forgetMaterial, erase] },
    DeletionDue: { guard: "deletionIsDue", target: "Deleted", actions: [endLife, erase, dropAliases] },
    DeleteAlias: noted
  }
})

const Deleted = cmk.createStateConfig({
  description: "The key is deleted: no material, no aliases, and its id is never used again.",
  type: "final"
})

const lifecycleConfigs = { Creating, PendingImport, Enabled, Disabled, PendingDeletion, Deleted }

const rotationConfigs = {
  /** The key leaves this state in the step that creates it. */
  Choosing: cmk.createStateConfig({
    always: [
      { guard: "cannotRotate", target: "Unsupported" },
      { guard: "policyIsOn", target: "Enabled" },
      { target: "Disabled" }
    ]
  }),
  Unsupported: cmk.createStateConfig({
    description: "Asymmetric, external and service-managed keys do not rotate."
  }),
  Disabled: cmk.createStateConfig({
    description: "No rotation policy.",
    on: {
      UpdateRotationPolicy: [
        { guard: and(["isEnabled", "turnsPolicyOn"]), target: "Enabled", actions: setPolicy },
        { guard: "isEnabled", target: "Disabled", actions: setPolicy }
      ]
    }
  }),
  Enabled: cmk.createStateConfig({
    description:
      "A new primary version is created when the interval has passed, or when the current one has sealed all messages it may.",
    always: { guard: not("isEnabled"), target: "Suspended" },
    on: {
      UpdateRotationPolicy: [
        { guard: "turnsPolicyOn", target: "Enabled", actions: setPolicy },
        { target: "Disabled", actions: setPolicy }
      ],
      RotationDue: { guard: "rotationIsDue", actions: [addVersion, makePrimary, generate] },
      VersionExhausted: { guard: "isPrimary", actions: [addVersion, makePrimary, generate] }
    }
  }),
  Suspended: cmk.createStateConfig({
    description: "The policy is on but the key is not Enabled. Rotation resumes when the key is Enabled.",
    always: { guard: "isEnabled", target: "Enabled" }
  })
}

/** The machine of a key, as an XState 5 machine: its lifecycle and its rotation side by side. */
export const cmkMachine = cmk.createMachine({
  id: "cmk",
  // Must not fail and must be cheap: the engine's pure transition calls this without input on every step.
  context: ({ input }) => ({
    ...input,
    epoch: 1,
    materialPresent: input?.origin === "Aliyun_KMS",
    fingerprint: null,
    deletionProtection: false,
    versionCount: 1,
    primaryVersionId: input?.kind === "symmetric" && input.origin === "Aliyun_KMS" ? input.newestVersionId : null,
    rotationIntervalMillis: policyOf(input),
    nextRotation: firstRotation(input),
    materialExpiry: null,
    deletion: null
  }),
  type: "parallel",
  states: {
    lifecycle: { initial: "Creating", states: lifecycleConfigs },
    rotation: { initial: "Choosing", states: rotationConfigs }
  }
})

/** The state of one key's machine, with its context. */
export type CmkSnapshot = SnapshotFrom<typeof cmkMachine>

/** The result of an accepted event: the next configuration of the key, and the commands to perform. */
export interface Decision {
  readonly _tag: "Decision"
  readonly next: CmkSnapshot
  readonly commands: ReadonlyArray<CmkCommand>
}

const knownCommands: ReadonlySet<string> = new Set(commandTags)

const isCommand = (params: unknown): params is CmkCommand =>
  typeof params === "object" &&
  params !== null &&
  "_tag" in params &&
  typeof params._tag === "string" &&
  knownCommands.has(params._tag)

const commandOf = (action: { readonly type: string; readonly params: unknown }): CmkCommand => {
  if (action.type === "command" && isCommand(action.params)) return action.params
  throw new Error(`cmk may only emit commands, emitted ${action.type}`)
}

/** The first configuration of a new key. */
export const create = (input: CmkInput): Decision => {
  const [next, actions] = initialTransition(cmkMachine, input)
  return { _tag: "Decision", next, commands: actions.map((action) => commandOf(action)) }
}

const transitionFast = fastTransition(cmkMachine, {
  origin: "Aliyun_KMS",
  kind: "symmetric",
  spec: "",
  usage: "ENCRYPT/DECRYPT",
  protection: "SOFTWARE",
  serviceKey: false,
  newestVersionId: "",
  newestVersionAt: 0,
  rotationIntervalMillis: null
})

/**
 * One step of the pure machine. Call `decide` in permits.ts first: this function asserts that the step is legal. An
 * event that the machine takes starts a new epoch; any other leaves the epoch unchanged.
 */
export const step = (current: CmkSnapshot, event: CmkEvent): Decision => {
  const commands: Array<CmkCommand> = []
  const next = transitionFast(current, event, (action) => {
    commands.push(commandOf(action))
  })
  if (next.context.epoch !== current.context.epoch + 1) {
    throw new Error(`cmk cannot take ${event.type} in ${JSON.stringify(current.value)}`)
  }
  return { _tag: "Decision", next, commands }
}

/** The stored part of a configuration: all that is needed to restore it. */
export interface StoredSnapshot {
  readonly value: { readonly lifecycle: LifecycleState; readonly rotation: RotationState }
  readonly context: CmkContext
}

/** The state of the key's lifecycle in a snapshot. */
export const lifecycleOf = (snapshot: CmkSnapshot): LifecycleState => {
  const found = lifecycleStates.find((state) => state === snapshot.value.lifecycle)
  if (found === undefined) throw new Error(`a key cannot rest in ${JSON.stringify(snapshot.value)}`)
  return found
}

/** The state of the key's rotation in a snapshot. */
export const rotationOf = (snapshot: CmkSnapshot): RotationState => {
  const found = rotationStates.find((state) => state === snapshot.value.rotation)
  if (found === undefined) throw new Error(`a key cannot rest in ${JSON.stringify(snapshot.value)}`)
  return found
}

/** Converts a snapshot to the form that a store keeps. */
export const freeze = (snapshot: CmkSnapshot): StoredSnapshot => ({
  value: { lifecycle: lifecycleOf(snapshot), rotation: rotationOf(snapshot) },
  context: snapshot.context
})

/** Converts a stored snapshot back; the opposite of `freeze`. */
export const revive = (stored: StoredSnapshot): CmkSnapshot =>
  cmkMachine.resolveState({ value: { ...stored.value }, context: stored.context })

// If a list of vocabulary.ts and the machine differ, one of these lines does not compile and names the difference.
type EventsOf<State> = State extends { readonly on: infer On } ? keyof On & string : never
type Configured =
  | (typeof lifecycleConfigs)[keyof typeof lifecycleConfigs]
  | (typeof rotationConfigs)[keyof typeof rotationConfigs]
type FinalOf<States> = {
  [Name in keyof States]: States[Name] extends { readonly type: "final" } ? Name : never
}[keyof States]

true satisfies Same<LifecycleState, Exclude<keyof typeof lifecycleConfigs, "Creating">>
true satisfies Same<Exclude<LifecycleState, LivingState>, FinalOf<typeof lifecycleConfigs>>
true satisfies Same<RotationState, Exclude<keyof typeof rotationConfigs, "Choosing">>
true satisfies Same<EventType, EventsOf<Configured>>
true satisfies Same<EventType, CmkEvent["type"]>
true satisfies Same<CommandTag, CmkCommand["_tag"]>
