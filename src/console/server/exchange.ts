/** One HTTP request to the console's server with its response. */
import type { IncomingMessage, ServerResponse } from "node:http"

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
}
