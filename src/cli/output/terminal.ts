/** What the terminal of a stream can show. */

/** A dumb terminal cannot overwrite a line. */
export const isTerminal = ({ isTTY }: { readonly isTTY?: boolean }): boolean =>
  isTTY === true && process.env["TERM"] !== "dumb"

/** NO_COLOR with a value switches colors off (no-color.org). */
export const hasColors = (stream: { readonly isTTY?: boolean }): boolean =>
  isTerminal(stream) && !process.env["NO_COLOR"]
