/** The actions of clients. Each has a call, the effect of its answer on the registers, and a check of the answer. */
import { root } from "./node.ts"
import type { Answer, Call } from "./node.ts"
import { aliasName, intervalDrawn, textAt } from "./cast.ts"
import type { Cast, SharedKey } from "./cast.ts"
import { answers, carriedOut, isOfState } from "./lifecycle.ts"
import { bytesFrom, wrapMaterial } from "./provider.ts"
import type { Told } from "./registers.ts"
import type { Activity } from "./scenario.ts"

export interface Action extends Omit<Call, "requestId"> {
  readonly says: string
  readonly tells: ReadonlyArray<Told>
  /** Whether the journal of a key gets exactly one event if the call is acknowledged. */
  readonly isKeyChange?: true
  /** The key whose state an accepted answer shows, and that state. */
  readonly shows?: { readonly keyId: string; readonly state: () => string | undefined }
  /** Checks an accepted answer, and returns the fault. */
  readonly accepted?: (reply: NonNullable<Answer["reply"]>) => string | undefined
  /** What the client does next on the same node if the call was accepted. */
  readonly next?: (reply: NonNullable<Answer["reply"]>) => Action
}

const is = (wanted: string) => (state: string) => state === wanted
const becomes = (wanted: string) => () => wanted

export type Draw = (cast: Cast) => Action | undefined

const keyAction = (key: SharedKey, operation: string, more: Partial<Action> = {}): Action => {
  const { keyId, name, sort, state } = key
  const told: Told = {
    register: state,
    by: (code) =>
      isOfState(sort, operation, code)
        ? { when: answers(sort, operation, code), ...(code === "Success" ? { next: carriedOut(sort, operation) } : {}) }
        : undefined,
    unanswered: carriedOut(sort, operation)
  }
  return { operation, parameters: { KeyId: keyId }, caller: root, says: `${operation} ${name}`, tells: [told], ...more }
}

const keyChange = (key: SharedKey, operation: string, parameters: object = {}): Action =>
  keyAction(key, operation, { parameters: { KeyId: key.keyId, ...parameters }, isKeyChange: true })

const dies = (state: string): string => (state === "PendingDeletion" ? "Deleted" : state)

/** The key may be deleted at any time after the call: another check in the store finds early deletions. */
const scheduled = (key: SharedKey, days: number): Action => {
  const action = keyChange(key, "ScheduleKeyDeletion", { PendingWindowInDays: days })
  return { ...action, tells: action.tells.map((told) => ({ ...told, later: dies })) }
}

const expires = (state: string): string => (state === "Enabled" || state === "Disabled" ? "PendingImport" : state)

interface Import {
  readonly isWrong: boolean
  /** Seconds since 1970; undefined if the material does not expire. */
  readonly expiresAt: number | undefined
}

const secondsOfDays = 200_000
const secondsOfYears = 100_000_000

/** Seconds since 1970: within seconds, or within the run. */
const expiryDrawn = ({ durable, scenario, world }: Cast): number => {
  const far = scenario.years === 0 ? secondsOfDays : secondsOfYears
  return Math.floor(durable.clockTime() / 1000) + 1 + world.below(world.random() < 0.5 ? 3 : far)
}

const importDrawn = (cast: Cast, key: SharedKey): Action => {
  const { world } = cast
  return imported(cast, key, {
    isWrong: world.random() < 0.2,
    expiresAt: world.random() < 0.5 ? undefined : expiryDrawn(cast)
  })
}

const imported = ({ world }: Cast, key: SharedKey, { isWrong, expiresAt }: Import): Action => {
  const material = isWrong ? bytesFrom(world.random, 32) : key.material
  return {
    operation: "GetParametersForImport",
    parameters: { KeyId: key.keyId, WrappingAlgorithm: "RSAES_PKCS1_V1_5", WrappingKeySpec: "RSA_2048" },
    caller: root,
    says: `GetParametersForImport ${key.name}`,
    tells: [],
    next: (reply) => {
      const action = keyChange(key, "ImportKeyMaterial", {
        ImportToken: textAt(reply, "ImportToken"),
        EncryptedKeyMaterial: Buffer.from(wrapMaterial(material, world.random)).toString("base64"),
        ...(expiresAt === undefined ? {} : { KeyMaterialExpireUnix: expiresAt })
      })
      return {
        ...action,
        says: `ImportKeyMaterial ${key.name}${isWrong ? " with other material" : ""}`,
        tells: action.tells.map((told) => (expiresAt === undefined ? told : { ...told, later: expires }))
      }
    }
  }
}

const importedForAnHour = (cast: Cast, key: SharedKey): Action =>
  imported(cast, key, { isWrong: false, expiresAt: Math.floor(cast.durable.clockTime() / 1000) + 3600 })

const encrypted = (cast: Cast, key: SharedKey): Action => {
  const bytes = bytesFrom(cast.world.random, 24)
  const plaintext = Buffer.from(bytes).toString("base64")
  cast.secrets.set(`a plaintext of ${key.name}`, bytes)
  return keyAction(key, "Encrypt", {
    parameters: { KeyId: key.keyId, Plaintext: plaintext },
    accepted: (reply) => {
      key.sealed.push({ blob: textAt(reply, "CiphertextBlob"), plaintext })
      return undefined
    }
  })
}

const opened = (key: SharedKey, { blob, plaintext }: SharedKey["sealed"][number]): Action =>
  keyAction(key, "Decrypt", {
    parameters: { CiphertextBlob: blob },
    accepted: (reply) =>
      textAt(reply, "Plaintext") === plaintext ? undefined : `Decrypt with ${key.name} gave another plaintext`
  })

const decrypted = (cast: Cast, key: SharedKey): Action | undefined =>
  key.sealed.length === 0 ? undefined : opened(key, cast.world.pick(key.sealed))

/** No rotation makes ciphertext unreadable. */
export const openOldest = (key: SharedKey): Action | undefined => {
  const [oldest] = key.sealed
  return oldest === undefined ? undefined : opened(key, oldest)
}

const described = (key: SharedKey): Action => {
  const seen: { state?: string } = {}
  return keyAction(key, "DescribeKey", {
    tells: [
      {
        register: key.state,
        by: (code) => {
          if (code === "Success" && seen.state !== undefined) return { when: is(seen.state) }
          return isOfState(key.sort, "DescribeKey", code) ? { when: answers(key.sort, "DescribeKey", code) } : undefined
        }
      }
    ],
    shows: { keyId: key.keyId, state: () => seen.state },
    accepted: (reply) => {
      seen.state = textAt(reply, "KeyMetadata", "KeyState")
      return undefined
    }
  })
}

/** Of many keys, clients collide on the first ones. */
const collidingKeys = 4
const collidingShare = 0.6

const aKey = ({ keys, world }: Cast, sort?: SharedKey["sort"]): SharedKey | undefined => {
  const suitable = keys.filter((key) => sort === undefined || key.sort === sort)
  if (suitable.length === 0) return undefined
  const isMany = suitable.length > collidingKeys
  return world.pick(isMany && world.random() < collidingShare ? suitable.slice(0, collidingKeys) : suitable)
}

const onKey =
  (draw: (cast: Cast, key: SharedKey) => Action | undefined, sort?: SharedKey["sort"]): Draw =>
  (cast) => {
    const key = aKey(cast, sort)
    return key === undefined ? undefined : draw(cast, key)
  }

/** The alias does not exist. */
const none = "none"

const aliasAction =
  (operation: string, keyId: string | undefined, told: Omit<Told, "register">): Draw =>
  (cast) => ({
    operation,
    parameters: { AliasName: aliasName, ...(keyId === undefined ? {} : { KeyId: keyId }) },
    caller: root,
    says: `${operation} ${keyId?.slice(0, 4) ?? ""}`,
    tells: [{ register: cast.alias, ...told }]
  })

const aliasMoved: Draw = (cast) => {
  const keyId = cast.world.pick(cast.aliasKeys)
  return aliasAction("UpdateAlias", keyId, {
    by: (code) => {
      if (code === "Forbidden.AliasNotFound") return { when: is(none) }
      return code === "Success" ? { when: (state) => state !== none, next: becomes(keyId) } : undefined
    },
    unanswered: (state) => (state === none ? none : keyId)
  })(cast)
}

const aliasMade: Draw = (cast) => {
  const keyId = cast.world.pick(cast.aliasKeys)
  return aliasAction("CreateAlias", keyId, {
    by: (code) => {
      if (code === "AliasAlreadyExists") return { when: (state) => state !== none }
      return code === "Success" ? { when: is(none), next: becomes(keyId) } : undefined
    },
    unanswered: (state) => (state === none ? keyId : state)
  })(cast)
}

const aliasDropped: Draw = aliasAction("DeleteAlias", undefined, {
  by: (code) => {
    if (code === "Forbidden.AliasNotFound") return { when: is(none) }
    return code === "Success" ? { when: (state) => state !== none, next: becomes(none) } : undefined
  },
  unanswered: becomes(none)
})

const aliasRead: Draw = (cast) => {
  const seen: { keyId?: string } = {}
  return {
    operation: "DescribeKey",
    parameters: { KeyId: aliasName },
    caller: root,
    says: "DescribeKey by alias",
    tells: [
      {
        register: cast.alias,
        by: (code) => {
          if (code === "Forbidden.AliasNotFound") return { when: is(none) }
          return code === "Success" && seen.keyId !== undefined ? { when: is(seen.keyId) } : undefined
        }
      }
    ],
    accepted: (reply) => {
      seen.keyId = textAt(reply, "KeyMetadata", "KeyId")
      return undefined
    }
  }
}

const attachment = { PolicyName: "use", PolicyType: "Custom", UserName: "alice" }

const policyAction = (operation: string, leaves: "attached" | "detached", refusal: string): Draw => {
  const before = leaves === "attached" ? "detached" : "attached"
  return (cast) => ({
    operation,
    parameters: attachment,
    api: "ram",
    caller: root,
    says: operation,
    tells: [
      {
        register: cast.policy,
        by: (code) => {
          if (code === refusal) return { when: is(leaves) }
          return code === "Success" ? { when: is(before), next: becomes(leaves) } : undefined
        },
        unanswered: becomes(leaves)
      }
    ]
  })
}

const usedByAlice: Draw = (cast) => ({
  operation: "Encrypt",
  parameters: { KeyId: cast.policyKey, Plaintext: "eA==" },
  caller: cast.alice,
  says: "Encrypt as alice",
  tells: [
    {
      register: cast.policy,
      by: (code) => {
        if (code === "Forbidden.NoPermission") return { when: is("detached") }
        return code === "Success" ? { when: is("attached") } : undefined
      }
    }
  ]
})

const accessKeySet =
  (status: "Active" | "Inactive"): Draw =>
  ({ accessKey, bob }) => ({
    operation: "UpdateAccessKey",
    parameters: { UserName: "bob", UserAccessKeyId: bob.accessKeyId, Status: status },
    api: "ram",
    caller: root,
    says: `UpdateAccessKey ${status}`,
    tells: [
      {
        register: accessKey,
        by: (code) => (code === "Success" ? { next: becomes(status) } : undefined),
        unanswered: becomes(status)
      }
    ]
  })

const clockAdvanced = (by: string): Action => ({
  operation: "AdvanceClock",
  parameters: { By: by },
  caller: root,
  says: `AdvanceClock ${by}`,
  tells: []
})

/** Up to a minute before or after the next deadline. */
const clockMovedClose = ({ durable, world }: Cast): Action | undefined => {
  const now = durable.clockTime()
  const dueAt = durable.nextDue(now)
  if (dueAt === undefined) return undefined
  return clockAdvanced(`${Math.max(1, Math.floor((dueAt - now) / 1000) + world.below(121) - 60)}s`)
}

const clockMoved: Draw = (cast) => {
  const { scenario, world } = cast
  if (scenario.clock === "real") return undefined
  if (world.random() < 0.3) return clockMovedClose(cast)
  if (world.random() < 0.3) {
    const operation = "AdvanceClockToNextDeadline"
    return { operation, parameters: {}, caller: root, says: operation, tells: [] }
  }
  return clockAdvanced(world.pick(["1h", "1d", "7d", "8d", "30d", "365d"]))
}

const plain = (operation: string, parameters: object = {}, sort?: SharedKey["sort"]): Draw =>
  onKey((_cast, key) => keyChange(key, operation, parameters), sort)

/** Signed requests are separate actions: see clients.ts. */
export type Drawn = Exclude<Activity, "replay">

const rotationSet = (isOn: boolean): Draw =>
  onKey(
    (cast, key) =>
      keyChange(key, "UpdateRotationPolicy", {
        EnableAutomaticRotation: isOn,
        ...(isOn ? { RotationInterval: intervalDrawn(cast) } : {})
      }),
    "own"
  )

/** The actions on one key, by name. */
export const moves = {
  EnableKey: plain("EnableKey"),
  DisableKey: plain("DisableKey"),
  CancelKeyDeletion: plain("CancelKeyDeletion", {}, "own"),
  DeleteKeyMaterial: plain("DeleteKeyMaterial", {}, "external"),
  rotationOn: rotationSet(true),
  rotationOff: rotationSet(false),
  TagResource: plain("TagResource", { Tags: '[{"TagKey":"a","TagValue":"b"}]' }),
  Encrypt: onKey(encrypted),
  Decrypt: onKey(decrypted),
  DescribeKey: onKey((_cast, key) => described(key)),
  UpdateAlias: aliasMoved,
  CreateAlias: aliasMade,
  DeleteAlias: aliasDropped,
  describeByAlias: aliasRead,
  AttachPolicyToUser: policyAction("AttachPolicyToUser", "attached", "EntityAlreadyExists.User.Policy"),
  DetachPolicyFromUser: policyAction("DetachPolicyFromUser", "detached", "EntityNotExist.User.Policy"),
  encryptAsUser: usedByAlice,
  accessKeyOn: accessKeySet("Active"),
  accessKeyOff: accessKeySet("Inactive")
} as const satisfies Readonly<Record<string, Draw>>

/** The same action with the fixed choices of `draws`. */
export const certainMoves = {
  ScheduleKeyDeletion: onKey((_cast, key) => scheduled(key, 7), "own"),
  ImportKeyMaterial: onKey((cast, key) => imported(cast, key, { isWrong: false, expiresAt: undefined }), "external"),
  importOfAnHour: onKey(importedForAnHour, "external"),
  AdvanceClock: () => clockAdvanced("8d")
} as const satisfies Readonly<Record<string, Draw>>

export const draws: Readonly<Record<Drawn, ReadonlyArray<Draw>>> = {
  switching: [moves.EnableKey, moves.DisableKey],
  deletion: [
    onKey(({ world }, key) => scheduled(key, 7 + world.below(3)), "own"),
    moves.CancelKeyDeletion,
    moves.CancelKeyDeletion
  ],
  material: [onKey(importDrawn, "external"), onKey(importDrawn, "external"), moves.DeleteKeyMaterial],
  rotation: [moves.rotationOn, moves.rotationOff],
  metadata: [moves.TagResource],
  use: [moves.Encrypt, moves.Encrypt, moves.Decrypt, moves.Decrypt, moves.DescribeKey],
  alias: [moves.UpdateAlias, moves.CreateAlias, moves.DeleteAlias, ...Array<Draw>(3).fill(moves.describeByAlias)],
  policy: [moves.AttachPolicyToUser, moves.DetachPolicyFromUser, ...Array<Draw>(3).fill(moves.encryptAsUser)],
  accessKey: [moves.accessKeyOn, moves.accessKeyOff],
  clock: [clockMoved]
}

/** Reads every register after the faults have stopped: acknowledged changes are present. */
export const lastReads: ReadonlyArray<Draw> = [aliasRead, usedByAlice]
export const readKey = described
