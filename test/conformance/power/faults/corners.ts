/** Faults of calls and values that are easily left untested: other operations, other kinds of key, the longest values. */
import { seeded, unguarded } from "../fault.ts"
import type { Fault } from "../fault.ts"

const machine = "machines/cmk.ts"
const underWay = "src/requests/callUnderWay.ts"
const edits = "src/plan/metadataEdit.ts"
const creating = "src/operation/keys/CreateKey.ts"
const timers = "src/timers/timers.ts"
const exporting = "src/operation/cryptography/ExportDataKey.ts"
const hidden = "src/operation/cryptography/GenerateDataKeyWithoutPlaintext.ts"
const describing = "src/operation/keys/keyMetadata.ts"
const tagging = "src/operation/tags/tags.ts"

export const cornersOfTime: ReadonlyArray<Fault> = [
  seeded(
    "one-deletion-at-an-instant",
    "Of several keys to be deleted at one instant only the first is deleted.",
    "KMS-DEL-010",
    {
      file: timers,
      find: "  const retry = failed.get(name)\n",
      replace: "  if (passedOver.has(name)) return false\n  const retry = failed.get(name)\n"
    },
    {
      file: timers,
      find: "): Effect.Effect<number> =>\n  Effect.map(",
      replace:
        '): Effect.Effect<number> => {\n  const dying = rows.filter(({ kind }) => kind === "DeletionDue")\n  for (const row of dying) if (dying.some((other) => other.dueAt === row.dueAt && other.keyId < row.keyId)) passedOver.add(`${row.keyId} ${row.kind}`)\n  return attemptEach(loop, rows, at)\n}\nconst passedOver = new Set<string>()\nconst attemptEach = (loop: Loop, rows: ReadonlyArray<DueRow>, at: number): Effect.Effect<number> =>\n  Effect.map('
    }
  ),
  seeded(
    "rotation-counted-from-enabling",
    "A key that is enabled again rotates a whole interval later.",
    "KMS-ROT-010",
    {
      file: machine,
      find: 'always: { guard: "isEnabled", target: "Enabled" }\n  })',
      replace:
        'always: { guard: "isEnabled", target: "Enabled", actions: cmk.assign({ nextRotation: ({ context, event }) => context.rotationIntervalMillis === null || context.nextRotation === null || context.nextRotation.dueAt <= event.at ? context.nextRotation : { dueAt: event.at + context.rotationIntervalMillis, epoch: context.epoch } }) }\n  })'
    },
    unguarded
  )
]

export const cornersOfAliases: ReadonlyArray<Fault> = [
  seeded("longest-alias-refused", "The longest alias name is refused.", "KMS-AL-014", {
    file: "src/domain/aliasName.ts",
    find: "{1,255}$/",
    replace: "{1,254}$/"
  }),
  seeded("aliases-of-256-characters", "An alias may have one character more than the longest.", "KMS-AL-010", {
    file: "src/domain/aliasName.ts",
    find: "{1,255}$/",
    replace: "{1,256}$/"
  }),
  seeded("aliases-without-slashes", "A slash inside an alias name is refused.", "KMS-AL-014", {
    file: "src/domain/aliasName.ts",
    find: "[A-Za-z0-9_/-]{1,255}",
    replace: "[A-Za-z0-9_-]{1,255}"
  }),
  seeded("re-encrypt-by-no-alias", "ReEncrypt takes no alias as its destination.", "KMS-AL-001", {
    file: "src/operation/cryptography/ReEncrypt.ts",
    find: '"kms:ReEncryptTo", { alias: true })',
    replace: '"kms:ReEncryptTo", { alias: false })'
  }),
  seeded("export-by-no-alias", "GenerateAndExportDataKey takes no alias.", "KMS-AL-001", {
    file: "src/operation/cryptography/GenerateAndExportDataKey.ts",
    find: 'permission: { on: "key", alias: true }',
    replace: 'permission: { on: "key", alias: false }'
  })
]

export const cornersOfContexts: ReadonlyArray<Fault> = [
  seeded("exported-keys-without-context", "GenerateAndExportDataKey drops its context.", "KMS-CTX-004", {
    file: "src/operation/cryptography/GenerateAndExportDataKey.ts",
    find: 'makeDataKey(call, key, "GenerateAndExportDataKey", request)',
    replace: 'makeDataKey(call, key, "GenerateAndExportDataKey", { ...request, EncryptionContext: undefined })'
  }),
  seeded("hidden-data-keys-of-16-bytes", "A hidden data key has 16 bytes by default.", "KMS-DK-006", {
    file: hidden,
    find: 'makeDataKey(call, key, "GenerateDataKeyWithoutPlaintext", request)',
    replace:
      'makeDataKey(call, key, "GenerateDataKeyWithoutPlaintext", { ...request, KeySpec: request.KeySpec ?? "AES_128" })'
  }),
  seeded(
    "hidden-data-keys-of-any-length",
    "GenerateDataKeyWithoutPlaintext takes more than 1024 bytes.",
    "KMS-DK-008",
    {
      file: hidden,
      find: "Request: dataKeyParameters",
      replace: "Request: { ...dataKeyParameters, NumberOfBytes: any }"
    },
    {
      file: hidden,
      find: "export const GenerateDataKeyWithoutPlaintext",
      replace:
        'import { integer, optional } from "../parameters.ts"\nconst any = optional(integer({ minimum: 1, maximum: 4096 }), "Any length.")\nexport const GenerateDataKeyWithoutPlaintext'
    }
  ),
  seeded(
    "exports-of-the-newest-version-only",
    "ExportDataKey opens ciphertext of the newest version only.",
    "KMS-ROT-002",
    {
      file: exporting,
      find: '    yield* key.gate("ExportDataKey")\n    const opened',
      replace:
        '    yield* key.gate("ExportDataKey")\n    if (key.snapshot().context.newestVersionId !== keyVersionId) return yield* dataKeyIn("")\n    const opened'
    }
  ),
  seeded("dry-runs-are-calls", "A dry run of Encrypt answers as a call does.", "KMS-DRY-001", {
    file: "src/requests/dryRun.ts",
    find: 'boolean.read(source.get("DryRun")) === true',
    replace: 'boolean.read(source.get("DryRun")) === true && source.get("Plaintext") === undefined'
  }),
  seeded("dry-runs-ask-for-no-state", "A dry run does not ask for the state of the key.", "KMS-DRY-002", {
    file: "src/requests/dryRun.ts",
    find: "    Effect.mapError(inItsWords),\n",
    replace: '    Effect.catchTag("Rejected.Disabled", () => Effect.succeed({})),\n    Effect.mapError(inItsWords),\n'
  })
]

export const cornersOfImport: ReadonlyArray<Fault> = [
  seeded(
    "expiry-told-after-the-end",
    "DescribeKey tells the expiry of material that is gone.",
    "KMS-MET-006",
    {
      file: describing,
      find: "    MaterialExpireTime: instantOrEmpty(context.materialExpiry),",
      replace: "    MaterialExpireTime: instantOrEmpty(lastExpiry(key.keyId, context)),"
    },
    {
      file: describing,
      find: "export const keyMetadata = ",
      replace:
        'const lastExpiries = new Map<string, { readonly dueAt: number }>()\nconst lastExpiry = (keyId: string, { materialExpiry, materialPresent }: CmkSnapshot["context"]) => {\n  if (materialExpiry !== null) lastExpiries.set(keyId, materialExpiry)\n  return materialPresent ? materialExpiry : (lastExpiries.get(keyId) ?? null)\n}\nexport const keyMetadata = '
    }
  ),
  seeded("expiry-within-a-year", "An expiry more than a year away is cut to a year.", "KMS-IMP-024", {
    file: "src/operation/material/ImportKeyMaterial.ts",
    find: "const expiresAt = expiryOf(request.KeyMaterialExpireUnix)\n",
    replace:
      "const wanted = expiryOf(request.KeyMaterialExpireUnix)\n    const expiresAt = wanted === null ? null : Math.min(wanted, clock.now() + 365 * 86_400_000)\n"
  })
]

export const cornersOfPairs: ReadonlyArray<Fault> = [
  seeded("pairs-sign-by-no-alias", "AsymmetricSign takes no alias.", "KMS-AL-001", {
    file: "src/operation/cryptography/AsymmetricSign.ts",
    find: 'permission: { on: "key", alias: true }',
    replace: 'permission: { on: "key", alias: false }'
  }),
  seeded("public-keys-by-no-arn", "GetPublicKey takes no ARN.", "KMS-REF-001", {
    file: underWay,
    find: "    const { directory, store } = this.services\n",
    replace:
      '    const { directory, store } = this.services\n    if (action === "kms:GetPublicKey" && text.startsWith("acs:")) return Effect.fail(refuse("Forbidden.KeyNotFound"))\n'
  })
]

export const cornersOfMetadata: ReadonlyArray<Fault> = [
  seeded("descriptions-of-4096", "A description of more than 4096 characters is refused.", "KMS-LC-025", {
    file: "src/domain/limits.ts",
    find: "export const descriptionCharsMax = 8192",
    replace: "export const descriptionCharsMax = 4096"
  }),
  seeded("empty-description-ignored", "UpdateKeyDescription with an empty text changes nothing.", "KMS-LC-021", {
    file: edits,
    find: "return { ...metadata, description: edit.description }",
    replace: "return { ...metadata, description: edit.description || metadata.description }"
  }),
  seeded("created-without-description", "The answer of CreateKey has no description.", "KMS-MET-014", {
    file: creating,
    find: "return { KeyMetadata: keyMetadata(key) }",
    replace: 'return { KeyMetadata: { ...keyMetadata(key), Description: "" } }'
  }),
  seeded("created-without-rotation", "The answer of CreateKey says that rotation is off.", "KMS-MET-014", {
    file: creating,
    find: "return { KeyMetadata: keyMetadata(key) }",
    replace: 'return { KeyMetadata: { ...keyMetadata(key), AutomaticRotation: "Disabled" } }'
  }),
  seeded("versions-name-themselves", "A version is shown with its own id in place of its key's.", "KMS-MET-012", {
    file: "src/operation/versions/keyVersions.ts",
    find: "  KeyId: keyId,\n",
    replace: "  KeyId: keyVersionId,\n"
  })
]

export const cornersOfTags: ReadonlyArray<Fault> = [
  seeded("created-without-tags", "CreateKey drops its tags.", "KMS-TAG-001", {
    file: creating,
    find: "...(request.Tags === undefined ? {} : { tags: tagRecord(request.Tags) })",
    replace: "...(request.Tags === undefined ? {} : { tags: {} })"
  }),
  seeded("longest-tag-value-refused", "The longest tag value is refused.", "KMS-TAG-003", {
    file: "src/domain/limits.ts",
    find: "export const tagValueCharsMax = 128",
    replace: "export const tagValueCharsMax = 127"
  }),
  seeded("longest-tag-key-refused", "The longest tag key is refused.", "KMS-TAG-003", {
    file: "src/domain/limits.ts",
    find: "export const tagKeyBytesMax = 128",
    replace: "export const tagKeyBytesMax = 127"
  }),
  seeded("tags-name-no-key", "ListResourceTags shows each tag with another key.", "KMS-MET-012", {
    file: "src/operation/tags/ListResourceTags.ts",
    find: "({ KeyId: key.keyId, TagKey",
    replace: "({ KeyId: key.keyId.toUpperCase(), TagKey"
  })
]

export const cornersOfLists: ReadonlyArray<Fault> = [
  seeded("filters-by-alias-ignored", "ListKeys ignores a filter by alias.", "KMS-LST-008", {
    file: "src/store/makeStore.ts",
    find: "return { ...rest, keyId }",
    replace: "return keyId === named ? rest : { ...rest, keyId: rest.keyId ?? [] }"
  }),
  seeded("filters-by-id-ignored", "ListKeys ignores a filter by id.", "KMS-LST-008", {
    file: "src/records/keyFilter.ts",
    find: "  isAmong(filter.keyId, row.keyId) &&\n",
    replace: ""
  })
]

export const cornersOfQuotas: ReadonlyArray<Fault> = [
  seeded("external-keys-need-no-room", "Keys for imported material do not count.", "KMS-QUO-002", {
    file: creating,
    find: "const quota = quotaIn(call, keyQuota)",
    replace: 'const quota = request.Origin === "EXTERNAL" ? { ...keyQuota, maximum: 100_000 } : quotaIn(call, keyQuota)'
  }),
  seeded("pairs-need-no-room", "Asymmetric keys do not count.", "KMS-QUO-002", {
    file: creating,
    find: "const quota = quotaIn(call, keyQuota)",
    replace:
      'const quota = capability.kind === "asymmetric" ? { ...keyQuota, maximum: 100_000 } : quotaIn(call, keyQuota)'
  })
]

export const cornersOfPlaces: ReadonlyArray<Fault> = [
  seeded("keys-export-in-every-region", "GenerateAndExportDataKey answers in every region.", "KMS-PLC-002", {
    file: underWay,
    find: "const found = this.services.directory.find(this.realm, keyId, this.proven?.key(keyId))",
    replace:
      'const found = action === "kms:GenerateAndExportDataKey" ? Effect.catchTag(this.services.directory.find(this.realm, keyId), "Forbidden.KeyNotFound", () => this.services.directory.find({ ...this.realm, region: "cn-hangzhou" as Realm["region"] }, keyId)) : this.services.directory.find(this.realm, keyId, this.proven?.key(keyId))'
  })
]

export const cornersOfAccess: ReadonlyArray<Fault> = [
  seeded(
    "key-policies-lost-by-alias",
    "The policy of a key does not hold if an alias names it.",
    "KMS-AC-014",
    {
      file: underWay,
      find: "  requestTags: Tags | undefined = undefined\n",
      replace: "  requestTags: Tags | undefined = undefined\n  isByAlias = false\n"
    },
    {
      file: underWay,
      find: "    const proven = this.proven?.alias(reference.aliasName)\n",
      replace: "    this.isByAlias = true\n    const proven = this.proven?.alias(reference.aliasName)\n"
    },
    {
      file: underWay,
      find: "const ruling = this.#access.rule({ caller, action, resource, circumstances, key: key?.metadata(), requestTags })",
      replace:
        "const { policy: _policy, ...plain } = key?.metadata() ?? {}\n    const ruling = this.#access.rule({ caller, action, resource, circumstances, key: key === undefined || !this.isByAlias ? key?.metadata() : plain as ReturnType<typeof key.metadata>, requestTags })"
    }
  ),
  seeded("denies-without-conditions", "A Deny with a condition is passed over.", "KMS-AC-017", {
    file: "src/authorization/evaluate.ts",
    find: 'if ((each.effect === "Allow" && allowedBy !== undefined) || !covers(each)) continue',
    replace:
      'if ((each.effect === "Allow" && allowedBy !== undefined) || !covers(each) || (each.effect === "Deny" && each.conditions.length > 0)) continue'
  }),
  seeded(
    "denies-whatever-the-condition",
    "A Deny refuses without regard to its condition.",
    "KMS-AC-017",
    {
      file: "src/authorization/evaluate.ts",
      find: "conditions.every((condition) => condition.holds(attributes))",
      replace: 'conditions.every((condition) => effect === "Deny" || condition.holds(attributes))'
    },
    {
      file: "src/authorization/evaluate.ts",
      find: "{ actionElement, actions, conditions }: Statement",
      replace: "{ actionElement, actions, conditions, effect }: Statement"
    }
  )
]

export const cornersOfConcurrency: ReadonlyArray<Fault> = [
  seeded(
    "tags-of-simultaneous-calls-lost",
    "Of tags that two calls add at the same time one is lost.",
    "KMS-CON-001",
    {
      file: tagging,
      find: '  key.tell({ type: "TagResource", at: call.services.clock.now() }, causeOf(call), {\n    edit: { type: "AddTags", tags: tagRecord(tags), tagsMax }\n  })',
      replace:
        '  Effect.suspend(() => {\n    const all = { ...key.metadata().tags, ...tagRecord(tags) }\n    return Effect.andThen(Effect.sleep(2), Effect.suspend(() => key.tell({ type: "TagResource", at: call.services.clock.now() }, causeOf(call), {\n      edit: { type: "AddTags", tags: all, tagsMax }\n    })))\n  })'
    },
    {
      file: tagging,
      find: 'import { Option, Schema } from "effect"',
      replace: 'import { Effect, Option, Schema } from "effect"'
    },
    {
      file: edits,
      find: "return withTags(metadata, { ...metadata.tags, ...edit.tags })",
      replace: "return withTags(metadata, edit.tags)"
    }
  ),
  seeded(
    "descriptions-undo-a-disable",
    "A description that is written while the key is disabled enables it again.",
    "KMS-CON-001",
    {
      file: "src/operation/keys/UpdateKeyDescription.ts",
      find: "  handle: (request, call, key) =>\n    change(",
      replace:
        '  handle: (request, call, key) => {\n    const wasUsable = key.snapshot().hasTag("usable")\n    return Effect.andThen(Effect.sleep(2), Effect.suspend(() => written(request, call, key))).pipe(Effect.tap(() => wasUsable && !key.snapshot().hasTag("usable") && key.snapshot().hasTag("editable") ? change(call, key, (at) => ({ type: "EnableKey", at })) : Effect.void))\n  }\n})\nconst written = (request: { readonly Description: string }, call: Parameters<typeof change>[0], key: Parameters<typeof change>[1]) =>\n    change('
    },
    {
      file: "src/operation/keys/UpdateKeyDescription.ts",
      find: '      edit: { type: "SetDescription", description: request.Description }\n    })\n})',
      replace: '      edit: { type: "SetDescription", description: request.Description }\n    })\n'
    },
    {
      file: "src/operation/keys/UpdateKeyDescription.ts",
      find: "export const UpdateKeyDescription",
      replace: 'import { Effect } from "effect"\nexport const UpdateKeyDescription'
    }
  )
]

export const cornersOfRestarts: ReadonlyArray<Fault> = [
  seeded(
    "newest-version-of-the-restart",
    "A restart makes the newest version of an asymmetric key a day older.",
    "KMS-RST-001",
    {
      file: "src/records/storedForm.ts",
      find: "snapshot: decodeSnapshot(`the snapshot of key ${keyId}`, snapshot)",
      replace:
        'snapshot: ((s) => (s.context.kind === "asymmetric" ? { ...s, context: { ...s.context, newestVersionAt: s.context.newestVersionAt - 86_400_000 } } : s))(decodeSnapshot(`the snapshot of key ${keyId}`, snapshot))'
    }
  ),
  seeded(
    "pairs-decrypt-no-more-after-a-restart",
    "After a restart AsymmetricDecrypt refuses older ciphertext.",
    "KMS-RST-003",
    {
      file: "src/operation/cryptography/AsymmetricDecrypt.ts",
      find: "    yield* takesEncryption(key, request.Algorithm)\n",
      replace:
        '    yield* takesEncryption(key, request.Algorithm)\n    const first = worlds.get(key.keyId) ?? services\n    worlds.set(key.keyId, first)\n    if (first !== services) return yield* Effect.fail(refuse("Forbidden.KeyVersionNotFound"))\n'
    },
    {
      file: "src/operation/cryptography/AsymmetricDecrypt.ts",
      find: "export const AsymmetricDecrypt",
      replace:
        'import { refuse } from "../../domain/errors.ts"\nconst worlds = new Map<string, object>()\nexport const AsymmetricDecrypt'
    }
  )
]
