/** Faults of plaintexts, references, metadata, tags and similar names. */
import { seeded } from "../fault.ts"

const encrypt = "src/operation/cryptography/Encrypt.ts"
const symmetric = "src/operation/cryptography/symmetric.ts"
const limits = "src/domain/limits.ts"

const changedText = (id: string, does: string, change: string) =>
  seeded(id, does, "KMS-CTX-018", {
    file: encrypt,
    find: "toBytes(request.Plaintext)",
    replace: `toBytes(${change})`
  })

export const plaintext = [
  changedText("plaintext-trimmed", "Blanks around plaintext are lost.", "request.Plaintext.trim()"),
  changedText(
    "plaintext-decoded",
    "Plaintext is decoded from Base64 and comes back as its canonical form.",
    'Buffer.from(request.Plaintext, "base64").toString("base64")'
  ),
  changedText("plaintext-cut-at-nul", "Plaintext ends at the first NUL.", 'request.Plaintext.split("\\u0000")[0]'),
  changedText(
    "plaintext-line-ends",
    "Line ends in plaintext are changed.",
    'request.Plaintext.replaceAll("\\r\\n", "\\n")'
  ),
  changedText("plaintext-normalized", "Plaintext is normalized (NFC).", 'request.Plaintext.normalize("NFC")'),
  changedText(
    "plaintext-of-16-bit-characters",
    "Of characters beyond the basic plane the halves are lost.",
    'request.Plaintext.replaceAll(/[\\ud800-\\udfff]/g, "?")'
  ),
  seeded("plaintext-must-be-base64", "Plaintext that is no Base64 is refused.", "KMS-CTX-017", {
    file: symmetric,
    find: "if (read === undefined || read.length *",
    replace:
      "if (read !== undefined && decodeBase64(read) === undefined) return undefined\n      if (read === undefined || read.length *"
  }),
  seeded("longest-plaintext-refused", "The longest plaintext is refused.", "KMS-CTX-019", {
    file: limits,
    find: "export const plaintextBytesMax = 6144",
    replace: "export const plaintextBytesMax = 6143"
  }),
  seeded("longest-plaintext-measured-in-base64", "The limit of plaintext counts characters of Base64.", "KMS-CTX-019", {
    file: symmetric,
    find: "(decodeBase64(read) ?? utf8.encode(read)).length",
    replace: "utf8.encode(read).length"
  }),
  seeded("plaintext-of-one-more-byte", "One byte more than the longest plaintext is encrypted.", "KMS-CTX-009", {
    file: limits,
    find: "export const plaintextBytesMax = 6144",
    replace: "export const plaintextBytesMax = 6145"
  })
]

const keyReference = "src/requests/keyReference.ts"
const keyArnPrefix = {
  file: keyReference,
  find: 'const keyPrefix = keyArn(realm, "")'
} as const

export const references = [
  seeded("arns-of-other-accounts", "The account in an ARN is not looked at.", "KMS-REF-002", {
    ...keyArnPrefix,
    replace:
      'const keyPrefix = text.split(":").slice(0, 4).join(":").replace(/[0-9]+$/, "") === `acs:kms:${realm.region}:` ? `${text.split("/")[0]}/` : keyArn(realm, "")'
  }),
  seeded("arns-of-other-regions", "The region in an ARN is not looked at.", "KMS-REF-003", {
    ...keyArnPrefix,
    replace: 'const keyPrefix = keyArn({ ...realm, region: (text.split(":")[2] ?? "") as typeof realm.region }, "")'
  }),
  seeded("ids-in-any-case", "A key id in capitals names the key.", "KMS-REF-004", {
    file: keyReference,
    find: 'if (isKeyId(text)) return { _tag: "Key", keyId: text }',
    replace: 'if (isKeyId(text.toLowerCase())) return { _tag: "Key", keyId: text.toLowerCase() as KeyId }'
  }),
  seeded("ids-trimmed", "A key id with blanks around it names the key.", "KMS-REF-004", {
    file: keyReference,
    find: 'if (isKeyId(text)) return { _tag: "Key", keyId: text }',
    replace: 'if (isKeyId(text.trim())) return { _tag: "Key", keyId: text.trim() as KeyId }'
  }),
  seeded("arns-not-taken", "The ARN of a key names nothing.", "KMS-REF-001", {
    ...keyArnPrefix,
    replace: 'const keyPrefix = keyArn(realm, "no")'
  }),
  seeded("arns-of-aliases-not-taken", "The ARN of an alias names nothing.", "KMS-REF-005", {
    file: keyReference,
    find: "const aliasArnPrefix = aliasArn(realm, aliasPrefix)",
    replace: "const aliasArnPrefix = aliasArn(realm, `${aliasPrefix}no`)"
  }),
  seeded("arns-of-aliases-of-other-accounts", "The account in the ARN of an alias is not looked at.", "KMS-REF-002", {
    file: keyReference,
    find: "const aliasArnPrefix = aliasArn(realm, aliasPrefix)",
    replace:
      'const aliasArnPrefix = aliasArn({ ...realm, account: (text.split(":")[3] ?? "") as typeof realm.account }, aliasPrefix)'
  }),
  seeded("aliases-everywhere", "An alias stands for the key in every operation.", "KMS-REF-006", {
    file: "src/requests/callUnderWay.ts",
    find: "    if (!alias) {",
    replace: "    if (!alias && text.length === 0) {"
  })
]

const metadataFile = "src/operation/keys/keyMetadata.ts"
const member = (id: string, does: string, law: Parameters<typeof seeded>[2], find: string, replace: string) =>
  seeded(id, does, law, { file: metadataFile, find, replace })

export const metadata = [
  member(
    "protection-level-is-software",
    "Every key says that it is of level SOFTWARE.",
    "KMS-MET-002",
    "ProtectionLevel: context.protection",
    'ProtectionLevel: "SOFTWARE"'
  ),
  member(
    "creator-is-the-key",
    "Creator is the id of the key.",
    "KMS-MET-009",
    "Creator: creator",
    "Creator: key.keyId"
  ),
  member(
    "arn-of-a-version",
    "The ARN of a key ends with the id of its version.",
    "KMS-MET-003",
    "Arn: keyArn(key.row().realm, key.keyId)",
    "Arn: keyArn(key.row().realm, context.newestVersionId)"
  ),
  member(
    "arn-moves-with-the-state",
    "The ARN of a Disabled key names another region.",
    "KMS-MET-001",
    "Arn: keyArn(key.row().realm, key.keyId)",
    'Arn: keyArn(lifecycleOf(snapshot) === "Disabled" ? { ...key.row().realm, region: "cn-beijing" as never } : key.row().realm, key.keyId)'
  ),
  seeded("dates-with-milliseconds", "Dates are told with milliseconds.", "KMS-MET-004", {
    file: "src/domain/time.ts",
    find: "`${new Date(millis).toISOString().slice(0, 19)}Z`",
    replace: "new Date(millis).toISOString()"
  }),
  seeded("dates-in-another-zone", "Dates are told in the zone of the server.", "KMS-MET-004", {
    file: "src/domain/time.ts",
    find: "`${new Date(millis).toISOString().slice(0, 19)}Z`",
    replace: "`${new Date(millis + 28_800_000).toISOString().slice(0, 19)}+08:00`"
  }),
  member(
    "last-rotation-is-the-creation",
    "LastRotationDate never moves.",
    "KMS-MET-005",
    "LastRotationDate: formatInstant(context.newestVersionAt)",
    "LastRotationDate: formatInstant(createdAt)"
  ),
  member(
    "expiry-of-material-that-stays",
    "A key whose material never expires tells an expiry.",
    "KMS-MET-006",
    "MaterialExpireTime: instantOrEmpty(context.materialExpiry)",
    "MaterialExpireTime: instantOrEmpty(context.materialExpiry ?? { dueAt: createdAt })"
  ),
  member(
    "interval-while-the-policy-is-off",
    "The interval of a rotation is told while the policy is off.",
    "KMS-MET-007",
    "      ? {}\n      : {\n          RotationInterval",
    '      ? { RotationInterval: "31536000s" }\n      : {\n          RotationInterval'
  ),
  seeded("protection-not-told", "DescribeKey never tells that deletion protection is on.", "KMS-MET-008", {
    file: "src/operation/keys/DescribeKey.ts",
    find: 'deletionProtection ? "Enabled" : "Disabled"',
    replace: 'deletionProtection ? "Disabled" : "Disabled"'
  }),
  member(
    "pairs-with-a-primary-version",
    "A pair tells a primary version.",
    "KMS-MET-013",
    'if (kind === "asymmetric") return {}',
    'if (kind === "asymmetric") return { PrimaryKeyVersion: snapshot.context.newestVersionId }'
  ),
  seeded("states-answer-400", "A refusal for the state of a key comes with the status 400.", "KMS-MET-010", {
    file: "src/domain/errors.ts",
    find: '"Rejected.Disabled": { status: 409',
    replace: '"Rejected.Disabled": { status: 400'
  }),
  seeded("not-found-answers-400", "A key that does not exist comes with the status 400.", "KMS-MET-010", {
    file: "src/domain/errors.ts",
    find: '"Forbidden.KeyNotFound": { status: 404',
    replace: '"Forbidden.KeyNotFound": { status: 400'
  }),
  seeded("versions-of-a-later-date", "Versions are told with a date that is a day late.", "KMS-MET-011", {
    file: "src/operation/versions/keyVersions.ts",
    find: "CreationDate: formatInstant(createdAt)",
    replace: "CreationDate: formatInstant(createdAt + 86_400_000)"
  }),
  seeded("public-key-names-no-version", "GetPublicKey names the key where it should name the version.", "KMS-MET-012", {
    file: "src/operation/cryptography/GetPublicKey.ts",
    find: "KeyVersionId: keyVersionId, PublicKey",
    replace: "KeyVersionId: key.keyId, PublicKey"
  }),
  seeded("alias-arn-without-its-name", "The ARN of an alias in a list is that of its key.", "KMS-MET-003", {
    file: "src/operation/aliases/aliasList.ts",
    find: "AliasArn: aliasArn(realm, alias.aliasName)",
    replace: "AliasArn: aliasArn(realm, alias.keyId)"
  })
]

const tagsFile = "src/operation/tags/tags.ts"

export const tags = [
  seeded("tag-keys-in-lower-case", "The case of letters in a tag key is lost.", "KMS-TAG-004", {
    file: tagsFile,
    find: "Object.fromEntries(tags.map(({ key, value }) => [key, value]))",
    replace: "Object.fromEntries(tags.map(({ key, value }) => [key.toLowerCase(), value]))"
  }),
  seeded("untag-by-prefix", "UntagResource removes every tag that begins with a name.", "KMS-TAG-004", {
    file: "src/plan/metadataEdit.ts",
    find: "!names.includes(name)",
    replace: "!names.some((gone) => name.startsWith(gone))"
  }),
  seeded("tag-values-in-lower-case", "The case of letters in a tag value is lost.", "KMS-TAG-004", {
    file: tagsFile,
    find: "Object.fromEntries(tags.map(({ key, value }) => [key, value]))",
    replace: "Object.fromEntries(tags.map(({ key, value }) => [key, value.toLowerCase()]))"
  })
]

export const nearNames = [
  seeded("alias-names-in-any-case", "Alias names are kept in lower case.", "KMS-AL-016", {
    file: "src/operation/aliases/aliasName.ts",
    find: "aliasFault(given) === undefined ? given : undefined",
    replace: "aliasFault(given) === undefined ? given.toLowerCase() : undefined"
  })
]

export const laterMaterial = [
  seeded("other-material-after-expiry", "Once material expired, any material may be imported.", "KMS-IMP-005", {
    file: "machines/cmk.ts",
    find: '    MaterialExpired: { guard: "expiryIsDue", target: "PendingImport", actions: [forgetMaterial, erase] },\n    CreateKeyVersion',
    replace:
      '    MaterialExpired: { guard: "expiryIsDue", target: "PendingImport", actions: [forgetMaterial, cmk.assign({ fingerprint: null }), erase] },\n    CreateKeyVersion'
  }),
  seeded(
    "other-material-once-it-is-gone",
    "While a key has no material, any material may be imported.",
    "KMS-IMP-005",
    {
      file: "machines/cmk.ts",
      find: "(context.fingerprint ?? event.fingerprint) === event.fingerprint &&",
      replace:
        "(context.materialPresent ? context.fingerprint ?? event.fingerprint : event.fingerprint) === event.fingerprint &&"
    },
    {
      file: "machines/permits.ts",
      find: "return context.fingerprint !== null && context.fingerprint",
      replace: "return context.materialPresent && context.fingerprint !== null && context.fingerprint"
    }
  ),
  seeded(
    "refused-import-deletes-material",
    "An import that is refused deletes the material of the key.",
    "KMS-LC-015",
    {
      file: "src/operation/material/ImportKeyMaterial.ts",
      find: "      cause: causeOf(call)\n    })\n",
      replace:
        '      cause: causeOf(call)\n    }).pipe(Effect.onError(() => Effect.ignore(key.tell({ type: "DeleteKeyMaterial", at: clock.now() }, causeOf(call)))))\n'
    }
  )
]

const listKeys = "src/operation/keys/ListKeys.ts"
const pagingFile = "src/operation/paging.ts"

export const lists = [
  seeded("pages-overlap", "Each page begins with the last entry of the page before.", "KMS-LST-002", {
    file: pagingFile,
    find: "(request.PageNumber - 1) * request.PageSize",
    replace: "(request.PageNumber - 1) * request.PageSize - (request.PageNumber > 1 ? 1 : 0)"
  }),
  seeded("total-of-the-page", "TotalCount is the number of entries on the page.", "KMS-LST-004", {
    file: listKeys,
    find: "TotalCount: total",
    replace: "TotalCount: keyIds.length"
  }),
  seeded("total-is-left", "TotalCount tells how many entries are left.", "KMS-LST-003", {
    file: listKeys,
    find: "TotalCount: total",
    replace: "TotalCount: total - offsetOf(request)"
  }),
  seeded("page-after-the-last-repeats", "A page after the last is the last once more.", "KMS-LST-005", {
    file: listKeys,
    find: "offset: offsetOf(request)",
    replace: "offset: request.PageSize === 7 && request.PageNumber > 1 ? 0 : offsetOf(request)"
  }),
  seeded("page-number-counts-from-zero", "The page is told with a number that counts from 0.", "KMS-LST-006", {
    file: listKeys,
    find: "PageNumber: request.PageNumber",
    replace: "PageNumber: request.PageNumber - 1"
  }),
  seeded("pages-of-any-size", "Pages of more than 100 entries are taken.", "KMS-LST-007", {
    file: limits,
    find: "sizeMaximum: 100",
    replace: "sizeMaximum: 1000"
  }),
  seeded("filters-any-of-all", "Of several filters one has to match.", "KMS-LST-008", {
    file: listKeys,
    find: "  return filter\n}",
    replace: "  return Object.fromEntries(Object.entries(filter).slice(0, 1)) as KeyFilter\n}"
  }),
  seeded("filters-take-the-last-value", "Of several values of a filter the last is looked at.", "KMS-LST-008", {
    file: listKeys,
    find: "[...(filter[property.of] ?? []), ...Values]",
    replace: "Values.slice(-1)"
  }),
  seeded("filters-ignored", "Filters are read and not applied.", "KMS-LST-008", {
    file: listKeys,
    find: "...(request.Filters === undefined ? {} :",
    replace: "...(request.Filters === undefined || request.PageSize > 0 ? {} :"
  }),
  seeded("aliases-of-a-key-on-one-page", "ListAliasesByKeyId lists the first page only.", "KMS-LST-001", {
    file: "src/store/makeStore.ts",
    find: "found.slice(offset, offset + limit).map(form.readAlias)",
    replace: "found.slice(offset, offset + limit).filter(() => offset === 0).map(form.readAlias)"
  })
]
