/** The parameters of lists: page, page size and filters. */
import { nobodysKey } from "./names.ts"
import type { Names } from "./names.ts"
import type { Filter, Step } from "./step.ts"

/** The largest page sizes of the API. */
export const pageSize = 100
export const longPageSize = 101
export const smallPage = 2

export const pageIn = ({ page, size, twist }: Step, largest: number): Readonly<Record<string, unknown>> => {
  if (twist === "pageZero") return { PageNumber: 0, PageSize: smallPage }
  if (twist === "pageTooSmall") return { PageSize: 0 }
  if (twist === "pageTooLarge") return { PageSize: largest + 1 }
  return page === undefined ? { PageSize: size ?? pageSize } : { PageNumber: page, PageSize: size ?? smallPage }
}

/** A filter with the ids and names that its labels stand for. */
export const valuesIn = ({ Key, Values }: Filter, names: Names): Filter => {
  if (Key === "KeyId") return { Key, Values: Values.map((label) => names.of(label) ?? nobodysKey) }
  return { Key, Values: Key === "AliasName" ? Values.map((label) => names.alias(label)) : Values }
}
