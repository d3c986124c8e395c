/** The laws for a key management service. Ids never change their meaning. */
import type { LawOf } from "./law.ts"
import { lifecycleLaws } from "./lifecycle.ts"
import { materialLaws } from "./material.ts"
import { namingLaws } from "./naming.ts"
import { keyDataLaws } from "./keyData.ts"
import { tenancyLaws } from "./tenancy.ts"
import { useLaws } from "./use.ts"

const all = [...lifecycleLaws, ...materialLaws, ...namingLaws, ...useLaws, ...keyDataLaws, ...tenancyLaws]

/** The ids of the law book. A misspelt id does not compile. */
export type LawId = (typeof all)[number]["id"]

/** A law that the suite tests, with its id, sentence, source and severity. */
export type Law = LawOf<LawId>

/** Every law of the suite, in the order of the reports. */
export const laws: ReadonlyArray<Law> = all

const byId: ReadonlyMap<string, Law> = new Map(laws.map((law) => [law.id, law]))

/** Whether a law has this id. */
export const isLawId = (id: string): id is LawId => byId.has(id)

/** The law with this id. Throws if no law has it. */
export const lawOf = (id: string): Law => {
  const law = byId.get(id)
  if (law === undefined) throw new Error(`no law ${id}`)
  return law
}

/** `DEL` of `KMS-DEL-003`. */
export type LawGroup = LawId extends `KMS-${infer Group}-${string}` ? Group : never
