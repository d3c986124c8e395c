/** Decides a call on nothing older than what was acknowledged before it came in: asks the store first. */
import { Effect } from "effect"
import type { RamService } from "../authorization/ram.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { AskProof, Proof } from "../proof/proofs.ts"
import { refusalOf } from "../store/unavailable.ts"
import type { Asked } from "./callUnderWay.ts"
import { NamedRows, Proven } from "./proven.ts"
import type { AliasMemory } from "./proven.ts"

interface Prover {
  readonly ram: Pick<RamService, "adopt" | "isCurrent">
  readonly aliases: AliasMemory
  readonly askProof: AskProof
}

/** What may become of a call. */
interface Ways<A> {
  readonly decide: (proven: Proven) => Effect.Effect<A, AnyKmsError>
  readonly refuse: (error: AnyKmsError) => Effect.Effect<never, AnyKmsError>
  /** Refuses a request that is not its caller's, as far as the proof tells. */
  readonly disbelieve: (error: AnyKmsError) => Effect.Effect<never, AnyKmsError>
}

/** How often the question is asked again because access control moved. */
const proofsMax = 20

const tooManyChanges = (): AnyKmsError =>
  refuse("ServiceUnavailableTemporary", { hint: "Other nodes change access control all the time; try again." })

/** If access control moved, it is read, and the question is asked again: all that a call relies on is of one instant. */
export const decideProven = <A>(prover: Prover, asked: Asked, ways: Ways<A>): Effect.Effect<A, AnyKmsError> => {
  const { aliases, askProof, ram } = prover
  const { door } = asked
  const named = new NamedRows(asked, aliases)

  const decided = (proof: Proof): Effect.Effect<A, AnyKmsError> => {
    const unbelieved = door?.refusal(proof)
    return unbelieved === undefined ? ways.decide(new Proven(named, proof)) : ways.disbelieve(unbelieved)
  }

  /** A nonce is asked about once: the first answer counts. */
  const attempt = (left: number, isFresh?: boolean): Effect.Effect<A, AnyKmsError> =>
    Effect.matchEffect(askProof({ rows: named.rows, nonce: isFresh === undefined ? door?.nonce : undefined }), {
      onFailure: (failure) => ways.refuse(refusalOf(failure)),
      onSuccess: (answer) => {
        const proof = { ...answer, isFresh: isFresh ?? answer.isFresh }
        if (ram.isCurrent(proof)) return decided(proof)
        if (left === 0) return ways.refuse(tooManyChanges())
        return Effect.matchEffect(ram.adopt(proof), {
          onFailure: ways.refuse,
          onSuccess: () => attempt(left - 1, proof.isFresh)
        })
      }
    })
  return attempt(proofsMax)
}
