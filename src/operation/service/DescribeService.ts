/** Lists the kinds of key that the region offers, with their protection levels. */
import { Effect } from "effect"
import { capabilityOf, KeySpec, levelsIn } from "../../domain/keySpec.ts"
import { operation } from "../operation.ts"

export const DescribeService = operation({
  about: "Lists the kinds of key that the region offers, with their protection levels.",
  errors: [],
  Request: {},
  permission: { on: "nothing" },
  handle: (_request, { realm, services }) =>
    Effect.sync(() => {
      const offered = KeySpec.literals.flatMap((spec) => {
        const levels = levelsIn(realm.region, spec).filter(
          (level) => services.providers.find(level, spec) !== undefined
        )
        return levels.length === 0 ? [] : [{ spec, levels }]
      })
      const levels = new Set(offered.flatMap((each) => each.levels))
      return {
        ProtectionLevels: { ProtectionLevel: [...levels].map((Type) => ({ Type })) },
        KeySpecs: {
          KeySpec: offered.map((each) => ({
            Name: each.spec,
            SupportedProtectionLevels: { SupportedProtectionLevel: each.levels },
            Usages: { Usage: capabilityOf(each.spec).usages }
          }))
        }
      }
    })
})
