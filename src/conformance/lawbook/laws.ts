/** The laws a key management service is held to: one table, with ids that never change their meaning. */
import type { Law } from "./law.ts"
import { lifecycleLaws } from "./lifecycle.ts"
import { materialLaws } from "./material.ts"
import { namingLaws } from "./naming.ts"
import { useLaws } from "./use.ts"

export type { Law } from "./law.ts"

export const laws: ReadonlyArray<Law> = [...lifecycleLaws, ...materialLaws, ...namingLaws, ...useLaws]

const byId: ReadonlyMap<string, Law> = new Map(laws.map((law) => [law.id, law]))

export const lawOf = (id: string): Law => {
  const law = byId.get(id)
  if (law === undefined) throw new Error(`no law ${id}`)
  return law
}
