/** Objects of a token: their templates, their durable creation, and their durable removal. */
import type { Handle, Template } from "pkcs11js"
import { causeOf, isReturnValue, TokenError } from "../failures.ts"
import { pkcs11js } from "../token/pkcs11.ts"
import type { Asks, ObjectName, TokenObject } from "../protocol.ts"
import type { Token } from "../token/token.ts"
import { works } from "./trials.ts"

/** The most objects of one name. No fault of this service makes more. */
const ofOneNameMax = 64
/** The most objects that are listed. A token holds fewer. */
const listedMax = 65_536

const named = ({ id, label }: ObjectName): Template => [
  { type: pkcs11js.CKA_ID, value: Buffer.from(id) },
  { type: pkcs11js.CKA_LABEL, value: Buffer.from(label) },
  { type: pkcs11js.CKA_TOKEN, value: true }
]

/**
 * The attributes of every secret object: it is stored in the token, sensitive and never extractable. Neither can be
 * undone (PKCS#11 2.40, section 4.9). CKA_MODIFIABLE is left out: SoftHSM refuses to unwrap with a template that names
 * it.
 */
const guarded: Template = [
  { type: pkcs11js.CKA_PRIVATE, value: true },
  { type: pkcs11js.CKA_SENSITIVE, value: true },
  { type: pkcs11js.CKA_EXTRACTABLE, value: false }
]

export const secretTemplate = (name: ObjectName, keyType: number): Template => [
  { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_SECRET_KEY },
  { type: pkcs11js.CKA_KEY_TYPE, value: keyType },
  ...named(name),
  ...guarded,
  { type: pkcs11js.CKA_ENCRYPT, value: true },
  { type: pkcs11js.CKA_DECRYPT, value: true },
  { type: pkcs11js.CKA_WRAP, value: false },
  { type: pkcs11js.CKA_UNWRAP, value: false },
  { type: pkcs11js.CKA_DERIVE, value: false }
]

interface PairUses {
  readonly signs: boolean
  readonly decrypts: boolean
  readonly unwraps: boolean
}

export const privateTemplate = (name: ObjectName, { signs, decrypts, unwraps }: PairUses): Template => [
  { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PRIVATE_KEY },
  ...named(name),
  ...guarded,
  { type: pkcs11js.CKA_SIGN, value: signs },
  { type: pkcs11js.CKA_DECRYPT, value: decrypts },
  { type: pkcs11js.CKA_UNWRAP, value: unwraps },
  { type: pkcs11js.CKA_DERIVE, value: false }
]

export const publicTemplate = (name: ObjectName, { signs, decrypts, unwraps }: PairUses): Template => [
  { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PUBLIC_KEY },
  ...named(name),
  { type: pkcs11js.CKA_PRIVATE, value: false },
  { type: pkcs11js.CKA_VERIFY, value: signs },
  { type: pkcs11js.CKA_ENCRYPT, value: decrypts },
  { type: pkcs11js.CKA_WRAP, value: unwraps }
]

export const attributeOf = (token: Token, object: Handle, type: number): Buffer => {
  const [attribute] = token.pkcs11.C_GetAttributeValue(token.session(), object, [{ type }])
  if (attribute === undefined) throw new TokenError("Unreachable", "the token did not return an attribute")
  return attribute.value
}

/** CK_TRUE is 1. */
const isTrue = (value: Buffer): boolean => value[0] === 1

/** CK_ULONG, in the byte order and size of the machine. */
const numberOf = (value: Buffer): number => value.readUIntLE(0, Math.min(value.length, 6))

/** A token may change a template. A key that could be read or exported is refused. */
export const assertGuarded = (token: Token, object: Handle): void => {
  const isSensitive = isTrue(attributeOf(token, object, pkcs11js.CKA_SENSITIVE))
  const isExtractable = isTrue(attributeOf(token, object, pkcs11js.CKA_EXTRACTABLE))
  if (!isSensitive || isExtractable) throw new TokenError("Missing", "a key that could be read or exported")
}

/** 0 if the token does not report it; a token whose keys have one length only may lack the attribute. */
export const valueBytesOf = (token: Token, object: Handle): number => {
  try {
    return numberOf(attributeOf(token, object, pkcs11js.CKA_VALUE_LEN))
  } catch (error) {
    if (isReturnValue(error, "CKR_ATTRIBUTE_TYPE_INVALID")) return 0
    throw error
  }
}

/** A removed token finds nothing and reports no error. Without this check, owed work on it would be marked as done. */
const searchWhole = (token: Token, template: Template, most: number): ReadonlyArray<Handle> => {
  const found = token.search(template, most)
  token.assertPresent()
  return found
}

export const destroy = (token: Token, name: ObjectName): null => {
  const disk = token.mark()
  const found = searchWhole(token, named(name), ofOneNameMax)
  token.forgetHandles()
  for (const object of found) token.pkcs11.C_DestroyObject(token.session(), object)
  disk.sync()
  if (found.length > 0 && searchWhole(token, named(name), 1).length > 0) {
    throw new TokenError("Unreachable", "an object that was destroyed is still there")
  }
  return null
}

/** Creates an object whose name no other object has, durably. A failure on the way leaves no object behind. */
export const making = <A>(token: Token, name: ObjectName, make: () => A): A => {
  destroy(token, name)
  const disk = token.mark()
  try {
    const made = make()
    disk.sync()
    return made
  } catch (error) {
    try {
      token.renewSession()
      destroy(token, name)
    } catch {
      // The first failure is reported; a remaining object is found by reconciling.
    }
    throw error
  }
}

/**
 * Runs a call that may fail because of its input, and distinguishes this from a failed token. An ambiguous failure is
 * tried again. The input is blamed only if `isWell` shows that the token still performs a similar call.
 */
export const judging = <A>(token: Token, object: Handle, use: () => A, isWell: () => boolean): A => {
  const judged = (error: unknown): "input" | "either" => {
    const blame = error instanceof TokenError ? "token" : causeOf(error)
    if (blame === "token") throw error
    token.renewSession()
    if (blame === "input") return blame
    token.assertPresent()
    attributeOf(token, object, pkcs11js.CKA_ID)
    return blame
  }
  const refuse = (): never => {
    throw new TokenError("Rejected", "the input is wrong")
  }
  try {
    return use()
  } catch (error) {
    if (judged(error) === "input") return refuse()
  }
  try {
    return use()
  } catch (error) {
    if (judged(error) === "either" && !works(token, isWell)) throw error
    return refuse()
  }
}

const kinds: ReadonlyMap<number, TokenObject["kind"]> = new Map([
  [pkcs11js.CKO_SECRET_KEY, "secret"],
  [pkcs11js.CKO_PRIVATE_KEY, "private"],
  [pkcs11js.CKO_PUBLIC_KEY, "public"]
])

/** Keys of the token whose labels have this prefix. */
export const list = (token: Token, { labelPrefix, id: wanted }: Asks<"list">): ReadonlyArray<TokenObject> => {
  const ofId = wanted === undefined ? [] : [{ type: pkcs11js.CKA_ID, value: Buffer.from(wanted) }]
  return searchWhole(token, [{ type: pkcs11js.CKA_TOKEN, value: true }, ...ofId], listedMax).flatMap((object) => {
    const kind = kinds.get(numberOf(attributeOf(token, object, pkcs11js.CKA_CLASS)))
    if (kind === undefined) return []
    const label = attributeOf(token, object, pkcs11js.CKA_LABEL).toString("utf8")
    const id = new Uint8Array(attributeOf(token, object, pkcs11js.CKA_ID))
    return label.startsWith(labelPrefix) ? [{ kind, label, id }] : []
  })
}
