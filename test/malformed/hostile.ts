/** Values that break careless parsers, and the random choices of the generator. */
import { numbersFrom } from "../histories/weather.ts"

/** Random choices that follow from a seed. */
export interface Chance {
  readonly below: (limit: number) => number
  readonly pick: <A>(items: ReadonlyArray<A>) => A
  /** True in one of `count` calls on average. */
  readonly oneIn: (count: number) => boolean
  readonly bytes: (length: number) => Buffer
}

export const chanceFrom = (seed: number): Chance => {
  const next = numbersFrom(seed)
  const below = (limit: number): number => Math.floor(next() * limit)
  const pick = <A>(items: ReadonlyArray<A>): A => {
    const item = items[below(items.length)]
    if (item === undefined) throw new Error("there is nothing to pick from")
    return item
  }
  return {
    below,
    pick,
    oneIn: (count) => below(count) === 0,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256)))
  }
}

/** Texts of well-formed Unicode. */
const texts: ReadonlyArray<string> = [
  "",
  " ",
  "\0",
  "\t\r\n",
  "0",
  "-1",
  "-0",
  "1e400",
  "NaN",
  "0x10",
  "9007199254740993",
  "99999999999999999999999999",
  "true",
  "null",
  "undefined",
  "[]",
  "{}",
  "[[[[[[[[",
  '{"a":{"a":{"a":1}}}',
  '{"__proto__":"x"}',
  '{"constructor":"x","toString":"y"}',
  '{"a":1}',
  '{"a":"b","a":"c"}',
  '[{"TagKey":"a","TagValue":"b"}]',
  '[{"Key":"KeyState","Values":["Enabled"]}]',
  '[{"Key":"KeyState","Values":[]}]',
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "alias/",
  "alias/__proto__",
  "alias/acs/kms",
  "acs:kms:cn-hangzhou:1000000000000001:key/",
  "acs:kms:::::key/x",
  "acs:ram::1000000000000001:role/x",
  "*",
  "../../etc/passwd",
  "'; DROP TABLE keys; --",
  "<script>alert(1)</script>",
  "]]><!--&amp;",
  "%00%ff%",
  "é",
  "e\u0301",
  "\u202e\u200b\ufeff",
  "𝒳🔑",
  "\uffff\ufffe",
  "AA==",
  "AA=",
  "A",
  "AA==AA==",
  "AA==\n",
  "-_-_",
  "2026-01-01T00:00:00Z",
  "9999-12-31T23:59:59Z",
  "0000-00-00T00:00:00Z",
  "+275760-09-13T00:00:00Z",
  "30d",
  "-30d",
  "1000000000000d",
  "10.0.0.0/99",
  '{"Version":"1","Statement":[]}',
  '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"IpAddress":{"acs:SourceIp":"x"}}}]}',
  '{"Version":"1","Statement":{"Effect":"Allow","NotAction":[],"Resource":[null]}}'
]

const lengths: ReadonlyArray<number> = [1, 31, 64, 255, 256, 4096, 6144, 6145, 8193, 32_768, 70_000]

const unitOf: ReadonlyArray<string> = ["a", "0", "é", "€", "🔑", " ", "{", "[", '"', "\\", "A="]

/** A hostile text; one in sixteen is long. */
export const hostileText = (chance: Chance): string => {
  if (!chance.oneIn(16)) return chance.oneIn(8) ? chance.bytes(chance.below(48)).toString("base64") : chance.pick(texts)
  const unit = chance.pick(unitOf)
  return unit.repeat(Math.ceil(chance.pick(lengths) / unit.length))
}

/** Changes one place of a text or of bytes: removes, doubles, replaces or inserts. */
export const spoilt = (chance: Chance, sound: Buffer): Buffer => {
  const at = chance.below(sound.length + 1)
  const kept = chance.pick([0, 0, 1, 1, 8])
  const inserted = chance.pick([Buffer.alloc(0), chance.bytes(1), chance.bytes(7), sound.subarray(at, at + 9)])
  return Buffer.concat([sound.subarray(0, at), inserted, sound.subarray(at + kept)])
}
