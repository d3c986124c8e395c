/** The types of requests and replies, as the compiler infers them from the tables of operations, in plain data. */
import { fileURLToPath } from "node:url"
import { API, TypeFlags } from "typescript/unstable/sync"
import type { Checker, Symbol, Type } from "typescript/unstable/sync"

/** A type written on one line. */
export interface Plain {
  readonly kind: "plain"
  readonly text: string
}
export interface ListShape {
  readonly kind: "list"
  readonly of: Shape
}
export interface RecordShape {
  readonly kind: "record"
  readonly members: ReadonlyArray<Member>
}
export type Shape = Plain | ListShape | RecordShape

export interface Member {
  readonly name: string
  readonly optional: boolean
  readonly shape: Shape
}

export interface Shapes {
  readonly request: RecordShape
  readonly reply: RecordShape
}

const root = fileURLToPath(new URL("../../../", import.meta.url))

const has = (type: Type, flag: TypeFlags): boolean => (type.flags & flag) !== 0

const plain = (text: string): Plain => ({ kind: "plain", text })

const isBytes = (type: Type): boolean => type.getSymbol()?.name === "Uint8Array"

const isUndefined = (type: Type): boolean => has(type, TypeFlags.Undefined)

/** Converts types to shapes. An unknown type is an error, so that none is documented wrongly. */
class Reader {
  readonly #checker: Checker

  constructor(checker: Checker) {
    this.#checker = checker
  }

  shapeOf(type: Type): Shape {
    const members = type.isUnionType() ? type.getTypes() : [type]
    const present = members.filter((member) => !isUndefined(member))
    const records = present.filter((member) => this.#isRecord(member))
    if (records.length === present.length && records.length > 0) return this.#merged(records)
    const [only] = present
    if (present.length === 1 && only !== undefined) return this.#single(only)
    if (has(type, TypeFlags.Boolean)) return plain("boolean")
    return plain(this.#union(present))
  }

  /** A member of a record in a union. */
  #memberText({ name, optional, shape }: Member): string {
    return `readonly ${name}${optional ? "?" : ""}: ${this.#text(shape)}${optional ? " | undefined" : ""}`
  }

  #union(types: ReadonlyArray<Type>): string {
    const texts = types.map((type) => {
      const shape = this.#single(type)
      return this.#text(shape)
    })
    const booleans = texts.includes("true") && texts.includes("false")
    const rest = texts.filter((text) => !booleans || (text !== "true" && text !== "false"))
    return [...new Set(booleans ? [...rest, "boolean"] : rest)].toSorted().join(" | ")
  }

  #text(shape: Shape): string {
    if (shape.kind === "plain") return shape.text
    if (shape.kind === "list") return `ReadonlyArray<${this.#text(shape.of)}>`
    return `{ ${shape.members.map((member) => this.#memberText(member)).join("; ")} }`
  }

  #single(type: Type): Shape {
    const checker = this.#checker
    if (has(type, TypeFlags.StringLiteral | TypeFlags.NumberLiteral | TypeFlags.BooleanLiteral)) {
      return plain(checker.typeToString(type))
    }
    if (has(type, TypeFlags.String | TypeFlags.TemplateLiteral)) return plain("string")
    if (has(type, TypeFlags.Number)) return plain("number")
    if (has(type, TypeFlags.Unknown)) return plain("unknown")
    if (has(type, TypeFlags.Never)) return plain("never")
    if (has(type, TypeFlags.Boolean)) return plain("boolean")
    // For callers, a branded string is an ordinary string.
    if (type.isIntersectionType() && type.getTypes().some((part) => has(part, TypeFlags.String))) return plain("string")
    if (isBytes(type)) return plain("Uint8Array")
    const item = this.#itemOf(type)
    if (item !== undefined) return { kind: "list", of: this.shapeOf(item) }
    const [index] = checker.getIndexInfosOfType(type)
    if (index !== undefined) {
      return plain(`Readonly<Record<string, ${this.#text(this.shapeOf(index.valueType))}>>`)
    }
    if (this.#isRecord(type)) return this.#merged([type])
    throw new Error(`the type ${checker.typeToString(type)} has no written form yet`)
  }

  #itemOf(type: Type): Type | undefined {
    if (this.#checker.isTupleType(type)) throw new Error("a tuple has no written form yet")
    return type.isTypeReference() && this.#checker.isArrayType(type)
      ? this.#checker.getTypeArguments(type)[0]
      : undefined
  }

  #isRecord(type: Type): boolean {
    return (
      has(type, TypeFlags.Object | TypeFlags.Intersection) &&
      !isBytes(type) &&
      !(type.isIntersectionType() && type.getTypes().some((part) => has(part, TypeFlags.String))) &&
      this.#itemOf(type) === undefined &&
      this.#checker.getIndexInfosOfType(type).length === 0
    )
  }

  /** Joins the alternatives of an object: a member that some of them lack is optional. */
  #merged(types: ReadonlyArray<Type>): RecordShape {
    const found = new Map<string, { readonly types: Array<Type>; optional: boolean }>()
    for (const type of types) {
      for (const symbol of this.#checker.getPropertiesOfType(type)) {
        const known = found.get(symbol.name) ?? { types: [], optional: false }
        known.types.push(this.#typeOf(symbol))
        found.set(symbol.name, known)
      }
    }
    const members = [...found].map(([name, member]): Member => {
      const parts = member.types.flatMap((type) => (type.isUnionType() ? [...type.getTypes()] : [type]))
      const optional = member.types.length < types.length || parts.some(isUndefined)
      return { name, optional, shape: this.#joined(parts.filter((part) => !isUndefined(part))) }
    })
    return { kind: "record", members }
  }

  #joined(parts: ReadonlyArray<Type>): Shape {
    if (parts.every((part) => this.#isRecord(part)) && parts.length > 0) return this.#merged(parts)
    const lists = parts.map((part) => this.#itemOf(part))
    const items = lists.filter((item) => item !== undefined)
    if (items.length === parts.length && items.length > 0) {
      return {
        kind: "list",
        of: this.#joined(items.flatMap((item) => (item.isUnionType() ? [...item.getTypes()] : [item])))
      }
    }
    const [only] = parts
    if (parts.length === 0) return plain("never")
    return parts.length === 1 && only !== undefined ? this.#single(only) : plain(this.#union(parts))
  }

  #typeOf(symbol: Symbol): Type {
    const type = this.#checker.getTypeOfSymbol(symbol)
    if (type === undefined) throw new Error(`${symbol.name} has no type`)
    return type
  }

  /** The request and the reply of a catalogue's operation with this name. */
  operation(catalogue: Type, name: string): Shapes {
    const checker = this.#checker
    const symbol = checker.getPropertyOfType(catalogue, name)
    if (symbol === undefined) throw new Error(`the catalogue has no ${name}`)
    const [input, reply] = this.#argumentsOf(this.#typeOf(symbol))
    if (input === undefined || reply === undefined) throw new Error(`${name} is no operation`)
    return { request: this.#record(input), reply: this.#record(reply) }
  }

  #argumentsOf(type: Type): ReadonlyArray<Type> {
    return type.isTypeReference() ? this.#checker.getTypeArguments(type) : []
  }

  #record(type: Type): RecordShape {
    // An operation that is always refused has no reply.
    if (has(type, TypeFlags.Never)) return { kind: "record", members: [] }
    const shape = this.shapeOf(type)
    if (shape.kind !== "record") throw new Error("a request and a reply are objects")
    return shape
  }
}

export interface Catalogue {
  /** The module and the constant that list the operations. */
  readonly module: string
  readonly constant: string
  readonly names: ReadonlyArray<string>
}

/** The shapes of every operation of each catalogue, read from the sources. */
export const shapesOf = (catalogues: ReadonlyArray<Catalogue>): ReadonlyArray<ReadonlyMap<string, Shapes>> => {
  const api = new API({ cwd: root })
  try {
    const [project] = api.updateSnapshot({ openProject: `${root}tsconfig.json` }).getProjects()
    if (project === undefined) throw new Error("tsconfig.json cannot be opened")
    const { checker, program } = project
    const reader = new Reader(checker)
    return catalogues.map(({ module, constant, names }) => {
      const file = program.getSourceFile(`${root}${module}`)
      const exported = file === undefined ? undefined : checker.getSymbolAtLocation(file)
      const symbol = exported && checker.getExportsOfModule(exported).find(({ name }) => name === constant)
      const type = symbol && checker.getTypeOfSymbol(symbol)
      if (type === undefined) throw new Error(`${module} does not export ${constant}`)
      return new Map(names.map((name) => [name, reader.operation(type, name)]))
    })
  } finally {
    api.close()
  }
}
