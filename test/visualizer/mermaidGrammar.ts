/** A strict reader for the part of Mermaid's state diagrams that we write; it refuses everything else. */

export interface ReadState {
  readonly id: string
  readonly title: string
  /** Id of the box it stands in; null outside of all boxes. */
  readonly box: string | null
}

export interface ReadArrow {
  /** Null is the start of the box the arrow stands in. */
  readonly source: string | null
  /** Null is the end of that box. */
  readonly target: string | null
  readonly labels: ReadonlyArray<string>
  readonly box: string | null
}

export interface ReadDiagram {
  readonly states: ReadonlyArray<ReadState>
  readonly arrows: ReadonlyArray<ReadArrow>
}

const id = "[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*"
/** No character that Mermaid's own lexer could take for syntax: it must come as an entity. */
const text = '(?:[^:;#"<>{}|\\\\%\\n\\[\\]]|#[0-9]+;)'
const label = `(?:${text}|\\[|\\]|<br/>)+`

const forms = {
  open: new RegExp(`^state "(${text}+)" as (${id}) \\{$`, "u"),
  close: /^\}$/u,
  state: new RegExp(`^state "(${text}+)" as (${id})$`, "u"),
  arrow: new RegExp(`^(${id}|\\[\\*\\]) --> (${id}|\\[\\*\\])(?: : (${label}))?$`, "u")
}

/** Ids that are one bare word could be a keyword; ours always have a part after the diagram's name. */
const keywords = /^(?:state|note|end|direction|class|classDef|style|default|click|as|fork|join|choice)$/iu

const unescaped = (escaped: string): string =>
  escaped.replaceAll(/#([0-9]+);/gu, (_entity, code: string) => String.fromCodePoint(Number(code)))

class Reader {
  private readonly states: Array<ReadState> = []
  private readonly arrows: Array<ReadArrow> = []
  private readonly boxes: Array<string> = []

  private get box(): string | null {
    return this.boxes.at(-1) ?? null
  }

  private declare(title: string, stateId: string): void {
    if (keywords.test(stateId)) throw new Error(`${stateId} is a keyword`)
    if (this.states.some((state) => state.id === stateId)) throw new Error(`${stateId} is declared twice`)
    this.states.push({ id: stateId, title: unescaped(title), box: this.box })
  }

  private end(name: string): string | null {
    if (name === "[*]") return null
    if (!this.states.some((state) => state.id === name)) throw new Error(`${name} is used before it is declared`)
    return name
  }

  private draw(source: string, target: string, labels: string | undefined): void {
    const arrow: ReadArrow = {
      source: this.end(source),
      target: this.end(target),
      labels: labels === undefined ? [] : labels.split("<br/>").map(unescaped),
      box: this.box
    }
    if (arrow.source === null && arrow.target === null) throw new Error("an arrow from nowhere to nowhere")
    this.arrows.push(arrow)
  }

  line(line: string): void {
    const depth = this.boxes.length - (forms.close.test(line.trim()) ? 1 : 0)
    const indent = "  ".repeat(depth + 1)
    const body = line.slice(indent.length)
    if (!line.startsWith(indent) || body.startsWith(" ")) throw new Error(`wrong indent: ${line}`)
    const opened = forms.open.exec(body)
    const declared = forms.state.exec(body)
    const drawn = forms.arrow.exec(body)
    if (opened !== null) {
      const [, title = "", stateId = ""] = opened
      this.declare(title, stateId)
      this.boxes.push(stateId)
    } else if (declared !== null) {
      const [, title = "", stateId = ""] = declared
      this.declare(title, stateId)
    } else if (drawn !== null) {
      const [, source = "", target = "", labels] = drawn
      this.draw(source, target, labels)
    } else if (forms.close.test(body)) {
      this.boxes.pop()
    } else {
      throw new Error(`no such form: ${line}`)
    }
  }

  done(): ReadDiagram {
    if (this.boxes.length > 0) throw new Error(`${this.box ?? ""} is not closed`)
    return { states: this.states, arrows: this.arrows }
  }
}

export const readMermaid = (diagram: string): ReadDiagram => {
  const [first, ...rest] = diagram.split("\n")
  if (first !== "stateDiagram-v2") throw new Error(`not a state diagram: ${first ?? ""}`)
  if (rest.pop() !== "") throw new Error("the last line is not ended")
  const reader = new Reader()
  for (const line of rest) reader.line(line)
  return reader.done()
}

/** Faults the grammar alone cannot see: what parses and is still drawn wrongly. */
export const layoutFaults = ({ states, arrows }: ReadDiagram): ReadonlyArray<string> => {
  const boxOf = new Map(states.map((state) => [state.id, state.box]))
  const isBox = (name: string): boolean => states.some((state) => state.box === name)
  const ends = ({ source, target }: ReadArrow) => [source, target].filter((end) => end !== null)
  const name = ({ source, target }: ReadArrow): string => `${source ?? "[*]"} --> ${target ?? "[*]"}`
  const pairs = arrows.map(name)
  return [
    ...arrows
      .filter((arrow) => arrow.source !== null && ends(arrow).some(isBox))
      .map((arrow) => `${name(arrow)} ends at a box`),
    ...arrows
      .filter((arrow) => arrow.box !== null && ends(arrow).some((end) => boxOf.get(end) !== arrow.box))
      .map((arrow) => `${name(arrow)} names a state of another box`),
    ...pairs
      .filter((pair, index) => !pair.startsWith("[*]") && pairs.indexOf(pair) !== index)
      .map((pair) => `${pair} twice`)
  ]
}

export const titleOf = ({ states }: ReadDiagram, id: string | null): string =>
  states.find((state) => state.id === id)?.title ?? "[*]"

/** An arrow in words: `Enabled → Disabled: DisableKey`. */
export const sentence = (diagram: ReadDiagram, arrow: ReadArrow): string =>
  `${titleOf(diagram, arrow.source)} → ${titleOf(diagram, arrow.target)}: ${arrow.labels.join(", ")}`

export const sentences = (diagram: ReadDiagram): ReadonlyArray<string> =>
  diagram.arrows.map((arrow) => sentence(diagram, arrow))
