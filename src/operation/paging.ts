/** The parameters of paged lists (API reference 12). */
import { longPageSizeMaximum, page } from "../domain/limits.ts"
import { defaulted, integer } from "./parameters.ts"

/** The number of rows before the requested page. */
export const offsetOf = (request: { readonly PageNumber: number; readonly PageSize: number }): number =>
  (request.PageNumber - 1) * request.PageSize

export const paging = {
  PageNumber: defaulted(integer({ minimum: 1, maximum: 1_000_000_000 }), 1, "The page number, from 1."),
  PageSize: defaulted(
    integer({ minimum: page.sizeMinimum, maximum: page.sizeMaximum }),
    page.sizeDefault,
    "Entries on a page."
  )
} as const

export const longPaging = {
  ...paging,
  PageSize: defaulted(
    integer({ minimum: page.sizeMinimum, maximum: longPageSizeMaximum }),
    page.sizeDefault,
    "Entries on a page."
  )
} as const
