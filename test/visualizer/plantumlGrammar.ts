/** A strict reader for the part of PlantUML's state diagrams that the writer uses; it refuses everything else. */
import { arrowText } from "./normalForm.ts"
import type { Said } from "./normalForm.ts"

const text = String.raw`(?:[\p{L}\p{N} .,()[\]+:/-]|<U\+[0-9a-f]{4,6}>)`
const name = String.raw`\w+`

const forms = {
  state: new RegExp(String.raw`^state "(${text}+)" as (${name})(?: #[\w;:.]+)?( \{)?$`, "u"),
  sign: new RegExp(String.raw`^state (${name}) <<(history|history\*|fork)>>$`, "u"),
  arrow: new RegExp(String.raw`^(${name}|\[\*\]) --> (${name}|\[\*\])(?: : ((?:${text}|\\n)+))?$`, "u"),
  row: new RegExp(String.raw`^(${name}) : (${text}+)$`, "u")
}

const unescaped = (written: string): string =>
  written.replaceAll(/<U\+([0-9a-f]+)>/g, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))

/** A mark belongs to the region around it. */
const isMark = (id: string): boolean => id.endsWith("__any")
const regionOf = (id: string): string => (isMark(id) ? id.slice(0, -"__any".length) : id)

/** Rows of a state that are not transitions. A description is in italics. */
const isNote = (row: string): boolean => /^\/\/.*\/\/$|^(?:runs |entry \/|exit \/|tags: |never entered$)/.test(row)

export const readPlantuml = (diagram: string): Said => {
  const lines = diagram.trimEnd().split("\n")
  if (lines.shift() !== "@startuml" || lines.pop() !== "@enduml") throw new Error("not a diagram")
  const boxes: Array<string> = []
  const places = new Map<string, string>()
  const parallel = new Set<string>()
  const arrows: Array<string> = []
  for (const line of lines.map((one) => one.trim())) {
    const [state, sign, arrow, row] = [
      forms.state.exec(line),
      forms.sign.exec(line),
      forms.arrow.exec(line),
      forms.row.exec(line)
    ]
    const box = boxes.at(-1)
    const declare = (id: string): void => {
      if (places.has(id)) throw new Error(`${id} is declared twice`)
      places.set(id, box === undefined || box.startsWith("machine__") ? id : `${box} / ${id}`)
    }
    if (state !== null) {
      if (!isMark(state[2] ?? "")) declare(state[2] ?? "")
      if (state[3] !== undefined) boxes.push(state[2] ?? "")
    } else if (sign !== null) {
      if (sign[2] !== "fork") declare(sign[1] ?? "")
    } else if (arrow !== null) {
      const [, from = "", to = "", label = ""] = arrow
      if (to === "[*]") continue
      for (const part of label.split("\\n"))
        arrows.push(arrowText(from === "[*]" ? "●" : regionOf(from), regionOf(to), unescaped(part)))
    } else if (row !== null) {
      const [, id = "", said = ""] = row
      if (!isNote(unescaped(said))) arrows.push(arrowText(id, id, unescaped(said)))
    } else if (line === "--") parallel.add(box ?? "")
    else if (line === "}") boxes.pop()
    else if (line !== "hide empty description") throw new Error(`no such form: ${line}`)
  }
  if (boxes.length > 0) throw new Error(`${boxes.at(-1) ?? ""} is not closed`)
  return {
    places: [...places]
      .filter(([id]) => !id.startsWith("machine__"))
      .map(([, place]) => place)
      .sort(),
    parallel: [...parallel].sort(),
    arrows: arrows.sort()
  }
}
