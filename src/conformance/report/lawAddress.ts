/** Where the page of a law is. */

const documentation = "https://github.com/keystate/keystate/blob/main/docs"

/** The address of the page that explains a law, on the web. */
export const lawAddress = (id: string): string => `${documentation}/laws/${id}.md`
