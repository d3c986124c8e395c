/** A counterexample as Mermaid: its path through the lifecycle, and its calls in order. */
import type { TracedStep } from "./report.ts"

/** Escapes characters that are syntax in Mermaid. */
const escaped = (text: string): string =>
  text.replaceAll(/[^\p{L}\p{N} _.,()+*/-]/gu, (letter) => `#${letter.codePointAt(0) ?? 0};`)

const born = "[*]"

/** The states of a key, each arrow with the numbers of its steps; the step that broke the law is marked. */
export const lifecycleDiagram = (steps: ReadonlyArray<TracedStep>): string => {
  const arrows = steps.flatMap(({ number, operation, before, after, ok }) =>
    before === "" && after === ""
      ? []
      : [{ from: before || born, to: after || before || born, text: `${number}. ${operation}${ok ? "" : " ✗"}`, ok }]
  )
  const joined = new Map<string, ReadonlyArray<string>>()
  for (const { from, to, text } of arrows) {
    const name = `${from} --> ${to}`
    joined.set(name, [...(joined.get(name) ?? []), text])
  }
  const wrong = arrows.find(({ ok }) => !ok)
  return [
    "stateDiagram-v2",
    ...[...joined].map(
      ([arrow, texts]) => `  ${arrow} : ${texts.map((text) => escaped(text).replace("#10007;", "✗")).join("<br/>")}`
    ),
    ...(wrong === undefined || wrong.to === born
      ? []
      : ["  classDef broken stroke:#c00,stroke-width:3px", `  class ${wrong.to} broken`]),
    ""
  ].join("\n")
}

export const sequenceDiagram = (steps: ReadonlyArray<TracedStep>): string =>
  [
    "sequenceDiagram",
    "  participant S as suite",
    "  participant K as service",
    ...steps.flatMap(({ number, text, got, expected, ok, operation }) =>
      operation === "Advance"
        ? [`  Note over S,K: ${number}. ${escaped(text)}`]
        : [
            `  S->>K: ${number}. ${escaped(text)}`,
            `  K-->>S: ${escaped(got)}`,
            ...(ok ? [] : [`  Note over S,K: expected ${escaped(expected)}`])
          ]
    ),
    ""
  ].join("\n")
