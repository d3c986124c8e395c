/** A thread that talks to the token: one call after the other, each answered, none of them in anybody's way. */
import { parentPort, threadId, workerData } from "node:worker_threads"
import { TokenError, tokenErrorOf } from "./failures.ts"
import { gathered, scattered } from "./gathered.ts"
import { leaveMessage, startedMessage } from "./protocol.ts"
import type {
  Answers,
  Asks,
  CallMessage,
  CallName,
  CallsMessage,
  RepliesMessage,
  Reply,
  ThreadData
} from "./protocol.ts"
import { makeToken } from "./token.ts"
import type { Token } from "./token.ts"
import { unwrap } from "./tokenImports.ts"
import { destroy, list } from "./tokenObjects.ts"
import { decrypt, makePair, publicKey, sign } from "./tokenPairs.ts"
import { probe } from "./tokenProbe.ts"
import { checkSecret, makeSecret, seal, unseal } from "./tokenSecrets.ts"
import { isLeaving, visit } from "./tokenThread.ts"
import { inTurn } from "./turn.ts"

type Handlers = { readonly [Name in CallName]: (token: Token, asks: Asks<Name>) => Answers<Name> }

const handlers: Handlers = {
  connect: (token, { afresh }) => {
    token.connect(afresh)
    return null
  },
  disconnect: (token) => {
    token.disconnect()
    return null
  },
  ping: (token) => {
    token.assertPresent()
    token.pkcs11.C_GetSessionInfo(token.session())
    return null
  },
  probe,
  makeSecret,
  makePair,
  checkSecret,
  publicKey,
  seal,
  unseal,
  sign,
  decrypt,
  unwrap,
  destroy: (token, { name }) => destroy(token, name),
  list
}

/** Looked up by the name that the message carries, which the compiler cannot join with what it asks. */
const handle = <Name extends CallName>(token: Token, { call, asks }: CallMessage<Name>): Answers<Name> =>
  handlers[call](token, asks)

/** A second try helps where the connection was stale; what was judged already, it does not change. */
const isFinal = (error: unknown): boolean => error instanceof TokenError && error.failure !== "Unreachable"

const perform = (token: Token, message: CallMessage): Reply => {
  try {
    return { ok: true, answers: handle(token, message) }
  } catch (error) {
    if (isFinal(error) || message.call === "connect") throw error
    token.connect(false)
    return { ok: true, answers: handle(token, message) }
  }
}

const answer = (token: Token, message: CallMessage): Reply => {
  try {
    return perform(token, message)
  } catch (error) {
    const { failure, message: detail } = tokenErrorOf(error)
    return { ok: false, failure, detail }
  }
}

/** Nobody waits longer for an answer that is there because others are still to come. */
const heldMillisMax = 4

const wipe = (reply: Reply): void => {
  if (reply.ok && reply.answers instanceof Uint8Array) reply.answers.fill(0)
}

const { options, turn, presence }: ThreadData = workerData
const port = parentPort
if (port === null) throw new Error("this file runs as a worker thread")

const post = (token: Token, replies: ReadonlyArray<Reply>): void => {
  const said: RepliesMessage = { replies: gathered(replies), sessions: token.sessionCount() }
  port.postMessage(said, [said.replies.memory])
  for (const reply of replies) wipe(reply)
}

const answerAll = (token: Token, calls: ReadonlyArray<CallMessage>): void => {
  let held: Array<Reply> = []
  let since = performance.now()
  for (const call of calls) {
    if (!visit(presence, () => held.push(answer(token, call)))) break
    if (performance.now() - since < heldMillisMax) continue
    post(token, held)
    held = []
    since = performance.now()
  }
  if (held.length > 0) post(token, held)
}

visit(presence, () => {
  const token = makeToken(options, (connect) => inTurn(turn, threadId, connect))
  port.postMessage(startedMessage)
  port.on("message", (message: CallsMessage | typeof leaveMessage) => {
    if (message !== leaveMessage) answerAll(token, scattered(message))
    // Nothing else keeps the thread.
    if (isLeaving(presence)) port.close()
  })
})
