/** Decides calls on data at least as new as every change acknowledged before them: reads the store first. */
import { Effect } from "effect"
import type { RamService } from "../authorization/ram.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { AskProof, Proof } from "../proof/proofs.ts"
import { refusalOf } from "../store/unavailable.ts"
import type { CallRequest } from "./callUnderWay.ts"
import { NamedRows, Proven } from "./proven.ts"
import type { AliasMemory, NamingCalls } from "./proven.ts"

interface Prover {
  readonly ram: Pick<RamService, "adopt" | "isCurrent">
  readonly aliases: AliasMemory
  readonly askProof: AskProof
}

/** The possible outcomes. */
interface Ways<A, E> {
  readonly decide: (proven: Proven) => Effect.Effect<A, E>
  readonly refuse: (error: AnyKmsError) => Effect.Effect<A, E>
  /** Refuses a request that is invalid by the proof. */
  readonly disbelieve: (error: AnyKmsError) => Effect.Effect<A, E>
}

/** How often the proof is repeated because access control changed: enough for 1,000 changes at once on two nodes. */
const proofsMax = 100

const tooManyChanges = (): AnyKmsError =>
  refuse("ServiceUnavailableTemporary", { hint: "Other nodes change access control too often; try again." })

/**
 * If access control changed, it is read and the proof is repeated, so that all data of a call are of one time. One proof
 * covers all calls that are asked together.
 */
export const decideProven = <A, E>(
  prover: Prover,
  asked: NamingCalls & Pick<CallRequest, "entryPoint">,
  ways: Ways<A, E>
): Effect.Effect<A, E> => {
  const { aliases, askProof, ram } = prover
  const { entryPoint } = asked
  const named = new NamedRows(asked, aliases)

  const decided = (proof: Proof): Effect.Effect<A, E> => {
    const unbelieved = entryPoint?.refusal(proof)
    return unbelieved === undefined ? ways.decide(new Proven(named, proof)) : ways.disbelieve(unbelieved)
  }

  /** A nonce is sent with the first proof only: that answer counts. */
  const attempt = (left: number, isFresh?: boolean): Effect.Effect<A, E> =>
    Effect.matchEffect(askProof({ rows: named.rows, nonce: isFresh === undefined ? entryPoint?.nonce : undefined }), {
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
