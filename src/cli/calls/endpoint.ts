/** Checks the value of `--endpoint`. */

const isUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? "")

/** The fault of a value that is no URL of a server. */
export const endpointFault = (endpoint: string): string | undefined =>
  isUrl(endpoint) ? undefined : `--endpoint takes a URL such as http://127.0.0.1:8787, not "${endpoint}".`
