/** Lists the regions of the service. */
import { Effect } from "effect"
import { regions } from "../../domain/regions.ts"
import { operation } from "../operation.ts"

export const DescribeRegions = operation({
  about: "Lists the regions of the service.",
  errors: [],
  Request: {},
  permission: { on: "nothing" },
  handle: () => Effect.succeed({ Regions: { Region: regions.map((RegionId) => ({ RegionId })) } })
})
