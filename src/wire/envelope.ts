/** Replies and errors as bytes on the wire, in JSON and XML. */
import type { AnyKmsError } from "../domain/errors.ts"
import type { Format } from "./rpcRequest.ts"
import { xmlDocument } from "./xml.ts"

export interface WireReply {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** Without a space: openapi-client reads an XML error only under exactly this type. */
const contentTypes = {
  JSON: "application/json;charset=utf-8",
  XML: "text/xml;charset=utf-8"
} as const satisfies Record<Format, string>

const reply = (
  format: Format,
  content: { readonly status: number; readonly root: string; readonly members: object }
): WireReply => ({
  status: content.status,
  contentType: contentTypes[format],
  body: format === "JSON" ? JSON.stringify(content.members) : xmlDocument(content.root, content.members)
})

/**
 * A success has the operation's members at the top level. SDKs treat any reply with a `Code` as an error. `root` is the
 * root element in XML.
 */
export const successReply = <Members extends { readonly RequestId: string }>(
  members: Members,
  format: Format,
  root = "KMS"
): WireReply => {
  if (Object.hasOwn(members, "Code")) throw new Error("no successful reply has a member Code")
  return reply(format, { status: 200, root, members })
}

export interface Refused {
  readonly error: AnyKmsError
  readonly requestId: string
  /** The host that the request named, if any. */
  readonly host: string | undefined
  /** JSON for a request that could not be parsed, or that names an unknown format. */
  readonly format: Format | undefined
}

/**
 * Has the members of the service's errors and of the gateway's errors, so that every SDK finds those it reads. `Hint`
 * is an addition of Keystate.
 */
export const refusalReply = ({ error, requestId, host, format }: Refused): WireReply =>
  reply(format ?? "JSON", {
    status: error.httpStatus,
    root: "Error",
    members: {
      RequestId: requestId,
      HostId: host ?? "",
      HttpStatus: error.httpStatus,
      Code: error.code,
      Message: error.message,
      Recommend: `https://error-center.aliyun.com/status/search?Keyword=${error.code}&source=PopGw`,
      Hint: error.hint
    }
  })
