/** The forms of a reference to a key: its ARN, the ARN of an alias, and names that resemble its own. */
import type { Names } from "./names.ts"
import type { Reference, Step } from "./step.ts"

/** The label for the ARN of a key. */
export const arnLabel = (key: string): string => `${key}.arn`

/** `acs:kms:cn-hangzhou:100:key/…` and `arn:aws:kms:us-east-1:100:key/…`: region and account precede the resource. */
const withPart = (arn: string, fromEnd: number, change: (part: string) => string): string =>
  arn
    .split(":")
    .map((part, at, parts) => (at === parts.length - fromEnd ? change(part) : part))
    .join(":")

const otherDigits = (account: string): string =>
  account.replaceAll(/[0-9]/g, (digit) => String((Number(digit) + 1) % 10))

const otherRegion = (region: string): string => {
  if (region.startsWith("cn-")) return region === "cn-beijing" ? "cn-shanghai" : "cn-beijing"
  return region === "eu-west-1" ? "us-east-1" : "eu-west-1"
}

const arnOf = ({ key, by }: Step, names: Names): string | undefined => {
  const arn = names.of(arnLabel(key ?? ""))
  return arn === undefined || by === undefined ? arn : arn.replace(/:key\/[^:]*$/, `:${names.alias(by)}`)
}

/** The id of the key, or the name of its alias. */
const nameOf = ({ key, by }: Step, names: Names): string | undefined =>
  by === undefined ? names.of(key ?? "") : names.alias(by)

const forms: Readonly<Record<Reference, (step: Step, names: Names) => string | undefined>> = {
  arn: arnOf,
  arnOfAnotherAccount: (step, names) => {
    const arn = arnOf(step, names)
    return arn === undefined ? undefined : withPart(arn, 2, otherDigits)
  },
  arnOfAnotherRegion: (step, names) => {
    const arn = arnOf(step, names)
    return arn === undefined ? undefined : withPart(arn, 3, otherRegion)
  },
  upperCase: ({ key, by }, names) =>
    by === undefined ? names.of(key ?? "")?.toUpperCase() : names.alias(by).replace("alias/", "Alias/"),
  cutShort: (step, names) => nameOf(step, names)?.slice(0, -1),
  withBlank: (step, names) => {
    const name = nameOf(step, names)
    return name === undefined ? undefined : `${name} `
  }
}

/** Undefined if the service did not return a part of the reference, or if it is the plain id. */
export const referenceOf = (step: Step, names: Names): string | undefined => {
  if (step.reference === undefined) return undefined
  const made = forms[step.reference](step, names)
  return made === names.of(step.key ?? "") ? undefined : made
}
