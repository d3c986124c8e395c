/** A small XML reader that refuses text that is not well-formed, to read replies. */

export type XmlValue = string | { readonly [name: string]: ReadonlyArray<XmlValue> }

const char = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", "#13": "\r" }

const textOf = (source: string): string => {
  if (/[<>]/.test(source)) throw new Error(`a bare mark in ${source}`)
  return source.replaceAll(/\r\n?/g, "\n").replaceAll(/&([^;]*);?/g, (reference, name: string) => {
    const text = reference.endsWith(";") ? entities[name] : undefined
    if (text === undefined) throw new Error(`no entity ${reference}`)
    return text
  })
}

/** The root's name and content. An element has either text or elements. */
export const readXml = (document: string): { readonly root: string; readonly content: XmlValue } => {
  const prolog = '<?xml version="1.0" encoding="UTF-8"?>'
  if (!document.startsWith(prolog) || !char.test(document)) throw new Error("no XML document")
  let at = prolog.length

  const element = (): readonly [name: string, value: XmlValue] => {
    const tag = /<([A-Za-z_][\w.-]*)>/y
    tag.lastIndex = at
    const name = tag.exec(document)?.[1]
    if (name === undefined) throw new Error(`no element at ${at}`)
    at = tag.lastIndex
    const close = `</${name}>`
    const members: Record<string, Array<XmlValue>> = {}
    let value: XmlValue = members
    if (document[at] !== "<" || document.startsWith(close, at)) {
      const end = document.indexOf("<", at)
      value = textOf(document.slice(at, end))
      at = end
    } else {
      while (!document.startsWith(close, at)) {
        const [name, member] = element()
        ;(members[name] ??= []).push(member)
      }
    }
    if (!document.startsWith(close, at)) throw new Error(`${close} is missing at ${at}`)
    at += close.length
    return [name, value]
  }

  const [root, content] = element()
  if (at !== document.length) throw new Error("something follows the root")
  return { root, content }
}
