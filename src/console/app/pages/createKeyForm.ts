/** What the "Create key" form holds, and what follows from it. */

export interface Spec {
  readonly name: string
  readonly word: string
  readonly usages: ReadonlyArray<string>
  readonly symmetric?: true
  /** Only at level HSM, in regions that have HSMs. */
  readonly hsmOnly?: true
}

const both = ["ENCRYPT/DECRYPT", "SIGN/VERIFY"] as const
export const specs: ReadonlyArray<Spec> = [
  { name: "Aliyun_AES_256", word: "Aliyun_AES_256 · symmetric", usages: ["ENCRYPT/DECRYPT"], symmetric: true },
  {
    name: "Aliyun_SM4",
    word: "Aliyun_SM4 · symmetric, HSM",
    usages: ["ENCRYPT/DECRYPT"],
    symmetric: true,
    hsmOnly: true
  },
  { name: "RSA_2048", word: "RSA_2048 · asymmetric", usages: both },
  { name: "RSA_3072", word: "RSA_3072 · asymmetric", usages: both },
  { name: "EC_P256", word: "EC_P256 · asymmetric", usages: ["SIGN/VERIFY"] },
  { name: "EC_P256K", word: "EC_P256K · asymmetric", usages: ["SIGN/VERIFY"] },
  { name: "EC_SM2", word: "EC_SM2 · asymmetric, HSM", usages: both, hsmOnly: true }
]

const specOf = (name: string): Spec => specs.find((spec) => spec.name === name) ?? { name, word: name, usages: both }

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
