/** The lists of states, events, commands and refusal codes. Types, stored forms, filters and pages derive from them. */
// The end of cmk.ts compares the lists with the machine: a name that is in only one of them does not compile.

/** Lifecycle states in which a key exists for its callers. Lists show states in this order. */
export const livingStates = ["Enabled", "Disabled", "PendingDeletion", "PendingImport"] as const
/** The name of a state of the lifecycle of a key that exists. */
export type LivingState = (typeof livingStates)[number]

/** Every state the lifecycle region can rest in. */
export const lifecycleStates = [...livingStates, "Deleted"] as const
/** The name of a state of the lifecycle. */
export type LifecycleState = (typeof lifecycleStates)[number]

/** Every state the rotation region can rest in. */
export const rotationStates = ["Unsupported", "Disabled", "Enabled", "Suspended"] as const
/** The name of a state of the rotation. */
export type RotationState = (typeof rotationStates)[number]

/** Requests without data for the machine. */
export const plainRequests = [
  "EnableKey",
  "DisableKey",
  "CancelKeyDeletion",
  "DeleteKeyMaterial",
  "UpdateKeyDescription",
  "SetKeyPolicy",
  "TagResource",
  "UntagResource",
  "CreateAlias",
  "UpdateAlias",
  "DeleteAlias"
] as const
export type PlainRequest = (typeof plainRequests)[number]

/** Events that a caller requests. Each has the name of its operation and a rule in permits.ts. */
export const requests = [
  ...plainRequests,
  "ScheduleKeyDeletion",
  "ImportKeyMaterial",
  "SetDeletionProtection",
  "UpdateRotationPolicy",
  "CreateKeyVersion"
] as const
/** The name of an event that a caller causes. */
export type RequestType = (typeof requests)[number]

/** Events of deadlines. */
export const deadlineKinds = ["DeletionDue", "MaterialExpired", "RotationDue"] as const
/** The name of a deadline. */
export type DeadlineKind = (typeof deadlineKinds)[number]

/** Events that report a fact. They have no rule: a key that cannot take one ignores it. */
export const facts = [...deadlineKinds, "VersionExhausted"] as const
/** The name of an event that time or use causes. */
export type FactType = (typeof facts)[number]

/** Every event of the machine, first the requests and then the facts. */
export const eventTypes = [...requests, ...facts] as const
/** The name of any event: a request or a fact. */
export type EventType = (typeof eventTypes)[number]

/** The commands that a decision can give to the engine. */
export const commandTags = ["GenerateVersion", "EraseMaterial", "DropAliases"] as const
/** The name of a command, by which the machine requests a side effect. */
export type CommandTag = (typeof commandTags)[number]

/** Codes with which the machine refuses a request. */
export const refusalCodes = [
  "Forbidden.KeyNotFound",
  "Rejected.Disabled",
  "Rejected.PendingDeletion",
  "Rejected.PendingImport",
  "Rejected.StateModifiedFailed",
  "Unsupported.Origin",
  "UnsupportedOperation",
  "Rejected.UnsupportedOperation",
  "InvalidKeyMaterial",
  "Rejected.LimitExceeded"
] as const
/** A code with which the machine refuses an operation. */
export type RefusalCode = (typeof refusalCodes)[number]

/** `true` if two unions have the same members; otherwise a type that names the members that only one has. */
export type Same<Listed extends string, Used extends string> = [Exclude<Listed, Used>, Exclude<Used, Listed>] extends [
  never,
  never
]
  ? true
  : { readonly listedOnly: Exclude<Listed, Used>; readonly usedOnly: Exclude<Used, Listed> }
