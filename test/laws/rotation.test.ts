/** Ten years of a rotating key under any changes: exactly the rotations of its policy. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatInstant } from "../../src/domain/time.ts"
import { createKms, isKmsError } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { patience } from "../patience.ts"
import { keystate } from "../guide/commands.ts"
import { after, automaticRotation, born, isLegal, nextRotation, pass } from "./rotationReference.ts"
import type { Expected, Step } from "./rotationReference.ts"

const hour = 3_600_000
const start = Date.UTC(2026, 0, 1)
const end = Date.UTC(2036, 0, 1)
/** Six runs here; more with KEYSTATE_TEST_ROTATIONS. */
const numRuns = Number(process.env["KEYSTATE_TEST_ROTATIONS"] ?? 6)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 200 * 24 }) })
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom("disable", "enable", "enable", "cancel", "encrypt", "restart") })
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("schedule" as const), days: fc.integer({ min: 7, max: 30 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("policy" as const),
      intervalDays: fc.option(fc.oneof(fc.integer({ min: 7, max: 40 }), fc.integer({ min: 7, max: 730 })), { freq: 8 })
    })
  }
)

interface Sealed {
  readonly CiphertextBlob: string
  readonly KeyVersionId: string
  readonly version: number
}

/** One key, its service, and the guide's prediction. */
interface Life {
  kms: PromiseKms
  readonly directory: string
  readonly KeyId: string
  expected: Expected
  readonly sealed: Array<Sealed>
}

const Plaintext = "aGVsbG8gd29ybGQ="

const open = (directory: string): Promise<PromiseKms> => createKms({ store: { directory }, clock: "virtual" })

const calls: { readonly [Name in Step["do"]]: (life: Life, step: Extract<Step, { do: Name }>) => Promise<unknown> } = {
  wait: ({ kms }, { hours }) => kms.clock.advance(`${hours}h`),
  disable: ({ kms, KeyId }) => kms.disableKey({ KeyId }),
  enable: ({ kms, KeyId }) => kms.enableKey({ KeyId }),
  cancel: ({ kms, KeyId }) => kms.cancelKeyDeletion({ KeyId }),
  schedule: ({ kms, KeyId }, { days }) => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: days }),
  policy: ({ kms, KeyId }, { intervalDays }) =>
    kms.updateRotationPolicy({
      KeyId,
      EnableAutomaticRotation: intervalDays !== null,
      ...(intervalDays === null ? {} : { RotationInterval: `${intervalDays}d` })
    }),
  encrypt: async ({ expected, kms, KeyId, sealed }) => {
    const { CiphertextBlob, KeyVersionId } = await kms.encrypt({ KeyId, Plaintext })
    sealed.push({ CiphertextBlob, KeyVersionId, version: expected.versions.length })
  },
  restart: async (life) => {
    await life.kms.close()
    life.kms = await open(life.directory)
  }
}

// The table has a call for each step; the compiler cannot follow the lookup.
const callOf = (life: Life, step: Step): Promise<unknown> =>
  (calls[step.do] as (life: Life, step: Step) => Promise<unknown>)(life, step)

/** A wait within the ten years and the deletion window, otherwise to their end. */
const bounded = ({ deletionAt, now }: Expected, step: Step): Step => {
  if (step.do !== "wait") return step
  const left = Math.floor(((deletionAt ?? end) - now) / hour) - 1
  return left < 1 ? { do: "cancel" } : { do: "wait", hours: Math.min(step.hours, left) }
}

const take = async (life: Life, asked: Step): Promise<void> => {
  const step = bounded(life.expected, asked)
  if (!isLegal(life.expected, step)) {
    const refusal: unknown = await callOf(life, step).catch((error: unknown) => error)
    expect(isKmsError(refusal) && refusal.httpStatus).toBe(409)
    return
  }
  await callOf(life, step)
  // A step fires due deadlines before its answer.
  const until = life.expected.now + (step.do === "wait" ? step.hours * hour : 0)
  life.expected = pass(after(life.expected, step), until)
}

const compare = async ({ expected, kms, KeyId }: Life): Promise<void> => {
  const { KeyMetadata } = await kms.describeKey({ KeyId })
  const next = nextRotation(expected)
  expect(KeyMetadata).toMatchObject({
    KeyState: expected.state,
    AutomaticRotation: automaticRotation(expected),
    LastRotationDate: formatInstant(expected.versions.at(-1) ?? 0)
  })
  expect(KeyMetadata.NextRotationDate).toBe(next === undefined ? undefined : formatInstant(next))
  expect((await kms.listKeyVersions({ KeyId })).TotalCount).toBe(expected.versions.length)
}

/** Every version, oldest first. */
const versionsOf = async ({ kms, KeyId }: Life) => {
  const newestFirst = []
  for (let PageNumber = 1; ; PageNumber++) {
    const { KeyVersions } = await kms.listKeyVersions({ KeyId, PageNumber, PageSize: 100 })
    newestFirst.push(...KeyVersions.KeyVersion)
    if (KeyVersions.KeyVersion.length < 100) return newestFirst.toReversed()
  }
}

/** Enables the key, advances to the end of the ten years, and checks everything once more. */
const conclude = async (life: Life): Promise<void> => {
  if (life.expected.state === "PendingDeletion") await take(life, { do: "cancel" })
  await take(life, { do: "enable" })
  if (life.expected.now < end) {
    await life.kms.clock.advance(`${(end - life.expected.now) / 1000}s`)
    life.expected = pass(life.expected, end)
  }
  await take(life, { do: "encrypt" })
  const versions = await versionsOf(life)
  expect(versions.map(({ CreationDate }) => CreationDate)).toEqual(life.expected.versions.map(formatInstant))
  expect((await life.kms.describeKey({ KeyId: life.KeyId })).KeyMetadata.PrimaryKeyVersion).toBe(
    versions.at(-1)?.KeyVersionId
  )
  for (const { CiphertextBlob, KeyVersionId, version } of life.sealed) {
    expect(KeyVersionId).toBe(versions[version - 1]?.KeyVersionId)
    expect(await life.kms.decrypt({ CiphertextBlob })).toMatchObject({ Plaintext, KeyVersionId })
  }
}

const liveThrough = async (steps: ReadonlyArray<Step>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-rotation-"))
  try {
    const kms = await open(directory)
    const { KeyId } = (await kms.createKey()).KeyMetadata
    const life: Life = { kms, directory, KeyId, expected: born(start), sealed: [] }
    for (const step of steps) {
      await take(life, step)
      await compare(life)
    }
    await conclude(life)
    await life.kms.close()
    expect(await keystate("verify", "--data", directory)).toMatchObject({
      keys: 1,
      versions: life.expected.versions.length,
      materialsOpened: life.expected.versions.length,
      findings: []
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

describe("ten years of rotation", () => {
  it("a key rotates before the answer of the call that made the rotation due, in a known race", () =>
    fc.assert(fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), liveThrough), {
      numRuns: 1,
      seed: -218095842,
      path: "0",
      endOnFailure: true
    }))

  it(
    "a key rotates exactly by its policy over ten years of restarts, disabling and deletions",
    () =>
      fc.assert(fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), liveThrough), {
        numRuns,
        endOnFailure: true
      }),
    2 * patience + numRuns * 60_000
  )
})
