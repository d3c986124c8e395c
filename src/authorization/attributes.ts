/** What a policy's conditions may ask of a request (API reference 13.1, condition keys). */

/** The circumstances of a request. What is undefined is not known, and a condition on it finds nothing. */
export interface Attributes {
  readonly currentTimeMillis: number
  /** Whether the request came over TLS. */
  readonly secureTransport: boolean
  readonly sourceIp: string | undefined
  /** Whether a second factor was shown at login. */
  readonly mfaPresent: boolean | undefined
  /** The tags of the key that is asked for; none where there is no key. */
  readonly tags: ReadonlyMap<string, string>
  /** What the request states under condition keys of other services, by their full names: `sts:ExternalId`. */
  readonly stated?: ReadonlyMap<string, string>
}

/** Milliseconds, text, or yes and no. */
export type Answer = number | string | boolean

/** The groups of operators, as the documents divide them. */
export type Group = "String" | "Numeric" | "Date" | "Bool" | "IpAddress"

export interface ConditionKey {
  /** The one group whose operators fit; undefined where the attribute is text that each group reads as its own. */
  readonly group?: Group
  readonly answer: (attributes: Attributes) => Answer | undefined
}

const never = (): undefined => undefined

const keys: ReadonlyMap<string, ConditionKey> = new Map<string, ConditionKey>([
  ["acs:CurrentTime", { group: "Date", answer: ({ currentTimeMillis }) => currentTimeMillis }],
  ["acs:SecureTransport", { group: "Bool", answer: ({ secureTransport }) => secureTransport }],
  ["acs:SourceIp", { group: "IpAddress", answer: ({ sourceIp }) => sourceIp }],
  ["acs:MFAPresent", { group: "Bool", answer: ({ mfaPresent }) => mfaPresent }],
  // Only a request through a virtual private cloud carries these two, and none does here.
  ["acs:SourceVpc", { group: "String", answer: never }],
  ["acs:VpcSourceIp", { group: "IpAddress", answer: never }]
])

export const knownConditionKeys: ReadonlyArray<string> = [...keys.keys(), "kms:tag/<tag-key>"]

const tagPrefix = "kms:tag/"
const serviceKey = /^([A-Za-z][A-Za-z0-9-]*):./

/** The key under `acs:` or `kms:` with that name, spelled exactly. */
export const conditionKey = (name: string): ConditionKey | undefined => {
  const known = keys.get(name)
  if (known !== undefined) return known
  if (!name.startsWith(tagPrefix) || name.length === tagPrefix.length) return undefined
  const tagKey = name.slice(tagPrefix.length)
  return { answer: ({ tags }) => tags.get(tagKey) }
}

/**
 * The key of another service. A name under `acs:` or `kms:` is none: one that is not listed is misspelled, or cannot be
 * evaluated here.
 */
export const statedKey = (name: string): ConditionKey | undefined => {
  const service = serviceKey.exec(name)?.[1]?.toLowerCase()
  if (service === undefined || service === "acs" || service === "kms") return undefined
  return { answer: ({ stated }) => stated?.get(name) }
}
