/** Faults of quotas, and of the separation of accounts and regions. */
import { seeded } from "../fault.ts"
import type { Fault } from "../fault.ts"

const quota = "src/operation/quota.ts"
const tags = "src/plan/metadataEdit.ts"
const rows = "src/records/storedRows.ts"
const directory = "src/actor/keyDirectory.ts"
const plan = "src/plan/changePlan.ts"
const permits = "machines/permits.ts"

const keyMaximum = (replace: string) => ({ file: quota, find: "maximum: keysPerRealmMax", replace })
const aliasMaximum = (replace: string) => ({ file: quota, find: "maximum: aliasesPerRealmMax", replace })
const counted = (replace: string) => ({
  file: rows,
  find: "users: (row) => (isLive(row) && !row.service ?",
  replace: `users: (row) => (${replace} && !row.service ?`
})
const editOfTags = (replace: string) => ({
  file: tags,
  find: "Object.keys({ ...tags, ...edit.tags }).length > edit.tagsMax",
  replace
})
const tagsOfOne = (replace: string) => ({
  file: "src/operation/tags/TagResource.ts",
  find: "tagsMax: tagsPerCallMax.one",
  replace: `tagsMax: ${replace}`
})
const versionsMax = (replace: string) => ({
  file: permits,
  find: "export const asymmetricVersionsMax = 50",
  replace: `export const asymmetricVersionsMax = ${replace}`
})

export const quotas: ReadonlyArray<Fault> = [
  seeded(
    "one-key-beyond-the-quota",
    "One key more than the quota is made.",
    "KMS-QUO-002",
    keyMaximum("maximum: keysPerRealmMax + 1")
  ),
  seeded("no-quota-of-keys", "Keys are made without end.", "KMS-QUO-002", keyMaximum("maximum: 50 * keysPerRealmMax")),
  seeded(
    "one-key-below-the-quota",
    "The last key of the quota is refused.",
    "KMS-QUO-001",
    keyMaximum("maximum: keysPerRealmMax - 1")
  ),
  seeded(
    "half-the-quota-of-keys",
    "Half of the keys of the quota are refused.",
    "KMS-QUO-001",
    keyMaximum("maximum: keysPerRealmMax / 2")
  ),
  seeded(
    "pending-deletion-takes-no-room",
    "A key that waits for its deletion does not count.",
    "KMS-QUO-003",
    counted('isLive(row) && row.state !== "PendingDeletion"')
  ),
  seeded(
    "disabled-takes-no-room",
    "A Disabled key does not count.",
    "KMS-QUO-003",
    counted('isLive(row) && row.state !== "Disabled"')
  ),
  seeded(
    "deleted-keys-take-room",
    "A key that is gone counts for ever.",
    "KMS-QUO-005",
    counted("row.account.length > 0")
  ),
  seeded(
    "refused-alias-takes-room",
    "A CreateAlias that is refused counts as an alias.",
    "KMS-QUO-004",
    {
      file: "src/operation/aliases/CreateAlias.ts",
      find: "export const CreateAlias",
      replace: "const taken = new WeakMap<object, number>()\nexport const CreateAlias"
    },
    {
      file: "src/operation/aliases/CreateAlias.ts",
      find: "quota: aliasQuota\n",
      replace: 'quota: { of: "aliases", maximum: aliasQuota.maximum - (taken.get(call.services) ?? 0) }\n'
    },
    {
      file: "src/operation/aliases/CreateAlias.ts",
      find: "return yield* holdingAlias(call, AliasName, bind)",
      replace:
        "return yield* Effect.tapError(holdingAlias(call, AliasName, bind), () => Effect.sync(() => taken.set(call.services, (taken.get(call.services) ?? 0) + 1)))"
    }
  ),
  seeded(
    "refused-key-takes-room",
    "A CreateKey that is refused at the quota counts as a key.",
    "KMS-QUO-005",
    {
      file: quota,
      find: "count < quota.maximum ? Effect.void : Effect.fail(quotaReached(quota))",
      replace:
        "count + (refusals.get(services) ?? 0) < quota.maximum ? Effect.void : Effect.andThen(Effect.sync(() => refusals.set(services, (refusals.get(services) ?? 0) + 1)), Effect.fail(quotaReached(quota)))"
    },
    {
      file: quota,
      find: "export const keyQuota",
      replace: "const refusals = new WeakMap<object, number>()\nexport const keyQuota"
    }
  ),
  seeded(
    "one-alias-beyond-the-quota",
    "One alias more than the quota is created.",
    "KMS-QUO-007",
    aliasMaximum("maximum: aliasesPerRealmMax + 1")
  ),
  seeded("no-quota-of-aliases", "Aliases are created without end.", "KMS-QUO-007", {
    file: "src/operation/aliases/CreateAlias.ts",
    find: "quota: aliasQuota\n",
    replace: "quota: { ...aliasQuota, maximum: 1_000_000 }\n"
  }),
  seeded(
    "one-alias-below-the-quota",
    "The last alias of the quota is refused.",
    "KMS-QUO-006",
    aliasMaximum("maximum: aliasesPerRealmMax - 1")
  ),
  seeded(
    "deleted-aliases-take-room",
    "An alias that was deleted counts for ever.",
    "KMS-QUO-008",
    {
      file: "src/operation/aliases/DeleteAlias.ts",
      find: 'const key = yield* call.keyById(from, "kms:DeleteAlias")',
      replace:
        'const key = yield* call.keyById(from, "kms:DeleteAlias")\n  const full = aliasQuota as { maximum: number }\n  full.maximum -= 1'
    },
    {
      file: "src/operation/aliases/DeleteAlias.ts",
      find: 'import { operation } from "../operation.ts"',
      replace: 'import { operation } from "../operation.ts"\nimport { aliasQuota } from "../quota.ts"'
    }
  ),
  seeded(
    "a-moving-alias-needs-room",
    "UpdateAlias is refused at the quota of aliases.",
    "KMS-QUO-011",
    {
      file: "src/operation/aliases/UpdateAlias.ts",
      find: "    aliases: [{ aliasName: AliasName, from, to: key.keyId }]\n",
      replace: "    aliases: [{ aliasName: AliasName, from, to: key.keyId }],\n    quota: aliasQuota\n"
    },
    {
      file: "src/operation/aliases/UpdateAlias.ts",
      find: 'import type { Call } from "../operation.ts"',
      replace: 'import type { Call } from "../operation.ts"\nimport { aliasQuota } from "../quota.ts"'
    }
  ),
  seeded(
    "an-eleventh-tag",
    "A key takes one tag more than the quota.",
    "KMS-QUO-009",
    tagsOfOne("tagsPerCallMax.one + 1")
  ),
  seeded(
    "no-tenth-tag",
    "A key takes one tag less than the quota.",
    "KMS-QUO-009",
    tagsOfOne("tagsPerCallMax.one - 1")
  ),
  seeded(
    "tags-of-one-call-alone",
    "Only the tags of one call are counted.",
    "KMS-QUO-009",
    editOfTags("Object.keys(edit.tags).length > edit.tagsMax")
  ),
  seeded(
    "a-replaced-tag-counts-twice",
    "A tag in place of another counts as one more.",
    "KMS-QUO-011",
    editOfTags("Object.keys(tags ?? {}).length + Object.keys(edit.tags).length > edit.tagsMax")
  ),
  seeded("a-fifty-first-version", "A pair takes one version more than the quota.", "KMS-QUO-010", versionsMax("51")),
  seeded("no-fiftieth-version", "A pair takes one version less than the quota.", "KMS-QUO-010", versionsMax("49"))
]

const admits = (replace: string) => ({
  file: directory,
  find: "at.account === realm.account && at.region === realm.region",
  replace
})
const refusedElsewhere = (replace: string) => ({
  file: directory,
  find: '    : Effect.fail(refuse("Forbidden.KeyNotFound"))\n}',
  replace: `    : Effect.fail(${replace})\n}`
})
const listedIn = (file: string, replace: string) => ({ file, find: "realm: call.realm,", replace })
const aliasCheck = (replace: string) => ({
  file: plan,
  find: 'checks.push({ table: "aliases", id: [realm.account, realm.region, aliasName]',
  replace: `checks.push({ table: "aliases", id: [${replace}, aliasName]`
})
const countedIn = (replace: string) => ({
  file: plan,
  find: "const partition = [account, region]",
  replace: `const partition = [${replace}]`
})
const keysListed = "src/operation/keys/ListKeys.ts"
const aliasesListed = "src/operation/aliases/ListAliases.ts"
const aliasesIn = (replace: string) => ({
  file: aliasesListed,
  find: "services.store.aliases({ realm, offset",
  replace: `services.store.aliases({ realm: ${replace}, offset`
})

export const places: ReadonlyArray<Fault> = [
  seeded("keys-of-every-account", "A key answers every account.", "KMS-PLC-001", admits("at.region === realm.region")),
  seeded(
    "keys-of-accounts-alike",
    "Accounts are compared by their length.",
    "KMS-PLC-001",
    admits("at.account.length === realm.account.length && at.region === realm.region")
  ),
  seeded(
    "keys-of-every-region",
    "A key answers in every region of its account.",
    "KMS-PLC-002",
    admits("at.account === realm.account")
  ),
  seeded(
    "keys-of-regions-alike",
    "Regions are compared by their first letters.",
    "KMS-PLC-002",
    admits("at.account === realm.account && at.region.slice(0, 3) === realm.region.slice(0, 3)")
  ),
  seeded(
    "disabled-keys-of-every-region",
    "A Disabled key answers in every region.",
    "KMS-PLC-002",
    admits(
      'at.account === realm.account && (at.region === realm.region || actor.snapshot().hasTag("usable") === false)'
    )
  ),
  ...(["Decrypt", "ReEncrypt", "ExportDataKey"] as const).map((operation) =>
    seeded(
      `${operation.toLowerCase()}-opens-everywhere`,
      `${operation} opens ciphertext of any account and region.`,
      "KMS-PLC-003",
      {
        file: "src/requests/callUnderWay.ts",
        find: "const found = this.services.directory.find(this.realm, keyId, this.proven?.key(keyId))",
        replace: `const found = Effect.catchTag(this.services.directory.find(this.realm, keyId, this.proven?.key(keyId)), "Forbidden.KeyNotFound", (error) => this.operation !== "${operation}" ? Effect.fail(error) : this.services.directory.find({ ...this.realm, region: (this.realm.region === "cn-beijing" ? "cn-hangzhou" : "cn-beijing") as Realm["region"] }, keyId))`
      }
    )
  ),
  seeded("ciphertext-opens-in-every-account", "Decrypt asks no account.", "KMS-PLC-003", {
    file: "src/requests/callUnderWay.ts",
    find: "const found = this.services.directory.find(this.realm, keyId, this.proven?.key(keyId))",
    replace:
      'const account = this.operation === "Decrypt" ? this.services.directory.awake(keyId) : undefined\n    const found = this.services.directory.find(account === undefined ? this.realm : { ...this.realm, account: "1000000000000001" as Realm["account"] }, keyId, this.proven?.key(keyId))'
  }),
  seeded(
    "keys-listed-in-every-region",
    "ListKeys lists one region's keys in every region.",
    "KMS-PLC-004",
    listedIn(keysListed, 'realm: { ...call.realm, region: "cn-hangzhou" as typeof call.realm.region },')
  ),
  seeded(
    "keys-listed-in-every-account",
    "ListKeys lists one account's keys to every account.",
    "KMS-PLC-004",
    listedIn(keysListed, 'realm: { ...call.realm, account: "1000000000000001" as typeof call.realm.account },')
  ),
  seeded(
    "aliases-listed-in-every-region",
    "ListAliases lists one region's aliases in every region.",
    "KMS-PLC-004",
    aliasesIn('{ ...realm, region: "cn-hangzhou" as typeof realm.region }')
  ),
  seeded(
    "aliases-listed-in-every-account",
    "ListAliases lists one account's aliases to every account.",
    "KMS-PLC-004",
    aliasesIn('{ ...realm, account: "1000000000000001" as typeof realm.account }')
  ),
  seeded(
    "foreign-keys-are-forbidden",
    "A key of another account or region is refused with a different code.",
    "KMS-PLC-005",
    refusedElsewhere('refuse("Rejected.UnsupportedOperation") as never')
  ),
  seeded(
    "foreign-keys-have-a-hint",
    "The refusal hints that the key is elsewhere.",
    "KMS-PLC-005",
    refusedElsewhere('refuse("Forbidden.KeyNotFound", { hint: "The key is in another region." })')
  ),
  seeded(
    "foreign-keys-name-their-region",
    "The refusal names the region of the key.",
    "KMS-PLC-005",
    refusedElsewhere('refuse("Forbidden.KeyNotFound", { hint: at.region })')
  ),
  seeded(
    "foreign-keys-name-their-account",
    "The refusal names the account of the key.",
    "KMS-PLC-005",
    refusedElsewhere('refuse("Forbidden.KeyNotFound", { hint: at.account })')
  ),
  seeded(
    "foreign-descriptions-in-hints",
    "The refusal tells the description of a key that is elsewhere.",
    "KMS-PLC-006",
    refusedElsewhere('refuse("Forbidden.KeyNotFound", { hint: `Did you mean ${actor.metadata().description}?` })')
  ),
  seeded(
    "foreign-tags-in-hints",
    "The refusal tells the tags of a key that is elsewhere.",
    "KMS-PLC-006",
    refusedElsewhere('refuse("Forbidden.KeyNotFound", { hint: JSON.stringify(actor.metadata().tags) })')
  ),
  seeded(
    "foreign-arns-in-hints",
    "The refusal tells the ARN of a key that is elsewhere.",
    "KMS-PLC-006",
    refusedElsewhere(
      'refuse("Forbidden.KeyNotFound", { hint: `acs:kms:${at.region}:${at.account}:key/${actor.keyId}` })'
    )
  ),
  seeded(
    "foreign-ids-in-hints",
    "A key that is not found is answered with the ids of all keys that are awake.",
    "KMS-PLC-006",
    {
      file: directory,
      find: '  if (stored === undefined) return yield* refuse("Forbidden.KeyNotFound")',
      replace:
        '  if (stored === undefined) return yield* refuse("Forbidden.KeyNotFound", { hint: [...directory.awake.keys()].join(" ") })'
    }
  ),
  seeded(
    "alias-names-of-all-regions",
    "A name of an alias is taken in every region of the account.",
    "KMS-PLC-007",
    aliasCheck('realm.account, "cn-hangzhou"')
  ),
  seeded(
    "alias-names-of-all-accounts",
    "A name of an alias is taken in every account.",
    "KMS-PLC-007",
    aliasCheck('"1000000000000001", realm.region')
  ),
  seeded(
    "room-of-all-regions",
    "Keys and aliases take room in every region of the account.",
    "KMS-PLC-008",
    countedIn('account, "cn-hangzhou"')
  ),
  seeded(
    "room-of-all-accounts",
    "Keys and aliases take room in every account.",
    "KMS-PLC-008",
    countedIn('"1000000000000001", region')
  ),
  seeded("room-of-one-region", "A key is refused where one region of the account is full.", "KMS-PLC-008", {
    file: quota,
    find: "services.store.userKeyCount(realm)",
    replace: 'services.store.userKeyCount({ ...realm, region: "cn-hangzhou" as typeof realm.region })'
  }),
  seeded("room-of-one-account", "A key is refused where the first account is full.", "KMS-PLC-008", {
    file: quota,
    find: "services.store.userKeyCount(realm)",
    replace: 'services.store.userKeyCount({ ...realm, account: "1000000000000001" as typeof realm.account })'
  })
]
