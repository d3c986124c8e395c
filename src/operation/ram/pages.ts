/** RAM's lists: sorted by name, in pages that continue from a marker. */
import { decodeBase64, encodeBase64 } from "../../encoding/base64.ts"
import { ramPage } from "../../domain/limits.ts"
import { defaulted, integer, optional } from "../parameters.ts"
import type { Kind } from "../parameters.ts"

const markerCharsMax = 512

/** The name of the last item of the previous page. It is opaque to callers. */
const marker: Kind<string, string> = {
  read: (given) => {
    if (typeof given !== "string" || given.length > markerCharsMax) return undefined
    const bytes = decodeBase64(given)
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
  },
  form: "the Marker of the previous page's answer"
}

export const paging = {
  Marker: optional(marker, "Where the page begins: the Marker of the previous page's answer."),
  MaxItems: defaulted(integer(ramPage), ramPage.default, "Items on a page.")
} as const

interface Named {
  readonly name: string
}

const byName = (left: Named, right: Named): number => {
  if (left.name === right.name) return 0
  return left.name < right.name ? -1 : 1
}

interface Page {
  readonly Marker: string | undefined
  readonly MaxItems: number
}

/** One page, and the marker of the next page if there is one. */
export const pageOf = <A extends Named>(all: Iterable<A>, { Marker, MaxItems }: Page) => {
  const after = [...all].sort(byName).filter(({ name }) => Marker === undefined || name > Marker)
  const items = after.slice(0, MaxItems)
  const last = items.at(-1)
  return after.length > items.length && last !== undefined
    ? { items, place: { IsTruncated: true, Marker: encodeBase64(new TextEncoder().encode(last.name)) } }
    : { items, place: { IsTruncated: false } }
}
