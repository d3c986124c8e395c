/** Faults in what is permitted: the state of a key is ignored, or the wrong state follows. */
import { staysOpen, unguarded } from "../fault.ts"
import type { Fault } from "../fault.ts"

const machine = "machines/cmk.ts"
const permits = "machines/permits.ts"

/** Adds transitions to the state that waits for its deletion. */
const whilePending = (line: string) => ({
  file: machine,
  find: "    CancelKeyDeletion: [\n",
  replace: `    ${line},\n    CancelKeyDeletion: [\n`
})
const readableIs = (tags: string) => ({
  file: machine,
  find: '  tags: "readable",\n  on: {',
  replace: `  tags: ${tags},\n  on: {`
})
const needs = (operation: string, tag: string) => ({
  file: permits,
  find: `\n  ${operation}: symmetricUse,`,
  replace: `\n  ${operation}: { ...symmetricUse, needs: { tag: "${tag}" } },`
})

export const decisions: ReadonlyArray<Fault> = [
  {
    id: "every-page-is-the-first",
    does: "The number of a page is not looked at.",
    law: "KMS-LC-027",
    patches: [
      {
        file: "src/operation/keys/ListKeys.ts",
        find: "offset: offsetOf(request)",
        replace: "offset: 0 * offsetOf(request)"
      }
    ]
  },
  {
    id: "disabled-keys-not-listed",
    does: "ListKeys leaves out keys that are Disabled.",
    law: "KMS-LC-020",
    patches: [
      {
        file: "src/operation/keys/ListKeys.ts",
        find: "...(request.Filters === undefined ? {} : { filter: byId(request.Filters, call.realm) })",
        replace: 'filter: { state: ["Enabled", "PendingDeletion", "PendingImport"], ...request.Filters }'
      }
    ]
  },
  {
    id: "disabled-key-decrypts",
    does: "Decrypt does not ask for the state.",
    law: "KMS-LC-003",
    patches: [needs("Decrypt", "readable"), staysOpen]
  },
  {
    id: "disabled-key-encrypts",
    does: "Encrypt works on Disabled keys.",
    law: "KMS-LC-004",
    patches: [needs("Encrypt", "editable"), staysOpen]
  },
  {
    id: "disabled-key-makes-data-keys",
    does: "GenerateDataKeyWithoutPlaintext does not ask for the state.",
    law: "KMS-LC-005",
    patches: [needs("GenerateDataKeyWithoutPlaintext", "readable"), staysOpen]
  },
  {
    id: "re-encrypt-reads-disabled-source",
    does: "ReEncrypt asks for the state of the destination only.",
    law: "KMS-CTX-011",
    patches: [
      {
        file: permits,
        find: '"ReEncrypt(source)": {\n    needs: { tag: "usable" }',
        replace: '"ReEncrypt(source)": {\n    needs: { tag: "readable" }'
      },
      staysOpen
    ]
  },
  {
    id: "enable-from-any-state",
    does: "EnableKey brings back a key that waits for its deletion.",
    law: "KMS-LC-012",
    patches: [whilePending('EnableKey: { target: "Enabled", actions: disarmDeletion }')]
  },
  {
    id: "disable-while-pending-deletion",
    does: "DisableKey takes a key out of PendingDeletion.",
    law: "KMS-LC-012",
    patches: [whilePending('DisableKey: { target: "Disabled", actions: disarmDeletion }')]
  },
  {
    id: "cancel-enables-without-material",
    does: "A cancelled deletion makes a key Enabled whose material is gone.",
    law: "KMS-DEL-007",
    patches: [
      {
        file: machine,
        find: '{ guard: "hasMaterial", target: "Enabled", actions: disarmDeletion }',
        replace: '{ target: "Enabled", actions: disarmDeletion }'
      },
      unguarded
    ]
  },
  {
    id: "cancel-leaves-disabled",
    does: "A cancelled deletion leaves the key Disabled, as another vendor has it.",
    law: "KMS-DEL-007",
    patches: [
      {
        file: machine,
        find: '{ guard: "hasMaterial", target: "Enabled", actions: disarmDeletion }',
        replace: '{ guard: "hasMaterial", target: "Disabled", actions: disarmDeletion }'
      }
    ]
  },
  {
    id: "deletion-scheduled-twice",
    does: "A second ScheduleKeyDeletion moves the date.",
    law: "KMS-DEL-009",
    patches: [whilePending('ScheduleKeyDeletion: { guard: "mayBeDeleted", actions: armDeletion }')]
  },
  {
    id: "protection-is-decoration",
    does: "Deletion protection is shown and protects nothing.",
    law: "KMS-DEL-014",
    patches: [
      { file: machine, find: "!context.deletionProtection && event.type", replace: "event.type" },
      {
        file: permits,
        find: "return context.deletionProtection\n",
        replace: "return context.deletionProtection && false\n"
      }
    ]
  },
  {
    id: "description-changes-while-pending-deletion",
    does: "UpdateKeyDescription works on a key that waits for its deletion.",
    law: "KMS-DEL-015",
    patches: [
      readableIs('["readable", "editable"]'),
      whilePending("UpdateKeyDescription: noted, TagResource: noted, UntagResource: noted")
    ]
  },
  {
    id: "window-of-one-day",
    does: "Waiting periods below the documented minimum are accepted.",
    law: "KMS-DEL-002",
    patches: [
      {
        file: "src/domain/limits.ts",
        find: "pendingWindowInDays = { minimum: 7",
        replace: "pendingWindowInDays = { minimum: 1"
      }
    ]
  },
  {
    id: "window-without-end",
    does: "Waiting periods above the documented maximum are accepted.",
    law: "KMS-DEL-002",
    patches: [
      {
        file: "src/domain/limits.ts",
        find: "minimum: 7, maximum: 30, default: 30, settableMaximum: 366 }",
        replace: "minimum: 7, maximum: 3000, default: 30, settableMaximum: 3000 }"
      }
    ]
  },
  {
    id: "default-window-of-seven-days",
    does: "Without a period the key waits 7 days instead of 30.",
    law: "KMS-DEL-020",
    patches: [
      {
        file: "src/domain/limits.ts",
        find: "minimum: 7, maximum: 30, default: 30, settableMaximum",
        replace: "minimum: 7, maximum: 30, default: 7, settableMaximum"
      }
    ]
  },
  {
    id: "state-not-told",
    does: "A Disabled key refuses with a code that does not name its state.",
    law: "KMS-LC-018",
    patches: [
      { file: permits, find: 'Disabled: "Rejected.Disabled"', replace: 'Disabled: "Rejected.StateModifiedFailed"' }
    ]
  },
  {
    id: "service-keys-are-anyones",
    does: "Users may use and change the keys of cloud services.",
    law: "KMS-SVC-001",
    patches: [
      {
        file: permits,
        find: "if (snapshot.context.serviceKey && rule",
        replace: "if (snapshot.context.serviceKey && snapshot.context.epoch < 0 && rule"
      }
    ]
  },
  {
    id: "disable-does-nothing",
    does: "DisableKey answers success and the key stays Enabled.",
    law: "KMS-LC-010",
    patches: [
      {
        file: machine,
        find: 'tags: ["usable", "editable", "aliasable", "importable", "readable"],\n  on: {\n    EnableKey: { target: "Enabled", actions: touch },\n    DisableKey: { target: "Disabled", actions: touch }',
        replace:
          'tags: ["usable", "editable", "aliasable", "importable", "readable"],\n  on: {\n    EnableKey: { target: "Enabled", actions: touch },\n    DisableKey: { target: "Enabled", actions: touch }'
      }
    ]
  },
  {
    id: "old-description-shown",
    does: "UpdateKeyDescription answers success and changes nothing.",
    law: "KMS-LC-025",
    patches: [
      {
        file: "src/operation/keys/UpdateKeyDescription.ts",
        find: "description: request.Description",
        replace: "description: metadata.description"
      }
    ]
  },
  {
    id: "deleted-keys-are-described",
    does: "A key that is gone can still be described.",
    law: "KMS-DEL-010",
    patches: [
      {
        file: permits,
        find: 'if (state === "Deleted") return',
        replace: 'if (state === "Deleted" && operation !== "DescribeKey") return'
      },
      {
        file: permits,
        find: "if (!stateAllows(rule, snapshot)) {",
        replace: 'if (state !== "Deleted" && !stateAllows(rule, snapshot)) {'
      }
    ]
  }
]
