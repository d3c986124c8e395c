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
  /** The tags that the request puts on a key. */
  readonly requestTags?: ReadonlyMap<string, string>
  /** ARN of the user or role that asks: `acs:ram::<account>:role/<name>` for each session of a role. */
  readonly principalArn?: string
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
  ["acs:PrincipalARN", { group: "String", answer: ({ principalArn }) => principalArn }],
  // The request for `ram:PassRole` names the service that a role is passed to; no request to this service does.
  ["acs:Service", { group: "String", answer: never }],
  // No account here belongs to a resource directory.
  ["acs:PrincipalRDId", { group: "String", answer: never }],
  ["acs:PrincipalRDPath", { group: "String", answer: never }],
  // Only a request through a virtual private cloud carries these two, and none does here.
  ["acs:SourceVpc", { group: "String", answer: never }],
  ["acs:VpcSourceIp", { group: "IpAddress", answer: never }]
])

type Tags = ReadonlyMap<string, string> | undefined

/** Keys that end in the name of a tag, each with the tags it asks for. */
const tagFamilies: ReadonlyArray<{ readonly prefix: string; readonly tags: (attributes: Attributes) => Tags }> = [
  { prefix: "kms:tag/", tags: ({ tags }) => tags },
  { prefix: "acs:ResourceTag/", tags: ({ tags }) => tags },
  { prefix: "acs:RequestTag/", tags: ({ requestTags }) => requestTags }
]

export const knownConditionKeys: ReadonlyArray<string> = [
  ...keys.keys(),
  ...tagFamilies.map(({ prefix }) => `${prefix}<tag-key>`)
]

const serviceKey = /^([A-Za-z][A-Za-z0-9-]*):./

/** The key under `acs:` or `kms:` with that name, spelled exactly. */
export const conditionKey = (name: string): ConditionKey | undefined => {
  const known = keys.get(name)
  if (known !== undefined) return known
  const family = tagFamilies.find(({ prefix }) => name.startsWith(prefix) && name.length > prefix.length)
  if (family === undefined) return undefined
  const tagKey = name.slice(family.prefix.length)
  return { answer: (attributes) => family.tags(attributes)?.get(tagKey) }
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
