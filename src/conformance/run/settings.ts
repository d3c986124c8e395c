/** The settings of a run, with every default applied. */
import { operations } from "../adapters/adapter.ts"
import type { KmsAdapter, OperationName, Profile, Quotas } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { vendor } from "../dialects/dialects.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { ConformanceOptions, Phase } from "./options.ts"

export interface Settings {
  readonly dialect: Dialect
  readonly profiles: ReadonlyArray<Profile>
  readonly seed: string
  readonly runs: number
  readonly maxLength: number
  readonly parallel: number
  readonly budgetMillis: number | null
  readonly known: ReadonlyArray<LawId>
  readonly phases: ReadonlyArray<Phase>
  readonly shrink: boolean
  readonly stopAfter: number
}

const defaults = {
  dialect: vendor,
  seed: "keystate",
  runs: 200,
  maxLength: 40,
  parallel: 3,
  budgetMillis: null,
  known: [],
  phases: ["metamorphic", "bursts", "exhaustive", "walks"],
  shrink: true,
  stopAfter: Number.POSITIVE_INFINITY
} as const satisfies Omit<Settings, "profiles">

export const settingsOf = (adapter: KmsAdapter, given: ConformanceOptions): Settings => ({
  profiles: adapter.capabilities.profiles.filter((profile) => given.profiles?.includes(profile) ?? true),
  dialect: given.dialect ?? defaults.dialect,
  seed: given.seed ?? defaults.seed,
  runs: given.runs ?? defaults.runs,
  maxLength: given.maxLength ?? defaults.maxLength,
  parallel: given.parallel ?? defaults.parallel,
  budgetMillis: given.budgetMillis ?? defaults.budgetMillis,
  known: given.known ?? defaults.known,
  phases: given.phases ?? defaults.phases,
  shrink: given.shrink ?? defaults.shrink,
  stopAfter: given.stopAfter ?? defaults.stopAfter
})

/** The quotas that a run tests. */
export const quotasOf = (
  { capabilities }: KmsAdapter,
  { dialect, profiles }: Pick<Settings, "dialect" | "profiles">
): Quotas => (profiles.includes("quotas") ? { ...dialect.quotas, ...capabilities.quotas } : {})

/** Operations of a profile, which are not called without it. */
const belongsTo: { readonly [operation in OperationName]?: Profile } = {
  GetParametersForImport: "import",
  ImportKeyMaterial: "import",
  DeleteKeyMaterial: "import",
  CreateAlias: "aliases",
  UpdateAlias: "aliases",
  DeleteAlias: "aliases",
  ListAliases: "aliases",
  ListAliasesByKeyId: "aliases",
  UpdateRotationPolicy: "rotation",
  GetPublicKey: "asymmetric",
  AsymmetricEncrypt: "asymmetric",
  AsymmetricDecrypt: "asymmetric",
  AsymmetricSign: "asymmetric",
  AsymmetricVerify: "asymmetric",
  SetKeyPolicy: "policy"
}

/** The operations that a run calls. */
export const operationsIn = (adapter: KmsAdapter, { dialect, profiles }: Settings): ReadonlySet<OperationName> =>
  new Set(
    operations.filter((operation) => {
      const profile = belongsTo[operation]
      return (
        adapter.capabilities.operations.includes(operation) &&
        dialect.operations[operation] !== undefined &&
        (profile === undefined || profiles.includes(profile))
      )
    })
  )
