/** The attributes of a request that conditions of policies can test (API reference 13.1, condition keys). */

/** The circumstances of a request. An undefined attribute is unknown; a condition on it has nothing to compare. */
export interface Attributes {
  readonly currentTimeMillis: number
  /** Whether the request came over TLS. */
  readonly secureTransport: boolean
  readonly sourceIp: string | undefined
  /** Whether the caller used a second factor at login. */
  readonly mfaPresent: boolean | undefined
  /** The tags of the requested key; empty if the request is not about a key. */
  readonly tags: ReadonlyMap<string, string>
  /** The tags that the request adds to a key. */
  readonly requestTags?: ReadonlyMap<string, string>
  /** ARN of the calling user or role: `acs:ram::<account>:role/<name>` for each session of a role. */
  readonly principalArn?: string
  /** Values of the request for condition keys of other services, by full name: `sts:ExternalId`. */
  readonly stated?: ReadonlyMap<string, string>
}

/** Milliseconds, text, or a boolean. */
export type Answer = number | string | boolean

/** The groups of operators in the documents. */
export type Group = "String" | "Numeric" | "Date" | "Bool" | "IpAddress"

export interface ConditionKey {
  /** The only group whose operators apply. Undefined if the attribute is text that each group parses for itself. */
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
  // Only a request for `ram:PassRole` names the service that receives a role; this service has no such request.
  ["acs:Service", { group: "String", answer: never }],
  // No account here belongs to a resource directory.
  ["acs:PrincipalRDId", { group: "String", answer: never }],
  ["acs:PrincipalRDPath", { group: "String", answer: never }],
  // Only requests through a virtual private cloud carry these two, which never happens here.
  ["acs:SourceVpc", { group: "String", answer: never }],
  ["acs:VpcSourceIp", { group: "IpAddress", answer: never }]
])

type Tags = ReadonlyMap<string, string> | undefined

/** Families of keys that end in the name of a tag, each with the tags that it tests. */
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

/** The key under `acs:` or `kms:` with exactly that name. */
export const conditionKey = (name: string): ConditionKey | undefined => {
  const known = keys.get(name)
  if (known !== undefined) return known
  const family = tagFamilies.find(({ prefix }) => name.startsWith(prefix) && name.length > prefix.length)
  if (family === undefined) return undefined
  const tagKey = name.slice(family.prefix.length)
  return { answer: (attributes) => family.tags(attributes)?.get(tagKey) }
}

/**
 * A key of another service. A name under `acs:` or `kms:` is not one: if it is unlisted, it is misspelled or cannot be
 * evaluated here.
 */
export const statedKey = (name: string): ConditionKey | undefined => {
  const service = serviceKey.exec(name)?.[1]?.toLowerCase()
  if (service === undefined || service === "acs" || service === "kms") return undefined
  return { answer: ({ stated }) => stated?.get(name) }
}
