/** Numbers of the mechanisms and key types of SM2 and SM4, which PKCS#11 leaves to each vendor. */

/** Names of mechanisms, and of the types of keys that they make. */
export const mechanismNames = [
  "SM2_KEY_PAIR_GEN",
  "SM2_SIGN",
  "SM2_ENCRYPT",
  "SM2_KEY_TYPE",
  "SM4_KEY_GEN",
  "SM4_GCM",
  "SM4_KEY_TYPE"
] as const
export type MechanismName = (typeof mechanismNames)[number]

export type Mechanisms = Readonly<Partial<Record<MechanismName, number>>>

export const isMechanismName = (name: string): name is MechanismName => mechanismNames.some((known) => known === name)

/** The largest number of a mechanism: CK_ULONG has 32 bits or more, and the binding passes 32 of them. */
export const mechanismMax = 0xffff_ffff

interface PairNumbers {
  readonly generation: number
  readonly signing: number
  readonly encryption: number
  readonly keyType: number
}

interface SecretNumbers {
  readonly generation: number
  readonly gcm: number
  readonly keyType: number
}

/** Undefined unless all numbers for keys of the spec are given. */
export const sm2Numbers = (mechanisms: Mechanisms): PairNumbers | undefined => {
  const { SM2_KEY_PAIR_GEN: generation, SM2_SIGN: signing, SM2_ENCRYPT: encryption, SM2_KEY_TYPE: keyType } = mechanisms
  return generation === undefined || signing === undefined || encryption === undefined || keyType === undefined
    ? undefined
    : { generation, signing, encryption, keyType }
}

export const sm4Numbers = (mechanisms: Mechanisms): SecretNumbers | undefined => {
  const { SM4_KEY_GEN: generation, SM4_GCM: gcm, SM4_KEY_TYPE: keyType } = mechanisms
  return generation === undefined || gcm === undefined || keyType === undefined
    ? undefined
    : { generation, gcm, keyType }
}

/** Names the missing numbers in a sentence, if only some numbers of a spec are given. */
export const incompleteness = (mechanisms: Mechanisms): string | undefined => {
  for (const algorithm of ["SM2", "SM4"]) {
    const needed = mechanismNames.filter((name) => name.startsWith(algorithm))
    const missing = needed.filter((name) => mechanisms[name] === undefined)
    if (missing.length > 0 && missing.length < needed.length) {
      return `${algorithm} also needs a number for ${missing.join(", ")}.`
    }
  }
  return undefined
}
