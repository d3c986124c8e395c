/** Faults that appear after a restart or with simultaneous calls. */
import { seeded } from "../fault.ts"
import type { Fault, Patch } from "../fault.ts"

const plan = "src/plan/changePlan.ts"
const writes = "src/store/sqlite/rows.ts"
const actorTurn = "src/actor/turn.ts"
const actorState = "src/actor/keyState.ts"

const kept = "storedKey({ keyId, realm, metadata, snapshot, head })"
const keeping = (metadata: string, snapshot: string): string => {
  const changed = (changes: string, as: string) => `change.expectedEpoch > 0 ? ${changes} : ${as}`
  return `storedKey({ keyId, realm, metadata: ${changed(metadata, "metadata")}, snapshot: ${changed(snapshot, "snapshot")}, head })`
}
const context = (members: string): string =>
  `{ ...change.snapshot, context: { ...change.snapshot.context, ${members} } }`

export const durability: ReadonlyArray<Fault> = [
  {
    id: "revocation-lost-on-restart",
    does: "A key that was Disabled is Enabled after a restart.",
    law: "KMS-LC-010",
    patches: [
      {
        file: plan,
        find: kept,
        replace: keeping(
          "change.metadata",
          '{ ...change.snapshot, value: { ...change.snapshot.value, lifecycle: change.snapshot.value.lifecycle === "Disabled" ? "Enabled" as const : change.snapshot.value.lifecycle } }'
        )
      }
    ]
  },
  {
    id: "protection-lost-on-restart",
    does: "Deletion protection is off after a restart.",
    law: "KMS-DEL-014",
    patches: [{ file: plan, find: kept, replace: keeping("change.metadata", context("deletionProtection: false")) }]
  },
  {
    id: "description-lost-on-restart",
    does: "A new description is gone after a restart.",
    law: "KMS-LC-021",
    patches: [
      { file: plan, find: kept, replace: keeping('{ ...change.metadata, description: "" }', "change.snapshot") }
    ]
  },
  {
    id: "first-fingerprint-lost-on-restart",
    does: "After a restart any material may be imported again.",
    law: "KMS-AL-007",
    patches: [{ file: plan, find: kept, replace: keeping("change.metadata", context("fingerprint: null")) }]
  },
  {
    id: "deadlines-not-written",
    does: "Deadlines are not on disk, and nothing falls due.",
    law: "KMS-DEL-010",
    patches: [
      {
        file: writes,
        find: "return putDeadline(open, row)",
        replace: "return row.dueAt < 0 ? putDeadline(open, row) : undefined"
      }
    ]
  },
  {
    id: "new-aliases-not-written",
    does: "Alias names are not on disk.",
    law: "KMS-AL-001",
    patches: [
      {
        file: writes,
        find: 'statements("putAlias").run(row.account, row.region, row.aliasName, ordinalOf(open, row.keyId))',
        replace: "ordinalOf(open, row.keyId)"
      }
    ]
  },
  {
    id: "new-versions-not-written",
    does: "The material a rotation makes is not on disk.",
    law: "KMS-AL-001",
    patches: [
      {
        file: plan,
        find: "for (const version of change.newVersions) writes.push",
        replace:
          'for (const version of change.newVersions) if (change.entry.payload.type === "CreateKey" || change.snapshot.context.origin === "EXTERNAL") writes.push'
      }
    ]
  },
  {
    id: "answered-before-it-is-durable",
    does: "A change of state is answered and never written.",
    law: "KMS-LC-010",
    patches: [
      {
        file: actorTurn,
        find: "Effect.flatMap(commit(key, change, next), (head)",
        replace:
          'Effect.flatMap(message.event.type === "DisableKey" ? Effect.succeed(key.row.head) : commit(key, change, next), (head)'
      }
    ]
  },
  {
    id: "tags-lost-on-restart",
    does: "Tags are gone after a restart.",
    law: "KMS-TAG-001",
    patches: [
      { file: plan, find: kept, replace: keeping("{ ...change.metadata, tags: undefined }", "change.snapshot") }
    ]
  }
]

export const concurrency: ReadonlyArray<Fault> = [
  {
    id: "revocation-seen-late",
    does: "A revocation is answered before gates see it.",
    law: "KMS-LC-010",
    patches: [
      {
        file: actorState,
        find: "  key.snapshot = next\n",
        replace:
          '  if (event.type === "DisableKey") setTimeout(() => (key.snapshot = next), 3)\n  else key.snapshot = next\n'
      }
    ]
  },
  {
    id: "mailbox-bypassed",
    does: "Changes of one key run side by side, and the later one writes back what the earlier changed.",
    law: "KMS-CON-001",
    patches: [
      {
        file: actorTurn,
        find: "key.turn.withPermit(Effect.uninterruptible(work)).pipe(",
        replace: "Effect.uninterruptible(work).pipe("
      },
      {
        file: actorTurn,
        find: ": commitAndShow(key, verdict, message, given)",
        replace: ": Effect.andThen(Effect.sleep(1), Effect.suspend(() => commitAndShow(key, verdict, message, given)))"
      }
    ]
  },
  {
    id: "alias-given-out-twice",
    does: "Two calls that create one alias at the same time both succeed.",
    law: "KMS-CON-003",
    patches: [
      {
        file: plan,
        find: "of aliases ?? []) {\n    checks.push",
        replace: "of (aliases ?? []).slice(0, Math.min(0, expectedEpoch))) {\n    checks.push"
      },
      {
        file: "src/operation/aliases/CreateAlias.ts",
        find: "    return yield* holdingAlias(call, AliasName, bind)\n",
        replace:
          '    const bound = yield* call.services.store.alias(call.realm, AliasName)\n    if (bound !== undefined) return yield* refuse("AliasAlreadyExists")\n    yield* Effect.sleep(2)\n    return yield* bind\n'
      },
      {
        file: "src/operation/aliases/CreateAlias.ts",
        find: 'import { aliasName, holdingAlias } from "./aliasName.ts"',
        replace: 'import { refuse } from "../../domain/errors.ts"\nimport { aliasName } from "./aliasName.ts"'
      }
    ]
  }
]

const read = "src/records/storedForm.ts"
const metadataRead = {
  file: read,
  find: "metadata: decodeMetadata(`the metadata of key ${keyId}`, metadata)"
} as const
const snapshotRead = {
  file: read,
  find: "snapshot: decodeSnapshot(`the snapshot of key ${keyId}`, snapshot)"
} as const
const readSnapshot = (change: string): string =>
  `snapshot: ((s) => (${change}))(decodeSnapshot(\`the snapshot of key \${keyId}\`, snapshot))`
const readMetadata = (change: string): string =>
  `metadata: ((m) => (${change}))(decodeMetadata(\`the metadata of key \${keyId}\`, metadata))`

const decrypting = "src/operation/cryptography/Decrypt.ts"
const verifying = "src/operation/cryptography/AsymmetricVerify.ts"
/** Whether a key was used before the restart of the service. */
const older = (file: string, find: string): Patch => ({
  file,
  find,
  replace: `const firstWorlds = new Map<string, object>()
const isOlder = (key: string, world: object): boolean => {
  const first = firstWorlds.get(key) ?? world
  firstWorlds.set(key, first)
  return first !== world
}
${find}`
})

/** The data that is read after a restart differs from the data that was written. */
export const restarts: ReadonlyArray<Fault> = [
  seeded("disabled-key-enabled-by-a-restart", "A restart enables Disabled keys.", "KMS-RST-001", {
    ...snapshotRead,
    replace: readSnapshot(
      's.value.lifecycle === "Disabled" ? { ...s, value: { ...s.value, lifecycle: "Enabled" as const } } : s'
    )
  }),
  seeded("description-lost-by-a-restart", "Descriptions are empty after a restart.", "KMS-RST-001", {
    ...metadataRead,
    replace: readMetadata('{ ...m, description: "" }')
  }),
  seeded("protection-lost-by-a-restart", "Deletion protection is off after a restart.", "KMS-RST-001", {
    ...snapshotRead,
    replace: readSnapshot("{ ...s, context: { ...s.context, deletionProtection: false } }")
  }),
  seeded("creation-date-lost-by-a-restart", "Keys are a day older after a restart.", "KMS-RST-001", {
    ...metadataRead,
    replace: readMetadata("{ ...m, createdAt: m.createdAt - 86_400_000 }")
  }),
  seeded("tags-lost-by-a-restart", "Tags are gone after a restart.", "KMS-RST-002", {
    ...metadataRead,
    replace: readMetadata("{ ...m, tags: undefined }")
  }),
  seeded("deletion-put-off-by-a-restart", "A restart puts a deletion off by a day.", "KMS-RST-001", {
    ...snapshotRead,
    replace: readSnapshot(
      "s.context.deletion === null ? s : { ...s, context: { ...s.context, deletion: { ...s.context.deletion, dueAt: s.context.deletion.dueAt + 86_400_000 } } }"
    )
  }),
  seeded(
    "ciphertext-closed-by-a-restart",
    "After a restart older ciphertext names no key.",
    "KMS-RST-003",
    {
      file: decrypting,
      find: 'call.keyById(keyId, "kms:Decrypt")',
      replace:
        'call.keyById(isOlder(keyId, call.services) ? (`00${keyId.slice(2)}` as typeof keyId) : keyId, "kms:Decrypt")'
    },
    older(decrypting, "export const Decrypt = ")
  ),
  seeded(
    "ciphertext-refused-after-a-restart",
    "After a restart older ciphertext is called invalid.",
    "KMS-RST-003",
    {
      file: decrypting,
      find: "Effect.flatMapEager(targetOf(blob), ",
      replace:
        "Effect.flatMapEager(Effect.flatMap(targetOf(blob), (target) => isOlder(target.keyId, call.services) ? targetOf(new Uint8Array(8)) : Effect.succeed(target)), "
    },
    older(decrypting, "export const Decrypt = ")
  ),
  seeded(
    "other-plaintext-after-a-restart",
    "After a restart Decrypt answers another text.",
    "KMS-RST-003",
    {
      file: decrypting,
      find: "const Plaintext = toText(bytes)",
      replace: 'const Plaintext = isOlder(key.keyId, call.services) ? "" : toText(bytes)'
    },
    older(decrypting, "export const Decrypt = ")
  ),
  seeded(
    "signatures-end-with-a-restart",
    "After a restart older signatures do not verify.",
    "KMS-RST-003",
    {
      file: verifying,
      find: "return { Value, KeyId",
      replace: "return { Value: Value && !isOlder(key.keyId, services), KeyId"
    },
    older(verifying, "export const AsymmetricVerify = ")
  )
]
