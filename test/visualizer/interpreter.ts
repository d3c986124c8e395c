/** Runs a statechart that was read from a drawing, by the algorithm of the W3C's SCXML, to compare it with XState. */

export interface ReadState {
  readonly id: string
  readonly kind: "atomic" | "compound" | "parallel" | "final" | "shallow" | "deep"
  /** The initial state; for a history state, its default. */
  readonly initial: ReadonlyArray<string>
  readonly states: ReadonlyArray<ReadState>
}

export interface ReadTransition {
  readonly source: string
  readonly targets: ReadonlyArray<string>
  /** Null for a transition without an event. */
  readonly event: string | null
  readonly isHeld: (world: World) => boolean
  readonly reenter: boolean
}

export interface ReadChart {
  readonly root: ReadState
  readonly transitions: ReadonlyArray<ReadTransition>
}

export interface World {
  /** Names of the guards that hold. */
  readonly held: ReadonlySet<string>
  readonly isIn: (id: string) => boolean
}

interface Node extends ReadState {
  readonly parent: Node | undefined
  readonly order: number
}

export interface Configuration {
  /** Ids of all active states. */
  readonly active: ReadonlySet<string>
  readonly remembered: ReadonlyMap<string, ReadonlyArray<string>>
  readonly isDone: boolean
}

const isHistory = ({ kind }: ReadState): boolean => kind === "shallow" || kind === "deep"
const isLeaf = ({ kind }: ReadState): boolean => kind === "atomic" || kind === "final"

const matches = (event: string, descriptor: string): boolean => {
  if (descriptor === "*" || descriptor === event) return true
  if (!descriptor.endsWith(".*")) return false
  const stem = descriptor.slice(0, -2)
  return event === stem || event.startsWith(`${stem}.`)
}

/** Exact names before wildcards, long wildcards before short ones, and otherwise the order of the document. */
const rank = (event: string, descriptor: string): number => (descriptor === event ? 10_000 : descriptor.length)

export class Interpreter {
  private readonly nodes = new Map<string, Node>()
  private readonly chart: ReadChart

  constructor(chart: ReadChart) {
    this.chart = chart
    this.add(chart.root, undefined)
  }

  private add(state: ReadState, parent: Node | undefined): void {
    const node: Node = { ...state, parent, order: this.nodes.size }
    if (this.nodes.has(state.id)) throw new Error(`two states are called ${state.id}`)
    this.nodes.set(state.id, node)
    for (const child of state.states) this.add(child, node)
  }

  private node(id: string): Node {
    const found = this.nodes.get(id)
    if (found === undefined) throw new Error(`there is no state ${id}`)
    return found
  }

  private above(node: Node): ReadonlyArray<Node> {
    return node.parent === undefined ? [] : [node.parent, ...this.above(node.parent)]
  }

  private isInside(node: Node, box: Node): boolean {
    return this.above(node).includes(box)
  }

  private children(node: Node): ReadonlyArray<Node> {
    return node.states.map(({ id }) => this.node(id)).filter((child) => !isHistory(child))
  }

  /** The start of the machine, run until it is stable. */
  begin(held: ReadonlySet<string>): Configuration {
    const root = this.node(this.chart.root.id)
    const entered = new Set<Node>()
    this.enter(root, new Map(), entered)
    return this.settled({ active: this.idsOf(entered), remembered: new Map(), isDone: false }, [...entered], held)
  }

  private idsOf(nodes: Iterable<Node>): ReadonlySet<string> {
    return new Set(Array.from(nodes, ({ id }) => id))
  }

  send(configuration: Configuration, event: string, held: ReadonlySet<string>): Configuration {
    if (configuration.isDone) return configuration
    const [next, entered] = this.microstep(configuration, this.selected(configuration, event, held))
    return this.settled(next, entered, held)
  }

  /** Takes eventless transitions first, then the events of final states, until none are left. */
  private settled(start: Configuration, entered: ReadonlyArray<Node>, held: ReadonlySet<string>): Configuration {
    let now = start
    const queue: Array<string> = []
    let ask = true
    let last = entered
    for (let round = 0; ; round++) {
      if (round > 50) throw new Error("the machine never rests")
      for (const event of this.doneEvents(now, last)) queue.push(event)
      if (this.isOver(now)) return { ...now, isDone: true }
      const eventless: ReadonlyArray<ReadTransition> = ask ? this.selected(now, null, held) : []
      const event: string | undefined = eventless.length > 0 ? undefined : queue.shift()
      if (eventless.length === 0 && event === undefined) return now
      const before = now
      ;[now, last] = this.microstep(now, event === undefined ? eventless : this.selected(now, event, held))
      ask = event !== undefined || !isSame(before.active, now.active)
    }
  }

  /** Ids of the active states without active inner states. */
  leaves({ active }: Configuration): ReadonlyArray<string> {
    return [...active].filter((id) => isLeaf(this.node(id))).sort()
  }

  private isOver({ active }: Configuration): boolean {
    const root = this.node(this.chart.root.id)
    return this.isEnded(root, active)
  }

  private isEnded(node: Node, active: ReadonlySet<string>): boolean {
    if (node.kind === "compound") return node.states.some(({ id, kind }) => kind === "final" && active.has(id))
    if (node.kind === "parallel") return this.children(node).every((child) => this.isEnded(child, active))
    return node.kind === "final"
  }

  private doneEvents({ active }: Configuration, entered: ReadonlyArray<Node>): ReadonlyArray<string> {
    const told = new Set<Node>()
    return entered
      .toSorted((a, b) => a.order - b.order)
      .flatMap((node) => {
        if (node.kind !== "final" || node.parent === undefined) return []
        const events = node.parent.kind === "compound" ? [`done.state.${node.parent.id}`] : []
        let box = node.parent.kind === "parallel" ? node.parent : node.parent.parent
        while (box?.kind === "parallel" && !told.has(box) && this.isEnded(box, active)) {
          told.add(box)
          events.push(`done.state.${box.id}`)
          box = box.parent
        }
        return events
      })
  }

  private world({ active }: Configuration, held: ReadonlySet<string>): World {
    return { held, isIn: (id) => active.has(id) }
  }

  /** The transitions that an event takes: of each region the innermost, without conflicts. */
  private selected(
    configuration: Configuration,
    event: string | null,
    held: ReadonlySet<string>
  ): ReadonlyArray<ReadTransition> {
    const world = this.world(configuration, held)
    const chosen = new Set<ReadTransition>()
    const leaves = [...configuration.active].map((id) => this.node(id)).filter(isLeaf)
    for (const leaf of leaves.toSorted((a, b) => a.order - b.order)) {
      const found = [leaf, ...this.above(leaf)]
        .map((node) => this.offered(node, event).find((transition) => transition.isHeld(world)))
        .find((transition) => transition !== undefined)
      if (found !== undefined) chosen.add(found)
    }
    return this.withoutConflicts(event === null ? [...chosen] : this.innermost([...chosen]), configuration)
  }

  /** XState asks a parallel state only if no inner state took the event. */
  private innermost(chosen: ReadonlyArray<ReadTransition>): ReadonlyArray<ReadTransition> {
    return chosen.filter(
      (one) => !chosen.some((other) => other !== one && this.isInside(this.node(other.source), this.node(one.source)))
    )
  }

  private offered(node: Node, event: string | null): ReadonlyArray<ReadTransition> {
    const own = this.chart.transitions.filter(({ source }) => source === node.id)
    if (event === null) return own.filter((transition) => transition.event === null)
    return own
      .filter((transition) => transition.event !== null && matches(event, transition.event))
      .toSorted((a, b) => rank(event, b.event ?? "") - rank(event, a.event ?? ""))
  }

  private withoutConflicts(
    chosen: ReadonlyArray<ReadTransition>,
    configuration: Configuration
  ): ReadonlyArray<ReadTransition> {
    const kept = new Set<ReadTransition>()
    for (const one of chosen) {
      const exits = this.exits(one, configuration)
      const rivals = [...kept].filter((other) => this.exits(other, configuration).some((node) => exits.includes(node)))
      const isInner = (other: ReadTransition) => this.isInside(this.node(one.source), this.node(other.source))
      if (!rivals.every(isInner)) continue
      for (const other of rivals) kept.delete(other)
      kept.add(one)
    }
    return [...kept]
  }

  /** History without a default leads to the initial state of its parent. */
  private defaults({ initial, parent }: Node): ReadonlyArray<string> {
    if (initial.length > 0 || parent === undefined) return initial
    return parent.kind === "compound" ? parent.initial : [parent.id]
  }

  private effective(ids: ReadonlyArray<string>, remembered: Configuration["remembered"]): ReadonlyArray<Node> {
    return ids.flatMap((id) => {
      const node = this.node(id)
      if (!isHistory(node)) return [node]
      const known = remembered.get(id)
      return known === undefined ? this.effective(this.defaults(node), remembered) : known.map((one) => this.node(one))
    })
  }

  private domain({ source, targets, reenter }: ReadTransition, remembered: Configuration["remembered"]): Node {
    const from = this.node(source)
    const ends = this.effective(targets, remembered)
    if (!reenter && ends.every((end) => end === from || this.isInside(end, from))) return from
    const shared = this.above(from).find((box) => ends.every((end) => this.isInside(end, box)))
    return shared ?? this.node(this.chart.root.id)
  }

  private exits(transition: ReadTransition, { active, remembered }: Configuration): ReadonlyArray<Node> {
    if (transition.targets.length === 0) return []
    if (transition.reenter && transition.source === this.chart.root.id) return [...active].map((id) => this.node(id))
    const domain = this.domain(transition, remembered)
    return [...active].map((id) => this.node(id)).filter((node) => this.isInside(node, domain))
  }

  private microstep(
    now: Configuration,
    transitions: ReadonlyArray<ReadTransition>
  ): [Configuration, ReadonlyArray<Node>] {
    const leaving = new Set(transitions.flatMap((transition) => this.exits(transition, now)))
    const remembered = this.rememberedAfter(now, leaving)
    const staying = new Set([...now.active].map((id) => this.node(id)).filter((node) => !leaving.has(node)))
    const entered = new Set<Node>()
    for (const transition of transitions) {
      const domain = this.domain(transition, now.remembered)
      const ends = transition.targets.flatMap((id) => {
        const target = this.node(id)
        return isHistory(target) ? this.effective([id], remembered) : [target]
      })
      this.enterWithin(domain, ends, remembered, entered)
    }
    // A transition that leaves the root enters it again.
    const active = this.idsOf([this.node(this.chart.root.id), ...staying, ...entered])
    return [{ active, remembered, isDone: false }, [...entered].filter((node) => !staying.has(node))]
  }

  private rememberedAfter(now: Configuration, leaving: ReadonlySet<Node>): Configuration["remembered"] {
    const remembered = new Map(now.remembered)
    for (const node of leaving) {
      for (const history of node.states.map(({ id }) => this.node(id)).filter(isHistory)) {
        const active = [...now.active].map((id) => this.node(id))
        const kept =
          history.kind === "deep"
            ? active.filter((one) => isLeaf(one) && this.isInside(one, node))
            : active.filter((one) => one.parent === node)
        remembered.set(
          history.id,
          kept.map(({ id }) => id)
        )
      }
    }
    return remembered
  }

  /** A state with its ancestors, up to the part that the transition does not leave. */
  /** All targets are entered before regions without a target begin. */
  private enterWithin(
    domain: Node,
    ends: ReadonlyArray<Node>,
    remembered: Configuration["remembered"],
    entered: Set<Node>
  ): void {
    const ways = ends.map((end) => this.wayTo(end, domain))
    for (const box of ways.flat()) entered.add(box)
    for (const end of ends) {
      if (end === domain) this.enterBelow(end, remembered, entered)
      else this.enter(end, remembered, entered)
    }
    for (const box of ways.flat()) this.completeRegions(box, remembered, entered)
    const isInDomain = ends.some((end) => this.isInside(end, domain))
    if (isInDomain && domain.kind === "parallel") this.completeRegions(domain, remembered, entered)
  }

  /** The boxes around a state inside the domain, the nearest first. */
  private wayTo(end: Node, domain: Node): ReadonlyArray<Node> {
    if (end === domain) return []
    const way = this.above(end)
    const at = way.indexOf(domain)
    return at === -1 ? way : way.slice(0, at)
  }

  private completeRegions(box: Node, remembered: Configuration["remembered"], entered: Set<Node>): void {
    if (box.kind !== "parallel") return
    for (const region of this.children(box)) {
      const isStarted = [...entered].some((node) => node === region || this.isInside(node, region))
      if (!isStarted) this.enter(region, remembered, entered)
    }
  }

  private enter(node: Node, remembered: Configuration["remembered"], entered: Set<Node>): void {
    entered.add(node)
    this.enterBelow(node, remembered, entered)
  }

  private enterBelow(node: Node, remembered: Configuration["remembered"], entered: Set<Node>): void {
    if (node.kind === "parallel") {
      this.completeRegions(node, remembered, entered)
    }
    if (node.kind !== "compound") return
    if ([...entered].some((one) => this.isInside(one, node))) return
    this.enterWithin(node, this.effective(node.initial, remembered), remembered, entered)
  }
}

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((one) => b.has(one))
