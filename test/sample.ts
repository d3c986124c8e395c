/** The part of a long campaign that runs: in `npm test` a sample that changes daily, in `npm run test:whole` everything. */

const dayMillis = 86_400_000
const seeds = 8

/** Whether everything runs. */
export const isWhole = process.env["KEYSTATE_TEST_WHOLE"] !== undefined

/** The sample to run. A failed run prints it, and KEYSTATE_TEST_SEED repeats it. */
export const seed = Number(process.env["KEYSTATE_TEST_SEED"] ?? Math.floor(Date.now() / dayMillis) % seeds)

/** Every n-th item, with an offset from the seed. Successive offsets take other parts. */
export const partOf = <A>(things: ReadonlyArray<A>, parts: number, place = 0): ReadonlyArray<A> =>
  isWhole ? things : things.filter((_, at) => at % parts === (seed + place) % parts)

/** So many items at equal distances, with an offset from the seed. */
export const spreadOf = <A>(things: ReadonlyArray<A>, count: number): ReadonlyArray<A> => {
  if (isWhole || things.length <= count) return things
  const each = things.length / count
  const places = new Set(Array.from({ length: count }, (_, i) => (Math.floor(i * each) + seed) % things.length))
  return things.filter((_, at) => places.has(at))
}
