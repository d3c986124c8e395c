/** The access key of a call, from the environment. */
import { Effect, Redacted } from "effect"
import type { CliError } from "effect/cli"
import type { GivenAccessKey } from "../../authorization/accessKeys.ts"
import { userError } from "../output/userError.ts"

/** Read from the vendor's variables, which its other tools use too. */
export const accessKeyFrom = (
  environment: Readonly<Record<string, string | undefined>>
): Effect.Effect<GivenAccessKey | undefined, CliError.UserError> => {
  const accessKeyId = environment["ALIBABA_CLOUD_ACCESS_KEY_ID"]
  const secret = environment["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
  if (accessKeyId === undefined && secret === undefined) return Effect.succeed(undefined)
  return accessKeyId === undefined || accessKeyId === "" || secret === undefined || secret === ""
    ? Effect.fail(userError("Set both ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or neither."))
    : Effect.succeed({ accessKeyId, secret: Redacted.make(secret, { label: "AccessKeySecret" }) })
}
