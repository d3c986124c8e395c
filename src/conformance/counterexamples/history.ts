/** The whole history of the keys that a sequence took over from earlier sequences, as steps that can be run again. */
import type { Life } from "../steps/life.ts"
import type { Filter, Label, Step } from "../steps/step.ts"

/** A longer history does not help a reader, and is not run again. */
const stepsMax = 2000

/** The lives whose keys a life took over, and their sources in turn, oldest first. Undefined if there are too many. */
const ancestorsOf = (life: Life): ReadonlyArray<Life> | undefined => {
  const known = new Set<Life>()
  let steps = 0
  const open = [life]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (known.has(one)) continue
    known.add(one)
    steps += one.steps.length
    if (steps > stepsMax) return undefined
    open.push(...[...one.origins.values()].map((origin) => origin.life))
  }
  known.delete(life)
  return inOrder([...known], life)
}

/** A life follows every life that it took keys from. */
const inOrder = (lives: ReadonlyArray<Life>, last: Life): ReadonlyArray<Life> => {
  const order: Array<Life> = []
  const place = (life: Life): void => {
    if (order.includes(life)) return
    for (const { life: before } of life.origins.values()) place(before)
    order.push(life)
  }
  for (const life of [...lives, last]) place(life)
  return order.filter((life) => life !== last)
}

/** Renames the labels of every life to separate names. Labels that were taken over keep their names. */
const makeNaming = () => {
  const names = new Map<Life, Map<Label, Label>>()
  const counts = new Map<string, number>()
  const nameOf = (life: Life, label: Label): Label => {
    const [, letter, number, rest = ""] = /^([a-z]+)(\d+)(\..*)?$/.exec(label) ?? []
    if (letter === undefined || number === undefined) return label
    const whole = letter + number
    const origin = life.origins.get(whole)
    if (origin !== undefined) return nameOf(origin.life, origin.label) + rest
    const own = names.get(life) ?? new Map<Label, Label>()
    names.set(life, own)
    const count = (counts.get(letter) ?? 0) + 1
    const name = own.get(whole) ?? `${letter}${count}`
    if (!own.has(whole)) counts.set(letter, count)
    own.set(whole, name)
    return name + rest
  }
  return nameOf
}

/** The rights of a user with renamed labels. */
export const rightsOn = (as: NonNullable<Step["as"]>, name: (label: string) => string): NonNullable<Step["as"]> => ({
  ...as,
  ...(as.key === undefined ? {} : { key: as.key === "*" ? "*" : name(as.key) }),
  ...(as.alias === undefined ? {} : { alias: name(as.alias) })
})

/** Filters with renamed labels. */
export const filtersOn = (filters: ReadonlyArray<Filter>, name: (label: string) => string): ReadonlyArray<Filter> =>
  filters.map(({ Key, Values }) => ({
    Key,
    Values: Key === "KeyId" || Key === "AliasName" ? Values.map(name) : Values
  }))

const members = ["makes", "key", "by", "of", "version", "alias", "to"] as const

/** The steps of a life with the names of the whole history. Bursts of different lives stay separate. */
const renamed = (life: Life, steps: ReadonlyArray<Step>, number: number, nameOf: ReturnType<typeof makeNaming>) =>
  steps
    .filter((step) => !life.adopted.has(step))
    .map((step): Step => {
      const labels = members.flatMap((member) => {
        const label = step[member]
        return label === undefined ? [] : [[member, nameOf(life, label)] as const]
      })
      const { as, burst, policy, filters } = step
      return {
        ...step,
        ...Object.fromEntries(labels),
        ...(filters === undefined ? {} : { filters: filtersOn(filters, (label) => nameOf(life, label)) }),
        ...(as === undefined
          ? {}
          : { as: { ...rightsOn(as, (label) => nameOf(life, label)), name: `${as.name}${number}` } }),
        ...(policy === undefined ? {} : { policy: policy.map((each) => ({ ...each, user: `${each.user}${number}` })) }),
        ...(burst === undefined ? {} : { burst: number * 100 + burst })
      }
    })

/**
 * The steps of a sequence, preceded by all steps of the sequences that its keys come from. Undefined if it took over
 * nothing, or if the history is too long.
 */
export const historyOf = (life: Life, steps: ReadonlyArray<Step>): ReadonlyArray<Step> | undefined => {
  const ancestors = life.origins.size === 0 ? undefined : ancestorsOf(life)
  if (ancestors === undefined) return undefined
  const nameOf = makeNaming()
  return [
    ...ancestors.flatMap((one, index) => renamed(one, one.steps, index + 1, nameOf)),
    ...renamed(life, steps, ancestors.length + 1, nameOf)
  ]
}
