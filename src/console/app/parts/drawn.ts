/** A drawing as an element of the page. */

/**
 * Written by our own writer, which escapes all text; read as XML, so that nothing in it is ever a script. The words of
 * a drawing are English in every language of the console.
 */
export const elementOf = (svgText: string): Element => {
  const drawn = document.importNode(new DOMParser().parseFromString(svgText, "image/svg+xml").documentElement, true)
  for (const text of drawn.querySelectorAll(":is(text, title, desc)")) text.setAttribute("lang", "en")
  return drawn
}
