/** Compiles a schema into one predicate that tests the shape of a value. */
// `Schema.is` gives the same answer, but costs a quarter of a key change; this costs a few hundredths. A test compares
// `assertStorable`, which uses this predicate, with the decoder.
import type { SchemaAST } from "effect"

type Predicate = (value: unknown) => boolean

/** The predicate of a schema whose decoded and encoded forms are the same JSON. Other schemas are refused. */
export const shapeOf = (ast: SchemaAST.AST): Predicate => {
  if (ast.encoding !== undefined) throw new Error("a stored form must be plain JSON without a transformation")
  const hasType = typeOf(ast)
  const filters = (ast.checks ?? []).flatMap(filtersOf)
  if (filters.length === 0) return hasType
  const passes = passesAll(filters, ast)
  return (value) => hasType(value) && passes(value)
}

const filtersOf = (check: SchemaAST.Check<unknown>): ReadonlyArray<SchemaAST.Filter<unknown>> =>
  check._tag === "Filter" ? [check] : check.checks.flatMap(filtersOf)

const passesAll =
  (filters: ReadonlyArray<SchemaAST.Filter<unknown>>, ast: SchemaAST.AST): Predicate =>
  (value) => {
    for (const filter of filters) if (filter.run(value, ast, {}) !== undefined) return false
    return true
  }

const typeOf = (ast: SchemaAST.AST): Predicate => {
  switch (ast._tag) {
    case "String":
      return (value) => typeof value === "string"
    case "Number":
      return (value) => typeof value === "number"
    case "Boolean":
      return (value) => typeof value === "boolean"
    case "Null":
      return (value) => value === null
    case "Literal":
      return (value) => value === ast.literal
    case "Union":
      return unionOf(ast.types)
    case "Arrays":
      return arrayOf(ast)
    case "Objects":
      return objectOf(ast)
    default:
      throw new Error(`a stored form has no ${ast._tag}`)
  }
}

const unionOf = (types: ReadonlyArray<SchemaAST.AST>): Predicate => {
  const literals = types.flatMap((type) => (type._tag === "Literal" ? [type.literal] : []))
  if (literals.length === types.length) {
    const known: ReadonlySet<unknown> = new Set(literals)
    return (value) => known.has(value)
  }
  const members = types.map(shapeOf)
  return (value) => {
    for (const member of members) if (member(value)) return true
    return false
  }
}

const arrayOf = ({ elements, rest }: SchemaAST.Arrays): Predicate => {
  const [item] = rest
  if (elements.length > 0 || item === undefined || rest.length > 1) throw new Error("a stored form has no tuples")
  const isItem = shapeOf(item)
  return (value) => Array.isArray(value) && value.every(isItem)
}

interface Member {
  readonly name: string
  readonly has: Predicate
  readonly isOptional: boolean
  /** The position of the next member in the schema. */
  readonly next: number
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const objectOf = ({ propertySignatures, indexSignatures }: SchemaAST.Objects): Predicate => {
  const members = propertySignatures.map(({ name, type }, place): Member => ({
    name: String(name),
    has: shapeOf(type),
    isOptional: isOptional(type),
    next: place + 1
  }))
  const others = indexSignatures.map(({ type }) => shapeOf(type))
  const byName = new Map(members.map((member) => [member.name, member]))
  const required = members.filter((member) => !member.isOptional).length
  return (value) => {
    if (!isRecord(value)) return false
    let found = 0
    let next = 0
    for (const name in value) {
      const given = value[name]
      // JSON omits undefined members, so they count as absent.
      if (given === undefined) continue
      // Most values have their members in the order of the schema, so the table is rarely needed.
      const expected = members[next]
      const member = expected?.name === name ? expected : byName.get(name)
      if (member === undefined) {
        if (!others.some((has) => has(given))) return false
        continue
      }
      if (!member.has(given)) return false
      if (!member.isOptional) found++
      next = member.next
    }
    return found === required
  }
}

const isOptional = (type: SchemaAST.AST): boolean => type.context?.isOptional === true
