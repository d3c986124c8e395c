/** Checks the value of `--endpoint`, and explains connections that fail because of TLS. */
import { codeOf } from "../../platform/durableFiles.ts"

const isUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? "")

/** The fault of a value that is no URL of a server. */
export const endpointFault = (endpoint: string): string | undefined =>
  isUrl(endpoint) ? undefined : `--endpoint takes a URL such as http://127.0.0.1:8787, not "${endpoint}".`

/** Node's error codes for a certificate chain that ends in an unknown authority. */
const untrusted = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
])

/** Why no connection was possible, if TLS or its absence is the cause. `fetch` puts the reason into the cause of its error. */
export const tlsFault = (endpoint: string, failure: unknown): string | undefined => {
  const code = codeOf(failure instanceof Error ? failure.cause : undefined) ?? ""
  if (untrusted.has(code)) {
    return `The certificate of ${endpoint} is not trusted. Set NODE_EXTRA_CA_CERTS to the file of the CA that signed it.`
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `The certificate of ${endpoint} is for other names. Call the server under one of its names.`
  }
  if (code === "CERT_HAS_EXPIRED") return `The certificate of ${endpoint} has expired.`
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER") return `${endpoint} does not serve HTTPS. For plain HTTP, write http://.`
  if (code === "UND_ERR_SOCKET" && endpoint.startsWith("http:")) {
    return `${endpoint} closed the connection without an answer. If it serves HTTPS, write https://.`
  }
  return undefined
}
