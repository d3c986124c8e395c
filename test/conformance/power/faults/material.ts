/** Faults of versions and of imported material. */
import { unguarded } from "../fault.ts"
import type { Fault } from "../fault.ts"

const machine = "machines/cmk.ts"
const permits = "machines/permits.ts"
const symmetric = "src/operation/cryptography/symmetric.ts"
const rows = "src/store/memory/sortedTable.ts"

export const versions: ReadonlyArray<Fault> = [
  {
    id: "one-material-for-all-versions",
    does: "After a rotation older ciphertext no longer opens.",
    law: "KMS-ROT-002",
    patches: [{ file: symmetric, find: ".use(operation, keyVersionId, (", replace: '.use(operation, "primary", (' }]
  },
  {
    id: "rotation-keeps-the-old-primary",
    does: "A rotation makes a version and goes on encrypting under the old one.",
    law: "KMS-ROT-001",
    patches: [
      {
        file: machine,
        find: "  primaryVersionId: ({ context }) => context.newestVersionId,\n  nextRotation",
        replace: "  nextRotation"
      }
    ]
  },
  {
    id: "versions-without-spacing",
    does: "CreateKeyVersion works as often as it is called.",
    law: "KMS-VER-006",
    patches: [
      {
        file: permits,
        find: "if (event.at - context.newestVersionAt < versionSpacingMillis) {",
        replace: "if (event.at < 0) {"
      }
    ]
  },
  {
    id: "versions-of-other-keys",
    does: "DescribeKeyVersion finds versions of any key.",
    law: "KMS-VER-008",
    patches: [
      {
        file: rows,
        find: "get: (id) => entries.get(textOf(id))?.row,",
        replace:
          'get: (id) => entries.get(textOf(id))?.row ?? (table === "versions" ? [...entries.values()].find(({ row }) => idOf(table, row)[1] === id[1])?.row : undefined),'
      }
    ]
  },
  {
    id: "only-the-newest-is-listed",
    does: "ListKeyVersions lists one version.",
    law: "KMS-VER-002",
    patches: [
      {
        file: "src/operation/versions/ListKeyVersions.ts",
        find: "const rows = yield* services.store.versions(key.keyId)",
        replace: "const rows = (yield* services.store.versions(key.keyId)).slice(0, 1)"
      }
    ]
  },
  {
    id: "symmetric-keys-take-versions-by-hand",
    does: "CreateKeyVersion works on symmetric keys.",
    law: "KMS-VER-005",
    patches: [
      {
        file: permits,
        find: '  CreateKeyVersion: {\n    needs: { tag: "usable" },\n    refusal: "byState",\n    kinds: { symmetric: "Rejected.UnsupportedOperation", external',
        replace: '  CreateKeyVersion: {\n    needs: { tag: "usable" },\n    refusal: "byState",\n    kinds: { external'
      },
      {
        file: permits,
        find: "if (event.at - context.newestVersionAt < versionSpacingMillis) {",
        replace: 'if (context.kind === "asymmetric" && event.at - context.newestVersionAt < versionSpacingMillis) {'
      },
      {
        file: machine,
        find: 'CreateKeyVersion: { guard: "isAsymmetric", actions',
        replace: "CreateKeyVersion: { actions"
      }
    ]
  },
  {
    id: "version-answered-is-not-the-one-used",
    does: "Encrypt names a version that did not encrypt.",
    law: "KMS-ROT-009",
    patches: [{ file: symmetric, find: "KeyVersionId: handle.row.keyVersionId", replace: "KeyVersionId: key.keyId" }]
  }
]

export const imports: ReadonlyArray<Fault> = [
  {
    id: "wrapping-algorithm-ignored",
    does: "Material is unwrapped by the default algorithm, not by the one that the import parameters name.",
    law: "KMS-IMP-004",
    patches: [
      {
        file: "src/actor/importDesk.ts",
        find: "algorithm: session.wrappingAlgorithm,",
        replace: 'algorithm: "RSAES_OAEP_SHA_256",'
      }
    ]
  },
  {
    id: "material-outlives-its-expiry-while-pending-deletion",
    does: "Material whose date comes while the key waits for its deletion is there again after a cancel.",
    law: "KMS-DEL-007",
    patches: [
      {
        file: machine,
        find: '    MaterialExpired: { guard: "expiryIsDue", actions: [forgetMaterial, erase] },\n    DeletionDue',
        replace: '    MaterialExpired: { guard: "expiryIsDue", actions: keepMaterial },\n    DeletionDue'
      },
      {
        file: machine,
        find: "const erase = { type",
        replace:
          "const keepMaterial = cmk.assign({ epoch: ({ context }) => context.epoch + 1, materialExpiry: null })\nconst erase = { type"
      }
    ]
  },
  {
    id: "first-expiry-kept",
    does: "Importing again leaves the expiry of the first import.",
    law: "KMS-IMP-014",
    patches: [
      {
        file: machine,
        find: "return event.expiresAt === null ? null :",
        replace: "return context.materialExpiry !== null ? context.materialExpiry : event.expiresAt === null ? null :"
      }
    ]
  },
  {
    id: "tokens-end-an-hour-early",
    does: "An import token lives 23 hours, and says so.",
    law: "KMS-IMP-025",
    patches: [
      {
        file: "machines/importSession.ts",
        find: "importTokenMillis = 24 *",
        replace: "importTokenMillis = 23 *"
      }
    ]
  },
  {
    id: "other-material-accepted",
    does: "Any material may be imported again, not only the first.",
    law: "KMS-IMP-005",
    patches: [
      { file: machine, find: "(context.fingerprint ?? event.fingerprint) === event.fingerprint &&", replace: "" },
      {
        file: permits,
        find: "return context.fingerprint !== null && context.fingerprint !== event.fingerprint",
        replace: "return event.at < 0"
      }
    ]
  },
  {
    id: "tokens-of-other-keys",
    does: "The token of one key imports into another.",
    law: "KMS-IMP-009",
    patches: [
      {
        file: "src/actor/importDesk.ts",
        find: '({ label: "import token", id: keyId })',
        replace: '({ label: "import token", id: keyId.slice(0, 0) })'
      }
    ]
  },
  {
    id: "past-expiry-accepted",
    does: "Material that has expired already is imported.",
    law: "KMS-IMP-019",
    patches: [
      {
        file: "src/operation/material/ImportKeyMaterial.ts",
        find: "expiresAt !== null && expiresAt <= clock.now()",
        replace: "expiresAt !== null && expiresAt < 0"
      },
      { file: machine, find: "(event.expiresAt === null || event.expiresAt > event.at)", replace: "event.at > 0" },
      {
        file: "src/actor/turn.ts",
        find: "event.expiresAt !== null && event.expiresAt <= event.at",
        replace: "event.expiresAt !== null && event.expiresAt < 0"
      }
    ]
  },
  {
    id: "expiry-in-the-wrong-unit",
    does: "The instant of expiry is stored at the wrong scale.",
    law: "KMS-IMP-019",
    patches: [
      {
        file: "src/operation/material/ImportKeyMaterial.ts",
        find: "? null : seconds * 1000",
        replace: "? null : seconds * 1010"
      }
    ]
  },
  {
    id: "delete-material-does-nothing",
    does: "DeleteKeyMaterial answers success and the key goes on encrypting.",
    law: "KMS-IMP-007",
    patches: [
      {
        file: "src/operation/material/DeleteKeyMaterial.ts",
        find: '({ type: "DeleteKeyMaterial", at })',
        replace: '({ type: "UpdateKeyDescription", at })'
      }
    ]
  },
  {
    id: "import-enables-a-disabled-key",
    does: "Importing again into a Disabled key makes it Enabled.",
    law: "KMS-IMP-016",
    patches: [
      {
        file: machine,
        find: '    ImportKeyMaterial: { guard: and(["isExternal", "isSameMaterial"]), actions: takeMaterial },\n    DeleteKeyMaterial: { guard: "isExternal", target: "PendingImport", actions: [forgetMaterial, erase] },\n    MaterialExpired: { guard: "expiryIsDue", target: "PendingImport", actions: [forgetMaterial, erase] },\n    ...edits\n  }\n})\n\nconst PendingDeletion',
        replace:
          '    ImportKeyMaterial: { guard: and(["isExternal", "isSameMaterial"]), target: "Enabled", actions: takeMaterial },\n    DeleteKeyMaterial: { guard: "isExternal", target: "PendingImport", actions: [forgetMaterial, erase] },\n    MaterialExpired: { guard: "expiryIsDue", target: "PendingImport", actions: [forgetMaterial, erase] },\n    ...edits\n  }\n})\n\nconst PendingDeletion'
      }
    ]
  },
  {
    id: "own-keys-take-material",
    does: "Keys made by the service hand out parameters for import.",
    law: "KMS-IMP-015",
    patches: [
      {
        file: permits,
        find: 'GetParametersForImport: { needs: { tag: "readable" }, refusal: "StateModifiedFailed", kindsFirst: ownOrigin }',
        replace: 'GetParametersForImport: { needs: { tag: "readable" }, refusal: "StateModifiedFailed" }'
      }
    ]
  },
  {
    id: "external-keys-begin-enabled",
    does: "A key whose material is to be imported is Enabled before it has any.",
    law: "KMS-LC-002",
    patches: [
      {
        file: machine,
        find: 'always: [{ guard: "isExternal", target: "PendingImport" }, { target: "Enabled" }]',
        replace: 'always: { target: "Enabled" }'
      }
    ]
  },
  {
    id: "expiry-disables-instead",
    does: "Material that expired stays, and the key is Disabled.",
    law: "KMS-IMP-013",
    patches: [
      {
        file: machine,
        find: '    MaterialExpired: { guard: "expiryIsDue", target: "PendingImport", actions: [forgetMaterial, erase] },\n    CreateKeyVersion',
        replace:
          '    MaterialExpired: { guard: "expiryIsDue", target: "Disabled", actions: keepMaterial },\n    CreateKeyVersion'
      },
      {
        file: machine,
        find: "const erase = { type",
        replace:
          "const keepMaterial = cmk.assign({ epoch: ({ context }) => context.epoch + 1, materialExpiry: null })\nconst erase = { type"
      },
      unguarded
    ]
  }
]
