/** Faults that show only in a corner: at the edge of a page, in the second import, by an alias, after a cancellation. */
import { seeded, staysOpen, unguarded } from "../fault.ts"
import type { Fault } from "../fault.ts"

const machine = "machines/cmk.ts"
const permits = "machines/permits.ts"
const underWay = "src/requests/callUnderWay.ts"
const edits = "src/plan/metadataEdit.ts"
const read = "src/records/storedForm.ts"
const importing = "src/operation/material/ImportKeyMaterial.ts"
const desk = "src/actor/importDesk.ts"
const keyList = "src/operation/keys/ListKeys.ts"
const shown = "src/operation/keys/keyMetadata.ts"

const readSnapshot = (change: string) => ({
  file: read,
  find: "snapshot: decodeSnapshot(`the snapshot of key ${keyId}`, snapshot)",
  replace: `snapshot: ((s) => (${change}))(decodeSnapshot(\`the snapshot of key \${keyId}\`, snapshot))`
})

/** Asks for the permission of another operation. */
const asksFor = (id: string, does: string, operation: string, other: string): Fault =>
  seeded(id, does, "KMS-AC-005", {
    file: "src/requests/dispatch.ts",
    find: "  const action = `kms:${call.operation}`\n",
    replace: `  const action = call.operation === "${operation}" ? "kms:${other}" : \`kms:\${call.operation}\`\n`
  })

export const subtleLists: ReadonlyArray<Fault> = [
  seeded("last-of-a-full-last-page-lost", "A last page that is full is told without its last key.", "KMS-LST-004", {
    file: keyList,
    find: "Keys: { Key: keyIds.map(",
    replace:
      "Keys: { Key: keyIds.slice(0, request.PageNumber > 1 && offsetOf(request) + request.PageSize === total ? -1 : undefined).map("
  }),
  seeded("versions-of-later-pages-one-short", "Pages of versions after the first are one short.", "KMS-LST-001", {
    file: "src/operation/versions/ListKeyVersions.ts",
    find: "rows.slice(offset, offset + request.PageSize)",
    replace: "rows.slice(offset, offset + request.PageSize - (offset > 0 ? 1 : 0))"
  }),
  seeded("long-pages-of-100", "ListKeyVersions and ListAliasesByKeyId refuse pages of 101.", "KMS-LST-007", {
    file: "src/operation/paging.ts",
    find: "maximum: longPageSizeMaximum }",
    replace: "maximum: longPageSizeMaximum - 1 }"
  }),
  seeded("total-without-pending-deletion", "TotalCount leaves out keys that wait for their deletion.", "KMS-LST-004", {
    file: "src/store/makeStore.ts",
    find: "      return { total, keyIds: rows }",
    replace:
      '      const dying = yield* driver.count({ ...range, where: { ...where, state: ["PendingDeletion"] } })\n      return { total: where === undefined ? total - dying : total, keyIds: rows }'
  }),
  seeded("tag-filters-of-two-tags", "TagKey and TagValue of a filter may match different tags.", "KMS-LST-008", {
    file: "src/records/keyFilter.ts",
    find: "Object.entries(tags).some(([key, value]) => isAmong(tagKey, key) && isAmong(tagValue, value))",
    replace:
      "(Object.keys(tags).some((key) => isAmong(tagKey, key)) && Object.values(tags).some((value) => isAmong(tagValue, value)))"
  }),
  seeded("repeated-filters-replace", "Of a filter that is given twice the second holds.", "KMS-LST-008", {
    file: keyList,
    find: "filter[property.of] = [...(filter[property.of] ?? []), ...Values]",
    replace: "filter[property.of] = [...Values]"
  })
]

export const subtleTags: ReadonlyArray<Fault> = [
  seeded("tag-values-trimmed", "Blanks around tag values are lost.", "KMS-TAG-001", {
    file: edits,
    find: "return withTags(metadata, { ...metadata.tags, ...edit.tags })",
    replace:
      "return withTags(metadata, { ...metadata.tags, ...Object.fromEntries(Object.entries(edit.tags).map(([name, value]) => [name, value.trim()])) })"
  }),
  seeded("untag-takes-one-name", "UntagResource removes the first of its names only.", "KMS-TAG-002", {
    file: edits,
    find: "filter(([name]) => !names.includes(name))",
    replace: "filter(([name]) => names[0] !== name)"
  }),
  seeded("disabled-keys-keep-their-tags", "Tags of a Disabled key are not replaced.", "KMS-TAG-001", {
    file: "src/actor/change.ts",
    find: "extra.edit === undefined ? undefined : editedBy(extra.edit, row.metadata)",
    replace:
      'extra.edit === undefined ? undefined : extra.edit.type === "AddTags" && row.snapshot.value.lifecycle === "Disabled" ? { ...row.metadata, tags: { ...extra.edit.tags, ...row.metadata.tags } } : editedBy(extra.edit, row.metadata)'
  })
]

export const subtleAliases: ReadonlyArray<Fault> = [
  seeded(
    "alias-arns-stay-bound",
    "The ARN of an alias names the key that the alias was bound to first.",
    "KMS-REF-005",
    {
      file: underWay,
      find: "(keyId) => this.#keyBoundTo(keyId, action))",
      replace:
        '(keyId) => {\n      const first = text.startsWith("acs:") ? (boundFirst.get(text) ?? keyId) : keyId\n      if (keyId !== undefined && !boundFirst.has(aliasArnOf(this.realm, reference.aliasName))) boundFirst.set(aliasArnOf(this.realm, reference.aliasName), keyId)\n      return this.#keyBoundTo(keyId === undefined ? undefined : first, action)\n    })'
    },
    {
      file: underWay,
      find: "export class CallUnderWay implements ServerCall {",
      replace:
        "const boundFirst = new Map<string, KeyId>()\nconst aliasArnOf = ({ region, account }: Realm, name: string) => `acs:kms:${region}:${account}:${name}`\nexport class CallUnderWay implements ServerCall {"
    }
  ),
  seeded("alias-moved-home-is-lost", "UpdateAlias to the key that has the alias deletes it.", "KMS-AL-001", {
    file: "src/operation/aliases/UpdateAlias.ts",
    find: "aliases: [{ aliasName: AliasName, from, to: key.keyId }]",
    replace: "aliases: [{ aliasName: AliasName, from, to: from === key.keyId ? null : key.keyId }]"
  }),
  seeded("aliases-deleted-by-prefix", "DeleteAlias deletes longer names of the key too.", "KMS-AL-009", {
    file: "src/operation/aliases/DeleteAlias.ts",
    find: "{ aliases: [{ aliasName, from, to: null }] })",
    replace:
      "{ aliases: (yield* Effect.orDie(call.services.store.aliasesOf(from))).filter((name) => name.startsWith(aliasName)).map((name) => ({ aliasName: name, from, to: null })) })"
  })
]

export const subtleMaterial: ReadonlyArray<Fault> = [
  seeded("second-import-never-expires", "The expiry of a second import is not kept.", "KMS-IMP-024", {
    file: machine,
    find: "return event.expiresAt === null ? null : { dueAt: event.expiresAt, epoch: context.epoch + 1 }",
    replace:
      "return event.expiresAt === null || context.fingerprint !== null ? null : { dueAt: event.expiresAt, epoch: context.epoch + 1 }"
  }),
  seeded("expiry-on-the-full-minute", "The expiry of material is cut to the full minute.", "KMS-IMP-024", {
    file: importing,
    find: "seconds === undefined || seconds === 0 ? null : seconds * 1000",
    replace: "seconds === undefined || seconds === 0 ? null : Math.floor(seconds / 60) * 60_000"
  }),
  seeded(
    "other-material-after-a-cancelled-deletion",
    "After a cancelled deletion any material may be imported.",
    "KMS-IMP-005",
    unguarded,
    {
      file: machine,
      find: "const disarmDeletion = cmk.assign({ epoch: ({ context }) => context.epoch + 1, deletion: null })",
      replace:
        "const disarmDeletion = cmk.assign({ epoch: ({ context }) => context.epoch + 1, deletion: null, fingerprint: null })"
    }
  ),
  seeded("tokens-work-once", "An import token works once.", "KMS-IMP-017", {
    file: desk,
    find: "onSuccess: () => forgive(services, id),",
    replace: "onSuccess: () => Effect.asVoid(Effect.orDie(services.store.forgetImportSessions(session.expiresAt))),"
  }),
  seeded("a-new-token-ends-the-old", "A new import token ends the earlier ones of the key.", "KMS-IMP-017", {
    file: desk,
    find: "  const now = clock.now()\n  yield* forgetSessions(services)",
    replace:
      "  const now = clock.now()\n  yield* forgetSessions(services)\n  yield* orRefused(store.forgetImportSessions(now + importTokenMillis))"
  }),
  seeded("disabled-keys-keep-their-material", "DeleteKeyMaterial is refused for Disabled keys.", "KMS-IMP-022", {
    file: machine,
    find: '    ImportKeyMaterial: { guard: and(["isExternal", "isSameMaterial"]), actions: takeMaterial },\n    DeleteKeyMaterial: { guard: "isExternal", target: "PendingImport", actions: [forgetMaterial, erase] },\n    MaterialExpired: { guard: "expiryIsDue", target: "PendingImport", actions: [forgetMaterial, erase] },\n    ...edits',
    replace:
      '    ImportKeyMaterial: { guard: and(["isExternal", "isSameMaterial"]), actions: takeMaterial },\n    MaterialExpired: { guard: "expiryIsDue", target: "PendingImport", actions: [forgetMaterial, erase] },\n    ...edits'
  }),
  seeded("disabling-stops-the-expiry", "Material of a key that was disabled does not expire.", "KMS-IMP-013", {
    file: machine,
    find: '    DisableKey: { target: "Disabled", actions: touch },\n    ScheduleKeyDeletion: { guard: "mayBeDeleted", target: "PendingDeletion", actions: armDeletion },\n    ImportKeyMaterial: { guard: and(["isExternal", "isSameMaterial"]), actions: takeMaterial },\n    DeleteKeyMaterial: { guard: "isExternal", target: "PendingImport", actions: [forgetMaterial, erase] },\n    MaterialExpired: { guard: "expiryIsDue", target: "PendingImport", actions: [forgetMaterial, erase] },\n    CreateKeyVersion',
    replace:
      '    DisableKey: { target: "Disabled", actions: cmk.assign({ epoch: ({ context }) => context.epoch + 1, materialExpiry: null }) },\n    ScheduleKeyDeletion: { guard: "mayBeDeleted", target: "PendingDeletion", actions: armDeletion },\n    ImportKeyMaterial: { guard: and(["isExternal", "isSameMaterial"]), actions: takeMaterial },\n    DeleteKeyMaterial: { guard: "isExternal", target: "PendingImport", actions: [forgetMaterial, erase] },\n    MaterialExpired: { guard: "expiryIsDue", target: "PendingImport", actions: [forgetMaterial, erase] },\n    CreateKeyVersion'
  }),
  seeded("dying-keys-take-material", "A key that waits for its deletion takes material.", "KMS-IMP-018", {
    file: machine,
    find: '  tags: "readable",\n  on: {',
    replace:
      '  tags: ["readable", "importable"],\n  on: {\n    ImportKeyMaterial: { guard: and(["isExternal", "isSameMaterial"]), actions: takeMaterial },'
  })
]

export const subtleTime: ReadonlyArray<Fault> = [
  seeded("second-interval-waits", "A new interval holds after the next rotation only.", "KMS-ROT-010", {
    file: machine,
    find: "      : { dueAt: context.newestVersionAt + event.intervalMillis, epoch: context.epoch + 1 }",
    replace:
      "      : { dueAt: context.newestVersionAt + (context.rotationIntervalMillis ?? event.intervalMillis), epoch: context.epoch + 1 }"
  }),
  seeded("deletion-date-at-midnight", "The deletion date is cut to the day.", "KMS-DEL-016", {
    file: shown,
    find: "DeleteDate: instantOrEmpty(context.deletion)",
    replace:
      "DeleteDate: instantOrEmpty(context.deletion === null ? null : { dueAt: Math.floor(context.deletion.dueAt / 86_400_000) * 86_400_000 })"
  }),
  seeded(
    "second-schedule-keeps-the-first-date",
    "A deletion that is scheduled again after a cancel has the first period.",
    "KMS-DEL-016",
    {
      file: machine,
      find: "    return { dueAt: event.dueAt, epoch: context.epoch + 1 }\n  }\n})\nconst disarmDeletion = cmk.assign({ epoch: ({ context }) => context.epoch + 1, deletion: null })",
      replace:
        "    const first = firstDates.get(context.newestVersionId) ?? event.dueAt - event.at\n    firstDates.set(context.newestVersionId, first)\n    return { dueAt: event.at + first, epoch: context.epoch + 1 }\n  }\n})\nconst disarmDeletion = cmk.assign({ epoch: ({ context }) => context.epoch + 1, deletion: null })"
    },
    {
      file: machine,
      find: "const armDeletion = ",
      replace: "const firstDates = new Map<string, number>()\nconst armDeletion = "
    }
  ),
  seeded("creation-date-on-the-full-minute", "The creation date is cut to the minute.", "KMS-TM-001", {
    file: shown,
    find: "CreationDate: formatInstant(createdAt)",
    replace: "CreationDate: formatInstant(Math.floor(createdAt / 60_000) * 60_000)"
  }),
  seeded("cancel-ends-the-rotation", "A cancelled deletion switches the rotation off.", "KMS-ROT-010", {
    file: machine,
    find: "const disarmDeletion = cmk.assign({ epoch: ({ context }) => context.epoch + 1, deletion: null })",
    replace:
      "const disarmDeletion = cmk.assign({ epoch: ({ context }) => context.epoch + 1, deletion: null, rotationIntervalMillis: null, nextRotation: null })"
  })
]

export const subtleVersions: ReadonlyArray<Fault> = [
  seeded("second-rotation-keeps-the-primary", "Only the first rotation makes another primary.", "KMS-ROT-001", {
    file: machine,
    find: "  primaryVersionId: ({ context }) => context.newestVersionId,\n  nextRotation: ({ context }) =>\n    context.rotationIntervalMillis === null",
    replace:
      "  primaryVersionId: ({ context }) => (context.versionCount > 2 ? context.primaryVersionId : context.newestVersionId),\n  nextRotation: ({ context }) =>\n    context.rotationIntervalMillis === null"
  }),
  seeded("two-versions-decrypt", "Only the two newest versions decrypt.", "KMS-ROT-002", {
    file: "src/actor/handles.ts",
    find: '  if (row.stored === undefined) return yield* refuse("Rejected.PendingImport")',
    replace:
      '  const all = yield* orRefused(services.store.versions(keyId))\n  if (context.kind === "symmetric" && all.findIndex((each) => each.keyVersionId === keyVersionId) > 1) return yield* refuse("Forbidden.KeyVersionNotFound")\n  if (row.stored === undefined) return yield* refuse("Rejected.PendingImport")'
  }),
  seeded("decrypt-names-the-newest-version", "Decrypt names the primary version.", "KMS-VER-011", {
    file: "src/operation/cryptography/Decrypt.ts",
    find: "KeyVersionId: keyVersionId",
    replace: "KeyVersionId: key.snapshot().context.primaryVersionId ?? keyVersionId"
  })
]

export const subtleContexts: ReadonlyArray<Fault> = [
  seeded("two-pairs-in-their-order", "A context of two pairs is authenticated in the order given.", "KMS-CTX-002", {
    file: "src/domain/encryptionContext.ts",
    find: "return written(entries.sort(byNameBytes), length)",
    replace: "return written(entries.length === 2 ? entries : entries.sort(byNameBytes), length)"
  }),
  seeded("hidden-data-keys-without-context", "GenerateDataKeyWithoutPlaintext drops its context.", "KMS-CTX-004", {
    file: "src/operation/cryptography/GenerateDataKeyWithoutPlaintext.ts",
    find: '"GenerateDataKeyWithoutPlaintext", request)',
    replace: '"GenerateDataKeyWithoutPlaintext", { ...request, EncryptionContext: undefined })'
  }),
  seeded("re-encrypt-keeps-the-context", "ReEncrypt seals under the context of the source.", "KMS-CTX-010", {
    file: "src/operation/cryptography/ReEncrypt.ts",
    find: "      request.DestinationEncryptionContext\n",
    replace: "      request.SourceEncryptionContext\n"
  }),
  seeded("longest-data-key-refused", "A data key of 1024 bytes is refused.", "KMS-DK-005", {
    file: "src/operation/cryptography/dataKey.ts",
    find: "maximum: dataKeyBytesMax }",
    replace: "maximum: dataKeyBytesMax - 1 }"
  }),
  seeded(
    "re-encrypt-writes-under-a-disabled-key",
    "ReEncrypt asks for the state of the source only.",
    "KMS-CTX-012",
    {
      file: permits,
      find: '"ReEncrypt(destination)": symmetricUse',
      replace: '"ReEncrypt(destination)": { ...symmetricUse, needs: { tag: "readable" } }'
    },
    staysOpen
  )
]

export const subtlePairs: ReadonlyArray<Fault> = [
  seeded("longer-digests-are-verified", "AsymmetricVerify cuts a digest that is too long.", "KMS-ASY-002", {
    file: "src/operation/cryptography/AsymmetricVerify.ts",
    find: "handle: Effect.fnUntraced(function* (request, { services }, key) {",
    replace:
      "handle: Effect.fnUntraced(function* (given, { services }, key) {\n    const request = { ...given, Digest: given.Digest.slice(0, 32) }"
  }),
  seeded("pss-is-pkcs1", "RSA_PSS_SHA_256 signs as RSA_PKCS1_SHA_256.", "KMS-ASY-008", {
    file: "src/crypto/asymmetric/rsaPairs.ts",
    find: '["RSA_PSS_SHA_256", signer(privateKey, publicKey, pss(random))]',
    replace: '["RSA_PSS_SHA_256", signer(privateKey, publicKey, random === undefined ? pss(random) : pkcs1)]'
  }),
  seeded("longest-of-a-pair-refused", "AsymmetricEncrypt refuses the longest plaintext.", "KMS-ASY-014", {
    file: "src/operation/cryptography/AsymmetricEncrypt.ts",
    find: "if (request.Plaintext.length > bytesMax)",
    replace: "if (request.Plaintext.length >= bytesMax)"
  }),
  seeded(
    "disabled-pairs-verify",
    "AsymmetricVerify works on Disabled keys.",
    "KMS-LC-006",
    {
      file: permits,
      find: 'AsymmetricVerify: asymmetricUse("SIGN/VERIFY", "UnsupportedOperation")',
      replace:
        'AsymmetricVerify: { ...asymmetricUse("SIGN/VERIFY", "UnsupportedOperation"), needs: { tag: "readable" } }'
    },
    staysOpen
  )
]

export const subtleAccess: ReadonlyArray<Fault> = [
  asksFor(
    "export-asks-for-data-keys",
    "GenerateAndExportDataKey asks for the permission of GenerateDataKey.",
    "GenerateAndExportDataKey",
    "GenerateDataKey"
  ),
  asksFor(
    "untag-asks-for-tag",
    "UntagResource asks for the permission of TagResource.",
    "UntagResource",
    "TagResource"
  ),
  asksFor(
    "cancel-asks-for-schedule",
    "CancelKeyDeletion asks for the permission of ScheduleKeyDeletion.",
    "CancelKeyDeletion",
    "ScheduleKeyDeletion"
  ),
  asksFor(
    "versions-listed-by-describe",
    "ListKeyVersions asks for the permission of DescribeKey.",
    "ListKeyVersions",
    "DescribeKey"
  ),
  seeded("re-encrypt-to-any-key", "ReEncrypt asks for no permission on its destination.", "KMS-AC-004", {
    file: "src/operation/cryptography/ReEncrypt.ts",
    find: 'call.key(request.DestinationKeyId, "kms:ReEncryptTo", { alias: true })',
    replace: "call.services.directory.find(call.realm, request.DestinationKeyId)"
  }),
  seeded("export-asks-for-decrypt", "ExportDataKey asks for the permission of Decrypt.", "KMS-AC-005", {
    file: "src/operation/cryptography/ExportDataKey.ts",
    find: '"kms:ExportDataKey")',
    replace: '"kms:Decrypt")'
  }),
  seeded("deny-lost-by-alias", "A Deny does not hold for a key that is named by an alias.", "KMS-AC-006", {
    file: underWay,
    find: "(keyId) => this.#keyBoundTo(keyId, action))",
    replace:
      '(keyId) => Effect.catch(this.#keyBoundTo(keyId, action), (error) => keyId !== undefined && this.#access.rule({ caller: this.requested.caller, action, resource: resourceArn({ realm: this.realm, relative: `key/${keyId}` }), circumstances: this.requested.circumstances, key: undefined }).effect === "Deny" ? this.services.directory.find(this.realm, keyId) : Effect.fail(error)))'
  })
]

export const subtleWire: ReadonlyArray<Fault> = [
  seeded("timestamps-of-16-minutes", "A timestamp may be 16 minutes off.", "KMS-WIR-002", {
    file: "src/domain/limits.ts",
    find: "export const timestampSkewMillis = 15 * 60 * 1000",
    replace: "export const timestampSkewMillis = 16 * 60 * 1000"
  })
]

export const subtleQuotas: ReadonlyArray<Fault> = [
  seeded(
    "aliases-of-deleted-keys-take-room",
    "Aliases of a deleted key count for ever.",
    "KMS-QUO-008",
    {
      file: "src/plan/changePlan.ts",
      find: '  return of === "keys"\n',
      replace:
        '  if (of === "aliases") return { fewer: fewer - (droppedIn.get(`${account} ${region}`) ?? 0), of: { table: "aliases", index: "inRealm", partition } }\n  return of === "keys"\n'
    },
    {
      file: "src/plan/changePlan.ts",
      find: "  if (dropAliases) writes.push(",
      replace:
        "  if (dropAliases) droppedIn.set(`${account} ${region}`, (droppedIn.get(`${account} ${region}`) ?? 0) + 1)\n  if (dropAliases) writes.push("
    },
    {
      file: "src/plan/changePlan.ts",
      find: "const quotaCheck = ",
      replace: "const droppedIn = new Map<string, number>()\nconst quotaCheck = "
    }
  ),
  seeded("room-is-given-back-at-a-cancel", "A key whose deletion was cancelled does not count.", "KMS-QUO-003", {
    file: "src/records/storedRows.ts",
    find: "users: (row) => (isLive(row) && !row.service ?",
    replace: "users: (row) => (isLive(row) && row.epoch < 3 && !row.service ?"
  })
]

export const subtlePlaces: ReadonlyArray<Fault> = [
  seeded("versions-listed-in-every-region", "ListKeyVersions answers in every region.", "KMS-PLC-002", {
    file: underWay,
    find: "const found = this.services.directory.find(this.realm, keyId, this.proven?.key(keyId))",
    replace:
      'const found = action === "kms:ListKeyVersions" ? Effect.catchTag(this.services.directory.find(this.realm, keyId), "Forbidden.KeyNotFound", () => this.services.directory.find({ ...this.realm, region: "cn-hangzhou" as Realm["region"] }, keyId)) : this.services.directory.find(this.realm, keyId, this.proven?.key(keyId))'
  }),
  seeded("tokens-of-every-account", "Another account imports with the token of a key.", "KMS-PLC-001", {
    file: underWay,
    find: "const found = this.services.directory.find(this.realm, keyId, this.proven?.key(keyId))",
    replace:
      'const found = action === "kms:ImportKeyMaterial" ? this.services.directory.find({ account: "1000000000000001" as Realm["account"], region: this.realm.region }, keyId) : this.services.directory.find(this.realm, keyId, this.proven?.key(keyId))'
  })
]

export const subtleReferences: ReadonlyArray<Fault> = [
  seeded("arns-of-disabled-keys-not-found", "The ARN of a Disabled key names nothing.", "KMS-REF-001", {
    file: underWay,
    find: 'if (reference._tag === "Key") return this.keyById(reference.keyId, action)',
    replace:
      'if (reference._tag === "Key") return Effect.flatMap(this.keyById(reference.keyId, action), (key) => text !== reference.keyId && key.row().snapshot.value.lifecycle === "Disabled" ? Effect.fail(refuse("Forbidden.KeyNotFound")) : Effect.succeed(key))'
  }),
  seeded("aliases-end-at-a-blank", "An alias with a blank behind it names the key.", "KMS-AL-011", {
    file: "src/requests/keyReference.ts",
    find: 'if (text.startsWith(aliasPrefix)) return { _tag: "Alias", aliasName: text }',
    replace: 'if (text.startsWith(aliasPrefix)) return { _tag: "Alias", aliasName: text.trim() }'
  })
]

export const subtleMetadata: ReadonlyArray<Fault> = [
  seeded("unknown-aliases-answer-400", "An alias that does not exist comes with the status 400.", "KMS-MET-010", {
    file: "src/domain/errors.ts",
    find: '"Forbidden.AliasNotFound": { status: 404',
    replace: '"Forbidden.AliasNotFound": { status: 400'
  }),
  seeded("description-of-a-disabled-key-cut", "DescribeKey cuts long descriptions of Disabled keys.", "KMS-LC-021", {
    file: shown,
    find: "    Description: description,",
    replace: '    Description: lifecycleOf(snapshot) === "Disabled" ? description.slice(0, 8) : description,'
  }),
  seeded("next-rotation-of-suspended-keys-hidden", "A Suspended rotation has no date.", "KMS-MET-007", {
    file: shown,
    find: "...(rotationIntervalMillis === null || nextRotation === null",
    replace: '...(rotationIntervalMillis === null || nextRotation === null || rotationOf(snapshot) === "Suspended"'
  })
]

export const subtleRestarts: ReadonlyArray<Fault> = [
  seeded(
    "interval-doubled-by-a-restart",
    "A restart doubles the rotation interval.",
    "KMS-RST-001",
    readSnapshot(
      "s.context.rotationIntervalMillis === null ? s : { ...s, context: { ...s.context, rotationIntervalMillis: 2 * s.context.rotationIntervalMillis } }"
    )
  ),
  seeded(
    "material-forgotten-by-a-restart",
    "After a restart a key that waits for its deletion has no material.",
    "KMS-DEL-007",
    unguarded,
    readSnapshot(
      's.value.lifecycle === "PendingDeletion" ? { ...s, context: { ...s.context, materialPresent: false } } : s'
    )
  ),
  seeded("tokens-end-with-a-restart", "Import tokens end with a restart.", "KMS-IMP-004", {
    file: desk,
    find: "        const { inTurn } = makeKeyedTurns()\n",
    replace:
      "        const { inTurn } = makeKeyedTurns()\n        yield* Effect.orDie(services.store.forgetImportSessions(Number.MAX_SAFE_INTEGER))\n"
  })
]
