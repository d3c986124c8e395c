/** A drawing as an element of the page. */

/** Written by our own writer, which escapes all text; read as XML, so that nothing in it is ever a script. */
export const elementOf = (svgText: string): Element =>
  document.importNode(new DOMParser().parseFromString(svgText, "image/svg+xml").documentElement, true)
