/** The invariants of every configuration that a key can reach. Tests check them, and so does every commit. */
import { lifecycleOf, rotationOf } from "./cmk.ts"
import type { CmkSnapshot } from "./cmk.ts"
import { deadlines } from "./deadlines.ts"

/** A statement about snapshots that is always true. */
export interface Invariant {
  readonly id: string
  readonly sentence: string
  readonly holds: (snapshot: CmkSnapshot) => boolean
}

const lifecycle = lifecycleOf
const rotation = rotationOf

/** Every invariant of the machine of a key. */
export const invariants: ReadonlyArray<Invariant> = [
  {
    id: "usable-has-material",
    sentence: "A key that may be used has its material.",
    holds: (s) => !s.hasTag("usable") || s.context.materialPresent
  },
  {
    id: "pending-import-is-external-and-empty",
    sentence: "Only an external key without material is PendingImport.",
    holds: (s) => lifecycle(s) !== "PendingImport" || (s.context.origin === "EXTERNAL" && !s.context.materialPresent)
  },
  {
    id: "deleted-holds-nothing",
    sentence: "A deleted key has no material, no deadline and no work left.",
    holds: (s) => lifecycle(s) !== "Deleted" || (!s.context.materialPresent && deadlines(s).length === 0)
  },
  {
    id: "deletion-deadline-iff-pending",
    sentence: "A key has a deletion date exactly while it is PendingDeletion.",
    holds: (s) => (lifecycle(s) === "PendingDeletion") === (s.context.deletion !== null)
  },
  {
    id: "own-material-stays",
    sentence: "A key created by the service keeps its material until it is deleted.",
    holds: (s) => s.context.origin === "EXTERNAL" || s.context.materialPresent || lifecycle(s) === "Deleted"
  },
  {
    id: "expiry-needs-material",
    sentence: "Only imported material can expire, and only while the key has it.",
    holds: (s) => s.context.materialExpiry === null || (s.context.materialPresent && s.context.origin === "EXTERNAL")
  },
  {
    id: "primary-iff-symmetric",
    sentence: "A usable symmetric key has one primary version, an asymmetric key none.",
    holds: (s) =>
      s.context.kind === "asymmetric"
        ? s.context.primaryVersionId === null
        : !s.hasTag("usable") || s.context.primaryVersionId !== null
  },
  {
    id: "suspended-iff-not-enabled",
    sentence: "Rotation is Suspended exactly while its policy is on and the key is not Enabled.",
    holds: (s) =>
      rotation(s) === "Unsupported" ||
      lifecycle(s) === "Deleted" ||
      (rotation(s) === "Suspended") === (s.context.rotationIntervalMillis !== null && lifecycle(s) !== "Enabled")
  },
  {
    id: "rotation-armed-iff-policy",
    sentence: "The next rotation date is known exactly while the policy is on.",
    holds: (s) => (s.context.rotationIntervalMillis === null) === (s.context.nextRotation === null)
  },
  {
    id: "unsupported-never-rotates",
    sentence: "A key whose rotation is Unsupported has no policy.",
    holds: (s) => rotation(s) !== "Unsupported" || s.context.rotationIntervalMillis === null
  },
  {
    id: "material-has-fingerprint",
    sentence: "A key keeps the fingerprint of its imported material forever.",
    holds: (s) => s.context.origin !== "EXTERNAL" || !s.context.materialPresent || s.context.fingerprint !== null
  },
  {
    id: "a-key-has-a-version",
    sentence: "A key has at least one version, and an external key exactly one.",
    holds: (s) => (s.context.origin === "EXTERNAL" ? s.context.versionCount === 1 : s.context.versionCount >= 1)
  }
]

/** Ids of the invariants that a configuration breaks. The list is empty for every reachable configuration. */
export const broken = (snapshot: CmkSnapshot): ReadonlyArray<string> =>
  invariants.filter((invariant) => !invariant.holds(snapshot)).map((invariant) => invariant.id)
