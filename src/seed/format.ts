/** The format of a seed, version 1: accounts and keys, in a form that people can write by hand. */
import { livingStates } from "../../machines/vocabulary.ts"
import { Result, Schema, SchemaIssue } from "effect"
import { itemPath, memberPath } from "../encoding/jsonPath.ts"
import { givenIdForm } from "../authorization/ram.ts"
import { AccountId, KeyId, KeyVersionId, RegionId } from "../domain/ids.ts"
import { KeySpec, KeyUsage, Origin, ProtectionLevel } from "../domain/keySpec.ts"
import { isWithin } from "../encoding/chars.ts"
import { noXmlChar } from "../encoding/xmlText.ts"
import { descriptionCharsMax, pendingWindowInDays } from "../domain/limits.ts"
import { roleSessionSeconds } from "../domain/limits.ts"
import { groupName, policyName, roleName, userName } from "../operation/ram/ramParameters.ts"
import type { SeedFault } from "./fault.ts"

/** The engine's id schemas are branded; a seed has plain strings. */
const written = (schema: Schema.Codec<string, string>, expected: string) =>
  Schema.String.check(Schema.makeFilter((text: string) => Schema.is(schema)(text), { expected }))

const keyId = written(KeyId, "a UUID in lower case")
const account = written(AccountId, "up to 16 digits, in quotation marks")
const region = written(RegionId, "a region id such as cn-hangzhou")
const accessKeySecretCharsMax = 128
/** A private key of 3072 bits has about 2,500 characters in PEM. */
const materialCharsMax = 16_384
const material = Schema.String.check(Schema.isMaxLength(materialCharsMax))
const description = Schema.String.check(
  Schema.makeFilter((text: string) => isWithin(text, descriptionCharsMax), {
    expected: `at most ${descriptionCharsMax} characters`
  })
)

const SeedVersion = Schema.Struct({
  /** Derived from the key's id and the version's position if absent. */
  id: Schema.optionalKey(written(KeyVersionId, "a UUID in lower case")),
  material: Schema.optionalKey(material)
})

/** The policy parser checks the content. */
const document = Schema.Record(Schema.String, Schema.Unknown)

const SeedKey = Schema.Struct({
  id: keyId,
  account: Schema.optionalKey(account),
  region: Schema.optionalKey(region),
  spec: Schema.optionalKey(KeySpec),
  usage: Schema.optionalKey(KeyUsage),
  origin: Schema.optionalKey(Origin),
  level: Schema.optionalKey(ProtectionLevel),
  /** The code of the cloud service that owns the key: `OSS`. */
  service: Schema.optionalKey(Schema.String),
  description: Schema.optionalKey(description),
  aliases: Schema.optionalKey(Schema.Array(Schema.String)),
  tags: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** The key policy as an object. */
  policy: Schema.optionalKey(document),
  state: Schema.optionalKey(Schema.Literals(livingStates)),
  /** Only for keys that are PendingDeletion. */
  pendingWindowInDays: Schema.optionalKey(
    Schema.Int.check(
      Schema.isBetween({ minimum: pendingWindowInDays.minimum, maximum: pendingWindowInDays.settableMaximum })
    )
  ),
  rotationInterval: Schema.optionalKey(Schema.String),
  deletionProtection: Schema.optionalKey(Schema.Boolean),
  deletionProtectionDescription: Schema.optionalKey(description),
  /** For a key with one version. */
  material: Schema.optionalKey(material),
  /** Oldest first. */
  versions: Schema.optionalKey(Schema.NonEmptyArray(SeedVersion)),
  /** When imported material expires; never if absent. */
  materialExpires: Schema.optionalKey(Schema.String)
})
export type SeedKey = typeof SeedKey.Type

const givenIdExpected = "1 to 64 letters, digits, ., _ and -, without the prefix of temporary ids"
const AccessKey = Schema.Struct({
  id: Schema.String.check(Schema.isPattern(givenIdForm, { expected: givenIdExpected })),
  secret: Schema.String.check(Schema.isBetweenLength(1, accessKeySecretCharsMax))
})

const named = (form: { readonly read: (given: unknown) => string | undefined; readonly form: string }) =>
  Schema.String.check(Schema.makeFilter((name: string) => form.read(name) !== undefined, { expected: form.form }))
const optionalText = Schema.optionalKey(
  Schema.String.check(
    Schema.makeFilter((text: string) => !noXmlChar.test(text), {
      expected: "text of characters that XML 1.0 can carry"
    })
  )
)
const attached = Schema.optionalKey(Schema.Array(named(policyName)))
const holding = { policies: attached, systemPolicies: attached }
const tags = Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
const sessionLength = Schema.Number.check(Schema.isBetween(roleSessionSeconds), Schema.isInt())

const SeedAccount = Schema.Struct({
  id: Schema.optionalKey(account),
  rootAccessKey: Schema.optionalKey(AccessKey),
  policies: Schema.optionalKey(
    Schema.Array(Schema.Struct({ name: named(policyName), description: optionalText, document, tags }))
  ),
  users: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        name: named(userName),
        displayName: optionalText,
        email: optionalText,
        mobilePhone: optionalText,
        comments: optionalText,
        accessKeys: Schema.optionalKey(Schema.Array(AccessKey)),
        groups: Schema.optionalKey(Schema.Array(named(groupName))),
        ...holding
      })
    )
  ),
  groups: Schema.optionalKey(
    Schema.Array(Schema.Struct({ name: named(groupName), comments: optionalText, ...holding }))
  ),
  roles: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        name: named(roleName),
        description: optionalText,
        /** The trust policy; if absent, users and roles of the account can assume the role. */
        trust: Schema.optionalKey(document),
        maxSessionDuration: Schema.optionalKey(sessionLength),
        tags,
        ...holding
      })
    )
  )
})
export type SeedAccount = typeof SeedAccount.Type
export type SeedAccessKey = typeof AccessKey.Type

/** The keys, accounts and access control that a service starts with in tests. */
export const Seed = Schema.Struct({
  version: Schema.Literal(1),
  accounts: Schema.optionalKey(Schema.Array(SeedAccount)),
  keys: Schema.optionalKey(Schema.Array(SeedKey))
})
export type Seed = typeof Seed.Type

const pathOf = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>(
    (before, step) => (typeof step === "number" ? itemPath(before, step) : memberPath(before, String(step))),
    ""
  )

const complaintOf: SchemaIssue.LeafHook = (issue) => {
  if (issue._tag === "UnexpectedKey") return "is not a known member of this part of a seed"
  if (issue._tag === "MissingKey") return "is missing"
  const said = SchemaIssue.defaultLeafHook(issue)
  return said.startsWith("Expected ") ? `must be ${said.slice("Expected ".length)}` : "is not valid"
}

/** Schema issues leave out inputs by default, so no complaint quotes a value. */
const formatIssue = SchemaIssue.makeFormatterStandardSchemaV1({ leafHook: complaintOf })

const decode = Schema.decodeUnknownResult(Seed, { onExcessProperty: "error", errors: "all" })

const segmentOf = (segment: PropertyKey | { readonly key: PropertyKey }): PropertyKey =>
  typeof segment === "object" ? segment.key : segment

/** A seed, or all faults of its form. */
export const checkForm = (given: unknown): Result.Result<Seed, ReadonlyArray<SeedFault>> =>
  Result.mapError(decode(given), ({ issue }) =>
    formatIssue(issue).issues.map(({ path = [], message }) => ({
      path: pathOf(path.map(segmentOf)),
      complaint: message.replace(/^Expected /, "must be ").replaceAll(" | ", " or ")
    }))
  )
