/** The frame of a self-contained page: it loads and sends nothing, and runs only its own style and script. */
import { createHash } from "node:crypto"
import { saying } from "../../../visualizer/svg/markup.ts"

export interface PageParts {
  readonly title: string
  readonly style: string
  readonly script?: string
  /** HTML. */
  readonly body: ReadonlyArray<string>
}

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

const policyOf = ({ script, style }: PageParts): string => {
  const scripts = script === undefined ? "" : `; script-src ${hashOf(script)}`
  return `default-src 'none'; base-uri 'none'; form-action 'none'; style-src ${hashOf(style)}${scripts}`
}

export const documentOf = (parts: PageParts): string =>
  [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policyOf(parts)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    saying("title", {}, parts.title),
    `<style>${parts.style}</style>`,
    "</head>",
    "<body>",
    ...parts.body,
    ...(parts.script === undefined ? [] : [`<script>${parts.script}</script>`]),
    "</body>",
    "</html>",
    ""
  ].join("\n")
