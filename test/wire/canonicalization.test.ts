/** The server executes what was signed: two independent canonicalizers agree on every altered request. */
import { createHash } from "node:crypto"
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { RawRequest } from "../../src/wire/rpcRequest.ts"
import { accessKeyId, ask, now, secret } from "./fixtures.ts"
import { escapeBytes, secondOpinion, signatureV1, signatureV3 } from "./secondOpinion.ts"

type Pair = readonly [name: string, value: string]

/** A request in parts, so that it can be altered. */
interface Pieces {
  method: string
  query: Array<string>
  body: Array<string>
  headers: Record<string, string>
}

interface Signed {
  readonly action: string
  readonly pairs: ReadonlyArray<Pair>
  readonly pieces: Pieces
}

const nasty = fc.constantFrom(..." +*~/%&=?#:;,.!'()-_aAbB09{}[]\"\\\0\n\u007f\u00e9\u4e2d\ufffd", "\u{1f511}")
const text = fc.string({ unit: nasty, maxLength: 6 })
const names = fc.oneof(
  fc.constantFrom(
    "KeyId",
    "keyid",
    "Plaintext",
    "EncryptionContext.a",
    "EncryptionContext.b c",
    "__proto__",
    "constructor"
  ),
  fc.string({ unit: nasty, minLength: 1, maxLength: 4 })
)
const ownPairs = fc.uniqueArray(fc.tuple(names, text), { maxLength: 5, selector: ([name]) => name })

/** The different encodings of SDKs. All decode to the same text. */
const spellings: ReadonlyArray<(text: string) => string> = [
  escapeBytes,
  (text) => escapeBytes(text).replaceAll("%20", "+"),
  (text) => escapeBytes(text).replaceAll("%2A", "*").replaceAll("%28", "(").replaceAll("%2F", "/"),
  (text) => escapeBytes(text).replaceAll("~", "%7E"),
  (text) => escapeBytes(text).replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())
]

const spell = ([name, value]: Pair, spelling: number): string => {
  const write = spellings[spelling] ?? escapeBytes
  return `${write(name)}=${write(value)}`
}

const formType = "application/x-www-form-urlencoded"

const shape = fc.record({
  own: ownPairs,
  inBody: fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }),
  spelling: fc.nat({ max: spellings.length - 1 }),
  method: fc.constantFrom("GET", "POST"),
  hash: fc.constantFrom(["HMAC-SHA1", "sha1"] as const, ["HMAC-SHA256", "sha256"] as const),
  nonce: fc.boolean()
})
type Shape = typeof shape extends fc.Arbitrary<infer S> ? S : never

const place = ({ inBody, spelling }: Shape, pairs: ReadonlyArray<Pair>): Pick<Pieces, "query" | "body"> => {
  const query: Array<string> = []
  const body: Array<string> = []
  pairs.forEach((pair, i) => (inBody[i] === true ? body : query).push(spell(pair, spelling)))
  return { query, body }
}

const signedByV1 = (shape: Shape): Signed => {
  const [SignatureMethod, hash] = shape.hash
  const unsigned: ReadonlyArray<Pair> = [
    ...shape.own,
    ["Action", "Encrypt"],
    ["Version", "2016-01-20"],
    ["Timestamp", now],
    ["AccessKeyId", accessKeyId],
    ["SignatureMethod", SignatureMethod],
    ["SignatureVersion", "1.0"],
    ...(shape.nonce ? [["SignatureNonce", "n 1"] as const] : [])
  ]
  const pairs: ReadonlyArray<Pair> = [...unsigned, ["Signature", signatureV1(shape.method, unsigned, secret, hash)]]
  const headers = { host: "localhost", "content-type": formType, "x-acs-action": "encrypt" }
  return { action: "Encrypt", pairs, pieces: { method: shape.method, ...place(shape, pairs), headers } }
}

const signedByV3 = (shape: Shape): Signed => {
  const { query, body } = place(shape, shape.own)
  const bytes = Buffer.from(body.join("&"))
  const headers: Record<string, string> = {
    "content-type": formType,
    host: "localhost:8080",
    "x-acs-action": "Encrypt",
    "x-acs-content-sha256": createHash("sha256").update(bytes).digest("hex"),
    "x-acs-date": now,
    "x-acs-signature-nonce": "n 1",
    "x-acs-version": "2016-01-20"
  }
  const signedHeaders = Object.keys(headers).sort()
  const inQuery = shape.own.filter((_, i) => shape.inBody[i] !== true)
  const signature = signatureV3({ method: shape.method, query: inQuery, headers, signedHeaders, body: bytes }, secret)
  headers["authorization"] =
    `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${signedHeaders.join(";")},Signature=${signature}`
  return { action: "Encrypt", pairs: shape.own, pieces: { method: shape.method, query, body, headers } }
}

const at = (
  pieces: Pieces,
  n: number
): { readonly list: Array<string>; readonly index: number; readonly piece: string } => {
  const inQuery = pieces.query.length > 0 && (pieces.body.length === 0 || n % 2 === 0)
  const list = inQuery ? pieces.query : pieces.body
  const index = list.length === 0 ? 0 : n % list.length
  return { list, index, piece: list[index] ?? "x=" }
}

const respell = (from: string, to: string) => (pieces: Pieces, n: number) => {
  const { list, index, piece } = at(pieces, n)
  if (list.length > 0) list[index] = piece.replace(from, to)
}

const header = (name: string, value: (now: string) => string) => (pieces: Pieces) => {
  pieces.headers[name] = value(pieces.headers[name] ?? "")
}

const insert =
  (...added: ReadonlyArray<string>) =>
  (pieces: Pieces, n: number) => {
    const { list, index } = at(pieces, n)
    list.splice(index, 0, ...added)
  }

/** Some changes keep the meaning; the others must be detected. */
const mutations: Readonly<Record<string, (pieces: Pieces, n: number) => void>> = {
  swap: ({ query }) => query.reverse(),
  duplicate: (pieces, n) => at(pieces, n).list.push(at(pieces, n).piece),
  duplicateAcross: (pieces, n) => {
    const { list, piece } = at(pieces, n)
    ;(list === pieces.query ? pieces.body : pieces.query).push(piece)
  },
  caseTwin: (pieces, n) => {
    const { list, piece } = at(pieces, n)
    const first = piece.charAt(0)
    list.push((first === first.toUpperCase() ? first.toLowerCase() : first.toUpperCase()) + piece.slice(1))
  },
  plusForSpace: respell("%20", "+"),
  spaceForPlus: respell("+", "%20"),
  plusEscaped: respell("+", "%2B"),
  plusBare: respell("%2B", "+"),
  starBare: respell("%2A", "*"),
  starEscaped: respell("*", "%2A"),
  tildeEscaped: respell("~", "%7E"),
  tildeBare: respell("%7E", "~"),
  slashLower: respell("%2F", "%2f"),
  slashBare: respell("%2F", "/"),
  letterEscaped: respell("A", "%41"),
  escapedTwice: respell("%", "%25"),
  equalsBare: respell("%3D", "="),
  ampersandBare: respell("%26", "&"),
  cutEscape: respell("=", "=%4"),
  notUtf8: respell("=", "=%ff"),
  overlong: respell("=", "=%c0%af"),
  surrogate: respell("=", "=%ed%a0%80"),
  notAscii: respell("=", "=\u00e9"),
  byteOrderMark: respell("=", "=%ef%bb%bf"),
  move: (pieces, n) => {
    const { list, index, piece } = at(pieces, n)
    list.splice(index, 1)
    ;(list === pieces.query ? pieces.body : pieces.query).push(piece)
  },
  dropOne: (pieces, n) => at(pieces, n).list.splice(at(pieces, n).index, 1),
  extra: insert("Extra=1"),
  secondAction: insert("Action=DisableKey"),
  sameAction: insert("Action=Encrypt"),
  lowerAction: insert("action=DisableKey"),
  secondSignature: insert("signature=x"),
  proto: insert("__proto__=1"),
  emptyName: insert("=x"),
  bareEquals: insert("="),
  emptyPiece: insert("", ""),
  noValue: insert("Extra"),
  otherMethod: (pieces) => {
    pieces.method = pieces.method === "GET" ? "POST" : "GET"
  },
  lowerMethod: (pieces) => {
    pieces.method = pieces.method.toLowerCase()
  },
  headerAction: header("x-acs-action", () => "DisableKey"),
  headerUnsigned: header("x-acs-extra", () => "1"),
  headerSpace: header("x-acs-signature-nonce", (nonce) => ` ${nonce} `),
  headerHardSpace: header("x-acs-signature-nonce", (nonce) => `${nonce}\u00a0`),
  headerNonce: header("x-acs-signature-nonce", (nonce) => nonce.toUpperCase()),
  headerHost: header("host", (host) => host.toUpperCase()),
  headerType: header("content-type", () => "application/json"),
  headerTypeCase: header("content-type", (type) => type.toUpperCase()),
  headerFolded: header("x-acs-date", (date) => `${date}, ${date}`),
  headerToken: header("x-acs-security-token", () => "token"),
  authorizationSpace: header("authorization", (text) => text.replaceAll(",", ", ")),
  authorizationSpaces: header("authorization", (text) => text.replaceAll(",", ",  ")),
  authorizationCase: header("authorization", (text) => text.replace(/[0-9a-f]+$/, (hex) => hex.toUpperCase())),
  authorizationUncovered: header("authorization", (text) => text.replace("x-acs-action;", "")),
  authorizationAlgorithm: header("authorization", (text) => text.replace("HMAC-SHA256", "HMAC-SM3")),
  authorizationOther: header("authorization", (text) => text.replace(accessKeyId, "other")),
  authorizationNone: (pieces) => {
    delete pieces.headers["authorization"]
  }
}
const mutationNames = Object.keys(mutations)

const rawOf = ({ method, query, body, headers }: Pieces): RawRequest => ({
  method,
  url: `/?${query.join("&")}`,
  headers,
  body: Buffer.from(body.join("&"), "latin1")
})

const sorted = (pairs: Iterable<Pair>): string => JSON.stringify([...pairs].sort(([a], [b]) => (a < b ? -1 : 1)))

const agreement = (sign: (shape: Shape) => Signed) => {
  const tally = { accepted: 0, refused: 0, acceptedAltered: 0 }
  const seen = new Set<string>()
  fc.assert(
    fc.property(
      shape,
      fc.array(fc.tuple(fc.constantFrom(...mutationNames), fc.nat({ max: 97 })), { maxLength: 3 }),
      (shape, steps) => {
        const { action, pairs, pieces } = sign(shape)
        for (const [name, n] of steps) {
          mutations[name]?.(pieces, n)
          seen.add(name)
        }
        const raw = rawOf(pieces)
        const opinion = secondOpinion(raw, { accessKeyId, secret, timestamps: [now] })
        const answer = ask(raw)
        expect(Result.isSuccess(answer)).toBe(opinion !== undefined)
        if (Result.isFailure(answer)) {
          // An unaltered request is never refused.
          expect(steps.length).toBeGreaterThan(0)
          tally.refused++
          return
        }
        tally.accepted++
        if (steps.length > 0) tally.acceptedAltered++
        const { parameters } = answer.success
        expect(answer.success.action).toBe(action)
        expect(sorted(parameters)).toBe(sorted(opinion?.pairs ?? []))
        expect(sorted(parameters)).toBe(sorted(pairs))
      }
    ),
    { numRuns: 20_000, seed: 20201106 }
  )
  return { ...tally, mutations: seen.size }
}

describe("altered requests", () => {
  it.for([
    ["version 1.0", signedByV1],
    ["V3", signedByV3]
  ] as const)("accepts an altered request by %s exactly if the signed content is unchanged", ([, sign]) => {
    const tally = agreement(sign)
    expect(tally.mutations).toBe(mutationNames.length)
    // Both outcomes occurred many times.
    expect(tally.acceptedAltered).toBeGreaterThan(2_000)
    expect(tally.refused).toBeGreaterThan(5_000)
  })
})
