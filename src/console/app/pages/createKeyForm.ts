/** What the "Create key" form holds, and what follows from it. */
import { joined, t } from "../text/text.ts"

export interface Spec {
  readonly name: string
  readonly usages: ReadonlyArray<string>
  readonly symmetric?: true
  /** Only at level HSM, in regions that have HSMs. */
  readonly hsmOnly?: true
}

const both = ["ENCRYPT/DECRYPT", "SIGN/VERIFY"] as const
export const specs: ReadonlyArray<Spec> = [
  { name: "Aliyun_AES_256", usages: ["ENCRYPT/DECRYPT"], symmetric: true },
  { name: "Aliyun_SM4", usages: ["ENCRYPT/DECRYPT"], symmetric: true, hsmOnly: true },
  { name: "RSA_2048", usages: both },
  { name: "RSA_3072", usages: both },
  { name: "EC_P256", usages: ["SIGN/VERIFY"] },
  { name: "EC_P256K", usages: ["SIGN/VERIFY"] },
  { name: "EC_SM2", usages: both, hsmOnly: true }
]

/** `EC_SM2 · asymmetric, HSM` */
export const specWord = ({ hsmOnly, name, symmetric }: Spec): string => {
  const kind = symmetric === true ? t("symmetric") : t("asymmetric")
  return `${name} · ${hsmOnly === true ? joined([kind, "HSM"]) : kind}`
}

const specOf = (name: string): Spec => specs.find((spec) => spec.name === name) ?? { name, usages: both }

/** What the person entered. A choice that another choice rules out stays here, and is not used. */
export interface KeyForm {
  readonly aliasName: string
  readonly description: string
  readonly spec: string
  readonly usage: string
  readonly protection: string
  readonly rotation: string
  readonly external: boolean
  readonly understood: boolean
}

export const emptyForm: KeyForm = {
  aliasName: "",
  description: "",
  spec: "Aliyun_AES_256",
  usage: "ENCRYPT/DECRYPT",
  protection: "SOFTWARE",
  rotation: "",
  external: false,
  understood: false
}

/** What will be created. */
export interface KeyKind {
  readonly usage: string
  readonly usages: ReadonlyArray<string>
  readonly level: string
  readonly isHsmOnly: boolean
  readonly canImport: boolean
  readonly isExternal: boolean
  readonly canRotate: boolean
}

export const kindOf = ({ spec, usage, protection, external }: KeyForm): KeyKind => {
  const { hsmOnly, symmetric, usages } = specOf(spec)
  const isHsmOnly = hsmOnly === true
  const canImport = symmetric === true
  const isExternal = external && canImport
  return {
    usage: usages.includes(usage) ? usage : (usages[0] ?? usage),
    usages,
    level: isHsmOnly ? "HSM" : protection,
    isHsmOnly,
    canImport,
    isExternal,
    canRotate: canImport && !isExternal
  }
}
