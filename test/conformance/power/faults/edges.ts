/** Faults at the edges of values and times: the second date, the other version, the parameter that is left out. */
import { seeded, unguarded } from "../fault.ts"
import type { Fault } from "../fault.ts"

const machine = "machines/cmk.ts"
const edits = "src/plan/metadataEdit.ts"
const dataKeys = "src/operation/cryptography/dataKey.ts"
const exports = "src/operation/cryptography/dataKeyExport.ts"
const desk = "src/actor/importDesk.ts"

export const edgesOfTime: ReadonlyArray<Fault> = [
  seeded(
    "late-rotation-dated-early",
    "A rotation that was suspended bears the date when it was due.",
    "KMS-MET-005",
    {
      file: machine,
      find: "  newestVersionAt: ({ event }) => event.at\n",
      replace: '  newestVersionAt: ({ event }) => (event.type === "RotationDue" ? event.dueAt : event.at)\n'
    },
    unguarded
  ),
  seeded(
    "expiry-is-never-extended",
    "The same material imported again with a later expiry expires at the earlier one.",
    "KMS-IMP-024",
    {
      file: machine,
      find: "    return event.expiresAt === null ? null : { dueAt: event.expiresAt, epoch: context.epoch + 1 }",
      replace:
        "    return event.expiresAt === null ? null : { dueAt: Math.min(event.expiresAt, context.materialExpiry?.dueAt ?? event.expiresAt), epoch: context.epoch + 1 }"
    },
    unguarded
  ),
  seeded(
    "date-moved-by-deleting-material",
    "DeleteKeyMaterial puts off the deletion of a key by a day.",
    "KMS-IMP-008",
    {
      file: machine,
      find: '    DeleteKeyMaterial: { guard: "isExternal", actions: [forgetMaterial, erase] },',
      replace:
        '    DeleteKeyMaterial: { guard: "isExternal", actions: [forgetMaterial, erase, cmk.assign({ deletion: ({ context }) => context.deletion === null ? null : { dueAt: context.deletion.dueAt + 86_400_000, epoch: context.epoch } })] },'
    },
    unguarded
  ),
  seeded("shortest-interval-refused", "A rotation interval of 7 days is refused.", "KMS-ROT-012", {
    file: "src/operation/versions/rotationInterval.ts",
    find: "seconds >= rotationIntervalSeconds.minimum",
    replace: "seconds > rotationIntervalSeconds.minimum"
  }),
  seeded("longest-interval-refused", "A rotation interval of 730 days is refused.", "KMS-ROT-012", {
    file: "src/operation/versions/rotationInterval.ts",
    find: "seconds <= rotationIntervalSeconds.maximum",
    replace: "seconds < rotationIntervalSeconds.maximum"
  }),
  seeded("longest-window-refused", "A waiting period of 30 days is refused.", "KMS-DEL-018", {
    file: "src/operation/keys/ScheduleKeyDeletion.ts",
    find: "asked > deletionWindowMax",
    replace: "asked >= deletionWindowMax"
  })
]

export const edgesOfVersions: ReadonlyArray<Fault> = [
  seeded("versions-on-pages-of-ten", "ListKeyVersions counts every page as ten entries.", "KMS-LST-004", {
    file: "src/operation/versions/ListKeyVersions.ts",
    find: "const offset = offsetOf(request)",
    replace: "const offset = offsetOf({ ...request, PageSize: 10 })"
  })
]

export const edgesOfAliases: ReadonlyArray<Fault> = [
  seeded("alias-names-cut", "Alias names that agree in their first 64 characters name one key.", "KMS-AL-001", {
    file: "src/operation/aliases/aliasName.ts",
    find: "aliasFault(given) === undefined ? given : undefined",
    replace: "aliasFault(given) === undefined ? given.slice(0, 64) : undefined"
  }),
  seeded(
    "no-move-to-the-same-key",
    "UpdateAlias to the key that has the alias is refused.",
    "KMS-AL-003",
    {
      file: "src/operation/aliases/UpdateAlias.ts",
      find: '  yield* key.gate("UpdateAlias")\n',
      replace:
        '  yield* key.gate("UpdateAlias")\n  if (key.keyId === from) return yield* Effect.fail(refuse("Rejected.StateModifiedFailed"))\n'
    },
    {
      file: "src/operation/aliases/UpdateAlias.ts",
      find: "interface Rebinding",
      replace: 'import { refuse } from "../../domain/errors.ts"\ninterface Rebinding'
    }
  ),
  seeded(
    "hyphens-are-underscores",
    "Alias names that differ in a hyphen and an underscore name one key.",
    "KMS-AL-009",
    {
      file: "src/operation/aliases/aliasName.ts",
      find: "aliasFault(given) === undefined ? given : undefined",
      replace: 'aliasFault(given) === undefined ? given.replaceAll("_", "-") : undefined'
    },
    {
      file: "src/requests/keyReference.ts",
      find: 'return { _tag: "Alias", aliasName: text }',
      replace: 'return { _tag: "Alias", aliasName: text.replaceAll("_", "-") }'
    }
  )
]

export const edgesOfContexts: ReadonlyArray<Fault> = [
  seeded("named-length-wins", "KeySpec takes precedence over NumberOfBytes.", "KMS-DK-002", {
    file: dataKeys,
    find: 'const lengthOf = ({ KeySpec = "AES_256", NumberOfBytes }: Omit<DataKeyRequest, "EncryptionContext">) =>\n  NumberOfBytes ?? lengths.get(KeySpec)',
    replace:
      'const lengthOf = ({ KeySpec, NumberOfBytes }: Omit<DataKeyRequest, "EncryptionContext">) =>\n  KeySpec === undefined ? (NumberOfBytes ?? 32) : lengths.get(KeySpec)'
  }),
  seeded("unknown-spec-of-data-keys", "A data key of an unknown KeySpec has 32 bytes.", "KMS-LC-026", {
    file: dataKeys,
    find: "NumberOfBytes ?? lengths.get(KeySpec)",
    replace: "NumberOfBytes ?? lengths.get(KeySpec) ?? 32"
  }),
  seeded("data-keys-in-blocks", "The length of a data key is rounded up to 16 bytes.", "KMS-DK-002", {
    file: dataKeys,
    find: "NumberOfBytes ?? lengths.get(KeySpec)",
    replace: "(NumberOfBytes === undefined ? lengths.get(KeySpec) : Math.min(1024, Math.ceil(NumberOfBytes / 16) * 16))"
  }),
  seeded("exported-key-is-another", "GenerateAndExportDataKey exports another key than it encrypts.", "KMS-DK-007", {
    file: "src/operation/cryptography/GenerateAndExportDataKey.ts",
    find: "const dataKey = yield* dataKeyIn(Plaintext)",
    replace: "const dataKey = (yield* dataKeyIn(Plaintext)).reverse()"
  }),
  seeded(
    "long-data-keys-cut-for-export",
    "A data key that is too long to export is cut.",
    "KMS-DK-007",
    {
      file: exports,
      find: "        plaintext: dataKey\n",
      replace: "        plaintext: dataKey.subarray(0, bytesMax)\n"
    },
    {
      file: exports,
      find: "if (dataKey.length > bytesMax) {",
      replace: "if (dataKey.length > 99_999) {"
    }
  )
]

export const edgesOfImport: ReadonlyArray<Fault> = [
  seeded(
    "unwrapped-by-any-algorithm",
    "Material wrapped with another algorithm than the token's is imported.",
    "KMS-IMP-011",
    {
      file: desk,
      find: "  return yield* provider.importMaterial({\n    row: { keyId: key.keyId, keyVersionId: KeyVersionId.make(context.newestVersionId) },\n    spec: specOf(context),\n    wrapping: { id: session.id, spec: session.wrappingKeySpec, sealed: session.sealed },\n    algorithm: session.wrappingAlgorithm,\n    wrapped\n  })",
      replace:
        '  const using = (algorithm: WrappingAlgorithm) => provider.importMaterial({\n    row: { keyId: key.keyId, keyVersionId: KeyVersionId.make(context.newestVersionId) },\n    spec: specOf(context),\n    wrapping: { id: session.id, spec: session.wrappingKeySpec, sealed: session.sealed },\n    algorithm,\n    wrapped\n  })\n  return yield* using(session.wrappingAlgorithm).pipe(Effect.catch(() => using("RSAES_OAEP_SHA_256")), Effect.catch(() => using("RSAES_OAEP_SHA_1")))'
    }
  )
]

export const edgesOfMetadata: ReadonlyArray<Fault> = [
  seeded("descriptions-trimmed", "Blanks at the ends of a description are lost.", "KMS-LC-021", {
    file: edits,
    find: "return { ...metadata, description: edit.description }",
    replace: "return { ...metadata, description: edit.description.trim() }"
  }),
  seeded("description-lost-by-a-cancel", "CancelKeyDeletion empties the description.", "KMS-LC-021", {
    file: "src/operation/keys/CancelKeyDeletion.ts",
    find: '({ type: "CancelKeyDeletion", at }))',
    replace: '({ type: "CancelKeyDeletion", at }), { edit: { type: "SetDescription", description: "" } })'
  }),
  seeded("descriptions-normalized", "A description is normalized (NFC).", "KMS-LC-021", {
    file: edits,
    find: "return { ...metadata, description: edit.description }",
    replace: "return { ...metadata, description: edit.description.normalize() }"
  })
]

export const edgesOfTags: ReadonlyArray<Fault> = [
  seeded("absent-tag-removes-all", "UntagResource of a tag that is not there removes every tag.", "KMS-TAG-002", {
    file: edits,
    find: "names === null ? {} :",
    replace: "names === null || !names.some((name) => Object.hasOwn(tags, name)) ? {} :"
  }),
  seeded("empty-tag-values-dropped", "A tag with an empty value is not added.", "KMS-TAG-001", {
    file: edits,
    find: "return withTags(metadata, { ...metadata.tags, ...edit.tags })",
    replace:
      'return withTags(metadata, { ...metadata.tags, ...Object.fromEntries(Object.entries(edit.tags).filter(([, value]) => value !== "")) })'
  })
]

export const edgesOfLists: ReadonlyArray<Fault> = [
  seeded("second-pages-reversed", "The entries of a page after the first are those before it.", "KMS-LST-002", {
    file: "src/operation/aliases/ListAliasesByKeyId.ts",
    find: "offset: offsetOf(request)",
    replace: "offset: Math.max(0, offsetOf(request) - 1)"
  })
]
