/** Faults of time: deadlines that fire early, late, never, or after a cancellation. */
import { unguarded } from "../fault.ts"
import type { Fault } from "../fault.ts"

const machine = "machines/cmk.ts"
const owed = "machines/deadlines.ts"

export const time: ReadonlyArray<Fault> = [
  {
    id: "hours-read-as-minutes",
    does: "A rotation interval in hours is read as if it were minutes.",
    law: "KMS-ROT-012",
    patches: [{ file: "src/operation/versions/rotationInterval.ts", find: "h: 3600,", replace: "h: 60," }]
  },
  {
    id: "creation-date-is-the-last-rotation",
    does: "DescribeKey tells the date of the newest version as that of the key.",
    law: "KMS-MET-001",
    patches: [
      {
        file: "src/operation/keys/keyMetadata.ts",
        find: "CreationDate: formatInstant(createdAt)",
        replace: "CreationDate: formatInstant(Math.max(createdAt, context.newestVersionAt))"
      }
    ]
  },
  {
    id: "far-moves-skip-deadlines",
    does: "Moving the clock far performs the first deadline on the way, and the others later.",
    law: "KMS-ROT-001",
    patches: [
      {
        file: "src/timers/timers.ts",
        find: "if (yield* fireDue(loop, clock.now())) looksLeft = looksMax",
        replace:
          "if (target - clock.now() > 40 * 86_400_000) {\n      yield* fireDue(loop, clock.now())\n      break\n    }\n    if (yield* fireDue(loop, clock.now())) looksLeft = looksMax"
      }
    ]
  },
  {
    id: "deletion-a-day-early",
    does: "The waiting period is counted one day short.",
    law: "KMS-DEL-016",
    patches: [
      {
        file: "src/operation/keys/ScheduleKeyDeletion.ts",
        find: "request.PendingWindowInDays * dayMillis",
        replace: "(request.PendingWindowInDays - 1) * dayMillis"
      }
    ]
  },
  {
    id: "deletion-never-carried-out",
    does: "A date is stored and never compared with a clock.",
    law: "KMS-DEL-010",
    patches: [
      {
        file: owed,
        find: 'if (value.lifecycle === "PendingDeletion" && deletion !== null)',
        replace: "if (deletion?.epoch === -1)"
      }
    ]
  },
  {
    id: "deletion-fires-after-cancel",
    does: "A cancelled deletion is still performed.",
    law: "KMS-DEL-017",
    patches: [
      {
        file: machine,
        find: "const disarmDeletion = cmk.assign({ epoch: ({ context }) => context.epoch + 1, deletion: null })",
        replace: "const disarmDeletion = touch"
      },
      {
        file: owed,
        find: 'value.lifecycle === "PendingDeletion" && deletion !== null',
        replace: "deletion !== null"
      },
      {
        file: machine,
        find: '    CreateKeyVersion: { guard: "isAsymmetric"',
        replace:
          '    DeletionDue: { guard: "deletionIsDue", target: "Deleted", actions: [endLife, erase, dropAliases] },\n    CreateKeyVersion: { guard: "isAsymmetric"'
      },
      unguarded
    ]
  },
  {
    id: "material-never-expires",
    does: "The expiry of imported material is shown and never comes.",
    law: "KMS-IMP-013",
    patches: [{ file: owed, find: "if (materialExpiry !== null)", replace: "if (materialExpiry?.epoch === -1)" }]
  },
  {
    id: "rotation-moves-the-date-only",
    does: "Rotation is due, the next date is computed, and no version is made.",
    law: "KMS-ROT-001",
    patches: [
      {
        file: machine,
        find: 'RotationDue: { guard: "rotationIsDue", actions: [addVersion, makePrimary, generate] }',
        replace: 'RotationDue: { guard: "rotationIsDue", actions: skipVersion }'
      },
      {
        file: machine,
        find: "const makePrimary = cmk.assign({",
        replace:
          "const skipVersion = cmk.assign({\n  epoch: ({ context }) => context.epoch + 1,\n  newestVersionAt: ({ event }) => event.at,\n  nextRotation: ({ context, event }) =>\n    context.rotationIntervalMillis === null\n      ? null\n      : { dueAt: event.at + context.rotationIntervalMillis, epoch: context.epoch + 1 }\n})\nconst makePrimary = cmk.assign({"
      }
    ]
  },
  {
    id: "rotation-never-happens",
    does: "A rotation policy is stored and nothing rotates.",
    law: "KMS-ROT-001",
    patches: [
      {
        file: owed,
        find: 'if (value.rotation === "Enabled" && nextRotation !== null)',
        replace: "if (nextRotation?.epoch === -1)"
      }
    ]
  },
  {
    id: "rotates-while-disabled",
    does: "Rotation goes on while the key is not Enabled.",
    law: "KMS-ROT-004",
    patches: [
      { file: machine, find: '    always: { guard: not("isEnabled"), target: "Suspended" },\n', replace: "" },
      {
        file: machine,
        find: "import { and, assertEvent, initialTransition, not, setup",
        replace: "import { and, assertEvent, initialTransition, setup"
      },
      unguarded
    ]
  },
  {
    id: "disable-forgets-the-policy",
    does: "A key that was disabled and enabled rotates no more.",
    law: "KMS-ROT-011",
    patches: [
      {
        file: machine,
        find: 'always: { guard: "isEnabled", target: "Enabled" }',
        replace: 'always: { guard: "isEnabled", target: "Disabled" }'
      },
      unguarded
    ]
  },
  {
    id: "rotation-counted-from-the-policy",
    does: "The next rotation is counted from the change of the policy, not from the last rotation.",
    law: "KMS-MET-005",
    patches: [
      {
        file: machine,
        find: ": { dueAt: context.newestVersionAt + event.intervalMillis,",
        replace: ": { dueAt: event.at + event.intervalMillis,"
      }
    ]
  },
  {
    id: "tokens-live-for-ever",
    does: "An import token works after its 24 hours.",
    law: "KMS-IMP-010",
    patches: [
      { file: "machines/importSession.ts", find: "event.at >= context.expiresAt", replace: "event.at < 0" },
      {
        file: "src/actor/importDesk.ts",
        find: "if (services.clock.now() >= token.expiresAt)",
        replace: "if (token.expiresAt < 0)"
      },
      { file: "src/actor/importDesk.ts", find: "const until = clock.irreversibleUntil()", replace: "const until = 0" }
    ]
  },
  {
    id: "interval-unit-ignored",
    does: "A rotation interval in days is read as if it were hours.",
    law: "KMS-ROT-010",
    patches: [
      {
        file: "src/operation/versions/rotationInterval.ts",
        find: "? seconds * 1000\n",
        replace: "? seconds * 1000 / 24\n"
      }
    ]
  }
]
