/** Bytes that go to another thread: gathered in one piece of memory, which is handed over, so that no copy stays behind. */

const isRecord = (value: unknown): value is object => typeof value === "object" && value !== null

const bytesIn = (value: unknown): number => {
  if (value instanceof Uint8Array) return value.length
  if (!isRecord(value)) return 0
  let sum = 0
  for (const member of Object.values(value)) sum += bytesIn(member)
  return sum
}

export interface Gathered {
  /** As it was given, with its bytes in `memory`. */
  readonly message: unknown
  readonly memory: Array<ArrayBuffer>
}

/**
 * Posted as it is, a view would take along the memory around it, and each would be handed over by itself, which costs
 * more than what is done with most of them.
 */
export const gathered = (value: unknown): Gathered => {
  const length = bytesIn(value)
  if (length === 0) return { message: value, memory: [] }
  const memory = new ArrayBuffer(length)
  let at = 0
  const moved = (member: unknown): unknown => {
    if (member instanceof Uint8Array) {
      const view = new Uint8Array(memory, at, member.length)
      view.set(member)
      at += member.length
      return view
    }
    if (Array.isArray(member)) return member.map(moved)
    if (!isRecord(member)) return member
    const copy: Record<string, unknown> = {}
    for (const [name, inner] of Object.entries(member)) copy[name] = moved(inner)
    return copy
  }
  return { message: moved(value), memory: [memory] }
}
