/** SCXML as input for the interpreter of the tests; conditions are evaluated as expressions. */
import { SaxesParser } from "saxes"
import type { ReadChart, ReadState, ReadTransition, World } from "./interpreter.ts"

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly inside: Array<Element>
}

const elementsOf = (text: string): Element => {
  const root: Element = { name: "", attributes: {}, inside: [] }
  const open: Array<Element> = [root]
  const parser = new SaxesParser({ xmlns: false })
  parser.on("error", (error) => {
    throw error
  })
  parser.on("opentag", ({ name, attributes }) => {
    const element = { name, attributes: { ...attributes }, inside: [] }
    open.at(-1)?.inside.push(element)
    open.push(element)
  })
  parser.on("closetag", () => open.pop())
  parser.write(text).close()
  const [scxml] = root.inside
  if (scxml?.name !== "scxml") throw new Error("not SCXML")
  return scxml
}

const stateNames = new Set(["state", "parallel", "final", "history"])

const childrenOf = ({ inside }: Element, name: string): ReadonlyArray<Element> =>
  inside.filter((one) => one.name === name)

const targetsOf = (element: Element | undefined): ReadonlyArray<string> =>
  (element?.attributes["target"] ?? "").split(" ").filter((target) => target !== "")

const kindOf = (element: Element): ReadState["kind"] => {
  if (element.name === "history") return element.attributes["type"] === "deep" ? "deep" : "shallow"
  if (element.name === "parallel" || element.name === "final") return element.name
  return element.inside.some(({ name }) => stateNames.has(name)) ? "compound" : "atomic"
}

type Naming = (id: string) => string

/** Event names contain the ids of states: those of final states, timers and actors. */
const eventOf = (event: string | undefined, naming: Naming): string | null =>
  event === undefined
    ? null
    : event.replace(
        /^((?:done\.state|after\.\d+|(?:done|error)\.invoke\.\w+)\.)(\w+)$/,
        (_all, head: string, id: string) => head + naming(id)
      )

const stateOf =
  (naming: Naming) =>
  (element: Element): ReadState => {
    const beginning = element.name === "history" ? element : childrenOf(element, "initial")[0]
    return {
      id: naming(element.attributes["id"] ?? ""),
      kind: kindOf(element),
      initial: targetsOf(beginning === undefined ? undefined : childrenOf(beginning, "transition")[0]).map(naming),
      states: element.inside.filter(({ name }) => stateNames.has(name)).map(stateOf(naming))
    }
  }

/** The interpreter compares whole names of events, as this condition demands. */
const exactEvent = /^_event\.name == '[\w.*-]+'(?: && )?/

/** Only variables, In, brackets and operators: the writer uses nothing else in conditions. */
const conditionOf = (written: string | undefined, variables: ReadonlyArray<string>): ReadTransition["isHeld"] => {
  const condition = written?.replace(exactEvent, "")
  if (condition === undefined || condition === "") return () => true
  if (!/^(?:[\w$]+|In\('[^']*'\)|!|\(|\)| && | \|\| )+$/.test(condition)) throw new Error(`no expression: ${condition}`)
  // oxlint-disable-next-line no-new-func -- an expression of ECMAScript is what the text claims to be
  const evaluate = new Function("In", ...variables, `return ${condition}`)
  return ({ held, isIn }: World) => evaluate(isIn, ...variables.map((name) => held.has(name))) === true
}

export const readScxml = (text: string, naming: Naming): ReadChart => {
  const scxml = elementsOf(text)
  const variables = childrenOf(scxml, "datamodel")
    .flatMap((model) => childrenOf(model, "data"))
    .flatMap(({ attributes }) => attributes["id"] ?? [])
  const transitionsOf = (element: Element): ReadonlyArray<ReadTransition> => [
    ...childrenOf(element, "transition").map((transition) => ({
      source: naming(element.attributes["id"] ?? ""),
      targets: targetsOf(transition).map(naming),
      event: eventOf(transition.attributes["event"], naming),
      isHeld: conditionOf(transition.attributes["cond"], variables),
      reenter: transition.attributes["type"] !== "internal"
    })),
    ...element.inside.filter(({ name }) => stateNames.has(name) && name !== "history").flatMap(transitionsOf)
  ]
  const top = scxml.inside.find(({ name }) => stateNames.has(name))
  if (top === undefined || scxml.attributes["initial"] !== top.attributes["id"]) throw new Error("no beginning")
  return { root: stateOf(naming)(top), transitions: transitionsOf(top) }
}
