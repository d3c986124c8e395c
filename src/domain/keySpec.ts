/** The capabilities of each key spec, in one table. */
import { Schema } from "effect"
import { regionOf } from "./regions.ts"

/** The spec of a key: its algorithm and its size. */
export const KeySpec = Schema.Literals([
  "Aliyun_AES_256",
  "Aliyun_SM4",
  "RSA_2048",
  "RSA_3072",
  "EC_P256",
  "EC_P256K",
  "EC_SM2"
])
export type KeySpec = typeof KeySpec.Type

export const KeyUsage = Schema.Literals(["ENCRYPT/DECRYPT", "SIGN/VERIFY"])
export type KeyUsage = typeof KeyUsage.Type

export const Origin = Schema.Literals(["Aliyun_KMS", "EXTERNAL"])
export type Origin = typeof Origin.Type

/** The protection level of a key. */
export const ProtectionLevel = Schema.Literals(["SOFTWARE", "HSM"])
export type ProtectionLevel = typeof ProtectionLevel.Type

export interface Capability {
  readonly kind: "symmetric" | "asymmetric"
  readonly usages: ReadonlyArray<KeyUsage>
  /** The usage of a key if CreateKey names none. */
  readonly defaultUsage: KeyUsage
  /** Bytes of symmetric material; 0 for asymmetric keys. */
  readonly materialBytes: number
  readonly levels: ReadonlyArray<ProtectionLevel>
  /** Whether the spec needs an HSM of the region that is certified for SM algorithms (user guide, chapter 7). */
  readonly smRegionOnly: boolean
}

export const capabilities = {
  Aliyun_AES_256: {
    kind: "symmetric",
    usages: ["ENCRYPT/DECRYPT"],
    defaultUsage: "ENCRYPT/DECRYPT",
    materialBytes: 32,
    levels: ["SOFTWARE", "HSM"],
    smRegionOnly: false
  },
  Aliyun_SM4: {
    kind: "symmetric",
    usages: ["ENCRYPT/DECRYPT"],
    defaultUsage: "ENCRYPT/DECRYPT",
    materialBytes: 16,
    levels: ["HSM"],
    smRegionOnly: true
  },
  RSA_2048: {
    kind: "asymmetric",
    usages: ["ENCRYPT/DECRYPT", "SIGN/VERIFY"],
    defaultUsage: "ENCRYPT/DECRYPT",
    materialBytes: 0,
    levels: ["SOFTWARE", "HSM"],
    smRegionOnly: false
  },
  RSA_3072: {
    kind: "asymmetric",
    usages: ["ENCRYPT/DECRYPT", "SIGN/VERIFY"],
    defaultUsage: "ENCRYPT/DECRYPT",
    materialBytes: 0,
    levels: ["SOFTWARE", "HSM"],
    smRegionOnly: false
  },
  EC_P256: {
    kind: "asymmetric",
    usages: ["SIGN/VERIFY"],
    defaultUsage: "SIGN/VERIFY",
    materialBytes: 0,
    levels: ["SOFTWARE", "HSM"],
    smRegionOnly: false
  },
  EC_P256K: {
    kind: "asymmetric",
    usages: ["SIGN/VERIFY"],
    defaultUsage: "SIGN/VERIFY",
    materialBytes: 0,
    levels: ["SOFTWARE", "HSM"],
    smRegionOnly: false
  },
  EC_SM2: {
    kind: "asymmetric",
    usages: ["ENCRYPT/DECRYPT", "SIGN/VERIFY"],
    defaultUsage: "ENCRYPT/DECRYPT",
    materialBytes: 0,
    levels: ["HSM"],
    smRegionOnly: true
  }
} as const satisfies Record<KeySpec, Capability>

/** The specs whose keys are key pairs. */
export type AsymmetricSpec = {
  [Spec in KeySpec]: (typeof capabilities)[Spec]["kind"] extends "asymmetric" ? Spec : never
}[KeySpec]

/** What keys of this spec can do. */
export const capabilityOf = (spec: KeySpec): Capability => capabilities[spec]

/** User guide 7.1: HSM keys need a region with an HSM, and SM algorithms need an HSM that has them. */
export const levelsIn = (regionId: string, spec: KeySpec): ReadonlyArray<ProtectionLevel> => {
  const region = regionOf(regionId)
  const { levels, smRegionOnly } = capabilityOf(spec)
  return levels.filter(
    (level) => (level !== "HSM" || region?.managedHsm !== undefined) && (!smRegionOnly || region?.sm === true)
  )
}
