/** The target of a call: a running server, or a store that the command opens. */
import type { Command } from "effect/cli"
import type { ApiName } from "../../operation/apis.ts"
import { defaultRegion, endpointFlag, engineFlags } from "../settings/engineFlags.ts"
import { optionalText } from "../settings/flags.ts"

export const targetFlags = {
  ...engineFlags,
  region: optionalText({
    flag: "region",
    setting: "region",
    about: `Region of the call (default: the server's region, or ${defaultRegion} without --endpoint)`
  }),
  endpoint: endpointFlag("URL of a running server (default: open the data directory)")
} as const

export type Target = Command.Command.Config.Infer<typeof targetFlags>

export type Parameters = Readonly<Record<string, string>>

export interface Called {
  readonly api: ApiName
  readonly operation: string
  readonly parameters: Parameters
}
