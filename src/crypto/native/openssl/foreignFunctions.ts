/** The module `node:ffi`, which Node's types before 26 lack, and functions of libcrypto with its types. */

/** An address in the memory of the process; 0 means no object. */
export type Address = bigint

interface ArgumentTypes {
  /** The bytes of an array, or the address of an object. */
  readonly pointer: Uint8Array | BigUint64Array | Address
  readonly i32: number
  readonly i64: bigint
  readonly u64: bigint
}

interface ReturnTypes {
  readonly pointer: Address
  readonly i32: number
  readonly u64: bigint
  readonly void: void
}

/** The prototype of a function in C. */
export interface Prototype {
  readonly arguments: ReadonlyArray<keyof ArgumentTypes>
  readonly return: keyof ReturnTypes
}

type Given<Types extends ReadonlyArray<keyof ArgumentTypes>> = {
  -readonly [At in keyof Types]: ArgumentTypes[Types[At]]
}

export type Functions<Prototypes extends Readonly<Record<string, Prototype>>> = {
  readonly [Name in keyof Prototypes]: (
    ...given: Given<Prototypes[Name]["arguments"]>
  ) => ReturnTypes[Prototypes[Name]["return"]]
}

export interface ForeignFunctions {
  /**
   * The functions of a library; null means the process itself. Throws if a function is missing, or if Node forbids it.
   */
  readonly dlopen: <const Prototypes extends Readonly<Record<string, Prototype>>>(
    path: null,
    prototypes: Prototypes
  ) => { readonly functions: Functions<Prototypes> }
  readonly getRawPointer: (bytes: Uint8Array) => Address
}

/** The boundary where an untyped module gets types, by the names of its functions. */
const isForeignFunctions = (module: object | undefined): module is ForeignFunctions =>
  module !== undefined &&
  "dlopen" in module &&
  typeof module.dlopen === "function" &&
  "getRawPointer" in module &&
  typeof module.getRawPointer === "function"

/**
 * Node prints a warning when it loads an experimental module. The user of this package did not choose the module, so
 * the warning would not help. Loading is synchronous, so no other warning is lost.
 */
const withoutWarning = <A>(load: () => A): A => {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Undefined if this Node has no such module. Throws if Node's permissions forbid it. */
export const loadForeignFunctions = (): ForeignFunctions | undefined => {
  const module = withoutWarning(() => process.getBuiltinModule("node:ffi"))
  return isForeignFunctions(module) ? module : undefined
}
