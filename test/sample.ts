/** Which part of a long campaign runs: in `npm test` a sample that changes every day, in `npm run campaign` everything. */

const dayMillis = 86_400_000
const seeds = 8

/** Whether everything runs. */
export const isWhole = process.env["KEYSTATE_TEST_WHOLE"] !== undefined

/** Which sample runs. A failed run prints it, and KEYSTATE_TEST_SEED runs the same sample again. */
export const seed = Number(process.env["KEYSTATE_TEST_SEED"] ?? Math.floor(Date.now() / dayMillis) % seeds)

/** Every so manieth thing, from a place that the seed moves. Places that follow each other take other parts. */
export const partOf = <A>(things: ReadonlyArray<A>, parts: number, place = 0): ReadonlyArray<A> =>
  isWhole ? things : things.filter((_, at) => at % parts === (seed + place) % parts)

/** So many things, as far from each other as can be, from a place that the seed moves. */
export const spreadOf = <A>(things: ReadonlyArray<A>, count: number): ReadonlyArray<A> => {
  if (isWhole || things.length <= count) return things
  const each = things.length / count
  const places = new Set(Array.from({ length: count }, (_, i) => (Math.floor(i * each) + seed) % things.length))
  return things.filter((_, at) => places.has(at))
}
