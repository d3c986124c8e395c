/** The playground as an element of a page: buttons of one key's events, its chart, its table and its journal. */
import { lifecycleOf, rotationOf } from "../../../machines/cmk.ts"
import { kinds, makePlayground } from "../../../src/playground/playground.ts"
import type { Kind, Line, Offer, Outcome, Playground } from "../../../src/playground/playground.ts"
import { knownMachines } from "../../../src/visualizer/drawings.ts"
import { activeIn } from "../../../src/visualizer/keys/history.ts"
import { svg } from "../../../src/visualizer/svg/svg.ts"

const { drawing, geometry } = knownMachines.cmk

const randomness = {
  bytes: (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length)),
  uuid: (): string => crypto.randomUUID()
}

const kindNames: Readonly<Record<Kind, string>> = {
  Aliyun_AES_256: "generated material",
  rotating: "generated material, rotates every 30 days",
  EXTERNAL: "imported material"
}

type Child = Node | string

const element = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
  ...children: ReadonlyArray<Child>
): HTMLElementTagNameMap[Name] => {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  made.append(...children)
  return made
}

const button = (text: string, press: () => void, attributes: Readonly<Record<string, string>> = {}) => {
  const made = element("button", { type: "button", ...attributes }, text)
  made.addEventListener("click", press)
  return made
}

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

const wordsOf = (outcome: Outcome): string => {
  switch (outcome._tag) {
    case "Accepted":
      return `${outcome.event} was accepted.`
    case "Refused":
      return `${outcome.operation} is refused: ${outcome.refusal.code}. ${outcome.refusal.hint}`
    case "Encrypted":
      return "The text is encrypted. Its ciphertext stands in the field below."
    case "Decrypted":
      return `The plaintext is: ${outcome.text}`
    case "NotOpened":
      return "No material of this key opens the ciphertext."
    default:
      return outcome satisfies never
  }
}

const tableRows = (playground: Playground): ReadonlyArray<readonly [string, string]> => {
  const snapshot = playground.snapshot()
  const { context } = snapshot
  const deadline = (due: { readonly dueAt: number } | null): string => (due === null ? "none" : dateOf(due.dueAt))
  return [
    ["KeyId", playground.keyId],
    ["KeyState", lifecycleOf(snapshot)],
    ["Rotation", rotationOf(snapshot)],
    ["Now", dateOf(playground.now())],
    ["Epoch", String(context.epoch)],
    ["Material", context.materialPresent ? "present" : "absent"],
    ["Versions", String(context.versionCount)],
    ["Deletion due", deadline(context.deletion)],
    ["Material expires", deadline(context.materialExpiry)],
    ["Next rotation", deadline(context.nextRotation)]
  ]
}

const tableOf = (playground: Playground): HTMLElement =>
  element(
    "table",
    { class: "playground-table" },
    element(
      "tbody",
      {},
      ...tableRows(playground).map(([name, value]) =>
        element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value))
      )
    )
  )

const journalOf = (lines: ReadonlyArray<Line>): HTMLElement =>
  element(
    "ol",
    { class: "playground-journal" },
    ...lines.map(({ at, event, hash }) =>
      element("li", {}, `${dateOf(at)} ${event} `, element("code", { title: hash }, hash.slice(0, 12)))
    )
  )

/** Draws for the theme of the page, and again when it changes. */
const themeNow = (): "light" | "dark" => (document.documentElement.classList.contains("dark") ? "dark" : "light")

export class PlaygroundElement extends HTMLElement {
  private playground: Playground | undefined
  private outcome = "Create a key, or use this one."
  private text = "a record"
  private blob = ""
  private readonly observer = new MutationObserver(() => this.draw())

  connectedCallback(): void {
    this.observer.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] })
    void this.start("Aliyun_AES_256")
  }

  disconnectedCallback(): void {
    this.observer.disconnect()
  }

  private async start(kind: Kind): Promise<void> {
    this.playground = await makePlayground(kind, Date.now(), randomness)
    this.outcome = `CreateKey was accepted: a key with ${kindNames[kind]}.`
    this.blob = ""
    this.draw()
  }

  private async show(outcome: Promise<Outcome>): Promise<void> {
    const told = await outcome
    this.outcome = wordsOf(told)
    if (told._tag === "Encrypted") this.blob = told.blob
    this.draw()
  }

  private field(label: string, value: string, take: (value: string) => void): HTMLElement {
    const input = element("input", { type: "text", value, spellcheck: "false" })
    input.addEventListener("input", () => take(input.value))
    return element("label", {}, label, input)
  }

  private offerButton(playground: Playground, { name, isDeadline, refusal }: Offer): HTMLElement {
    const classes = refusal === undefined ? "playground-legal" : "playground-refused"
    const text = isDeadline ? `⏱ ${name}` : name
    return button(text, () => void this.show(playground.send(name)), {
      class: classes,
      "data-event": name,
      title: refusal === undefined ? "legal now" : `refused: ${refusal.code}`
    })
  }

  private uses(playground: Playground): HTMLElement {
    return element(
      "div",
      { class: "playground-uses" },
      this.field("Plaintext", this.text, (text) => void (this.text = text)),
      button("Encrypt", () => void this.show(playground.encrypt(this.text)), { "data-event": "Encrypt" }),
      this.field("Ciphertext", this.blob, (blob) => void (this.blob = blob)),
      button("Decrypt", () => void this.show(playground.decrypt(this.blob)), { "data-event": "Decrypt" })
    )
  }

  private chart(playground: Playground): HTMLElement {
    const snapshot = playground.snapshot()
    const title = `The machine of the key: ${lifecycleOf(snapshot)}, rotation ${rotationOf(snapshot)}`
    const chart = element("div", { class: "playground-chart", tabindex: "0", role: "group", "aria-label": title })
    // The writer escapes every text, and no text of the page is in the drawing.
    chart.innerHTML = svg(drawing, geometry, { active: activeIn(snapshot), theme: themeNow(), title })
    return chart
  }

  private draw(): void {
    const { playground } = this
    if (playground === undefined) return
    this.replaceChildren(
      element(
        "div",
        { class: "playground-buttons", role: "group", "aria-label": "Create a key" },
        ...kinds.map((kind) =>
          button(`CreateKey: ${kindNames[kind]}`, () => void this.start(kind), { "data-kind": kind })
        )
      ),
      element("p", { class: "playground-outcome", role: "status" }, this.outcome),
      element(
        "div",
        { class: "playground-buttons", role: "group", "aria-label": "Events" },
        ...playground.offers().map((offer) => this.offerButton(playground, offer))
      ),
      this.uses(playground),
      this.chart(playground),
      tableOf(playground),
      element("h3", {}, "Journal"),
      journalOf(playground.journal())
    )
  }
}
