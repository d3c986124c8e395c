/** The laws a key management service is held to: one table, with ids that never change their meaning. */
import type { Law } from "./lawbook/law.ts"
import { lifecycleLaws } from "./lawbook/lifecycle.ts"
import { materialLaws } from "./lawbook/material.ts"
import { namingLaws } from "./lawbook/naming.ts"
import { useLaws } from "./lawbook/use.ts"

export type { Law } from "./lawbook/law.ts"

export const laws: ReadonlyArray<Law> = [...lifecycleLaws, ...materialLaws, ...namingLaws, ...useLaws]

const byId: ReadonlyMap<string, Law> = new Map(laws.map((law) => [law.id, law]))

export const lawOf = (id: string): Law => {
  const law = byId.get(id)
  if (law === undefined) throw new Error(`no law ${id}`)
  return law
}
