/** The steps of the sandbox as a shell script and as a test. */
import type { Refusal } from "../../../../machines/permits.ts"
import { facts } from "../../../../machines/vocabulary.ts"

/** A call or a step of the clock. */
export interface Taken {
  readonly name: string
  readonly refusal: Refusal | undefined
}

const creating: Readonly<Record<string, string>> = {
  Aliyun_AES_256: "",
  EXTERNAL: "--Origin EXTERNAL",
  rotating: "--EnableAutomaticRotation true --RotationInterval 30d",
  RSA_2048: "--KeySpec RSA_2048",
  EC_P256: "--KeySpec EC_P256 --KeyUsage SIGN/VERIFY"
}

const more: Readonly<Record<string, string>> = {
  ScheduleKeyDeletion: " --PendingWindowInDays 7",
  UpdateRotationPolicy: " --EnableAutomaticRotation true --RotationInterval 30d"
}

const step = ({ name, refusal }: Taken): string => {
  if (name.startsWith("advance ")) return `keystate clock ${name}`
  if (name === "next") return "keystate clock next"
  if (name === "ImportKeyMaterial") return "# Import the key material here (User guide 4.3)."
  const note = refusal === undefined ? "" : `   # ${refusal.code}`
  return name === "SetDeletionProtection"
    ? `keystate kms ${name} --ProtectedResourceArn "$KEY" --EnableDeletionProtection true${note}`
    : `keystate kms ${name} --KeyId "$KEY"${more[name] ?? ""}${note}`
}

/** Events on schedule happen without a call. */
const isCalled = ({ name }: Taken): boolean => !facts.some((fact) => fact === name)

export const asScript = (kind: string, taken: ReadonlyArray<Taken>): string =>
  [
    "# Run against a server on a virtual clock: keystate serve --store memory --clock virtual",
    `KEY=$(keystate kms CreateKey ${creating[kind] ?? ""} | sed -n 's/.*"KeyId": "\\(.*\\)".*/\\1/p')`.replace(
      "  |",
      " |"
    ),
    ...taken.slice(1).filter(isCalled).map(step)
  ].join("\n")

const input: Readonly<Record<string, string>> = {
  Aliyun_AES_256: "{}",
  EXTERNAL: '{ Origin: "EXTERNAL" }',
  rotating: '{ EnableAutomaticRotation: true, RotationInterval: "30d" }',
  RSA_2048: '{ KeySpec: "RSA_2048" }',
  EC_P256: '{ KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" }'
}

const given: Readonly<Record<string, string>> = {
  ScheduleKeyDeletion: "{ KeyId, PendingWindowInDays: 7 }",
  UpdateRotationPolicy: '{ KeyId, EnableAutomaticRotation: true, RotationInterval: "30d" }',
  SetDeletionProtection: "{ ProtectedResourceArn: KeyId, EnableDeletionProtection: true }"
}

const testLine = ({ name, refusal }: Taken): string => {
  if (name.startsWith("advance ")) return `  await kms.clock.advance("${name.slice("advance ".length)}")`
  if (name === "next") return "  await kms.clock.next()"
  if (name === "ImportKeyMaterial") return "  // Import the key material here."
  const call = `kms.${name.charAt(0).toLowerCase()}${name.slice(1)}(${given[name] ?? "{ KeyId }"})`
  return refusal === undefined
    ? `  await ${call}`
    : `  await expect(${call}).rejects.toMatchObject({ code: "${refusal.code}" })`
}

export const asTest = (kind: string, taken: ReadonlyArray<Taken>): string =>
  [
    'import { expect, it } from "vitest"',
    'import { testKms } from "keystate/testing"',
    "",
    'it("repeats the steps of the sandbox", async () => {',
    "  await using kms = await testKms()",
    `  const { KeyMetadata: { KeyId } } = await kms.createKey(${input[kind] ?? "{}"})`,
    ...taken.slice(1).filter(isCalled).map(testLine),
    "})"
  ].join("\n")
