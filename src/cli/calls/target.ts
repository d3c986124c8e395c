/** The target of a call: a running server, or a store that the command opens. */
import type { Command } from "effect/cli"
import type { ApiName } from "../../operation/apis.ts"
import {
  accountFlag,
  dataFlag,
  defaultRegion,
  endpointFlag,
  engineFlags,
  keptStoreFlags
} from "../settings/engineFlags.ts"
import { optionalText } from "../settings/flags.ts"
import { flagOf } from "../settings/settingNames.ts"
import type { Folded } from "../output/help.ts"

const regionFlag = optionalText({
  flag: "region",
  setting: "region",
  about: `Region of the call (default: the server's region, or ${defaultRegion} without --endpoint)`
})

const { data: _data, region: _region, store, ...settingsOfEngine } = engineFlags

export const targetFlags = {
  endpoint: endpointFlag("URL of a running server (default: open the data directory)"),
  region: regionFlag,
  data: dataFlag,
  store,
  ...settingsOfEngine
} as const

/** A call on a server ignores these flags. */
export const foldedFlags: Folded = {
  when: "Without --endpoint, also",
  flags: Object.keys(settingsOfEngine).map(flagOf),
  described: "keystate serve --help"
}

/** The target of a command that reads stored rows, which need no root key. */
export const readFlags = {
  data: dataFlag,
  ...keptStoreFlags,
  region: regionFlag,
  account: accountFlag,
  endpoint: endpointFlag("URL of a running server (default: read the data directory or the database)")
} as const

export type ReadTarget = Command.Command.Config.Infer<typeof readFlags>

export type Target = Command.Command.Config.Infer<typeof targetFlags>

export type Parameters = Readonly<Record<string, string>>

export interface Called {
  readonly api: ApiName
  readonly operation: string
  readonly parameters: Parameters
}
