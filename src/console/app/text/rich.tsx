/** Texts with parts of a page inside: a link, a time, or words in bold. */
import { Fragment } from "react"
import type { ReactNode } from "react"
import { translated } from "./language.ts"
import { counted, withoutContext } from "./text.ts"
import type { Text, ValuesOf } from "./text.ts"

type Nodes = Readonly<Record<string, ReactNode>>

/** A placeholder, or words in bold, which may have placeholders. */
const parts = /(<b>.*?<\/b>|\{\w+\})/

const nodeOf = (part: string, nodes: Nodes): ReactNode => {
  const bold = /^<b>(.*)<\/b>$/.exec(part)?.[1]
  if (bold !== undefined) return <strong>{filled(bold, nodes)}</strong>
  const name = /^\{(\w+)\}$/.exec(part)?.[1]
  if (name === undefined) return part
  const node = nodes[name]
  return typeof node === "number" ? counted(node) : node
}

const filled = (text: string, nodes: Nodes): ReactNode =>
  text.split(parts).map((part, at) => <Fragment key={`${at} ${part}`}>{nodeOf(part, nodes)}</Fragment>)

/** The text in the chosen language. Words between `<b>` and `</b>` are bold. */
export const rich = <T extends Text>(text: T, ...given: ValuesOf<T, ReactNode>): ReactNode => {
  const [nodes = {}]: ReadonlyArray<Nodes> = given
  return filled(withoutContext(translated(text)), nodes)
}
