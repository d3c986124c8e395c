/** The code of a token thread: performs calls one after the other and answers each. */
import { parentPort, threadId, workerData } from "node:worker_threads"
import { TokenError, tokenErrorOf } from "../failures.ts"
import { packRecords, unpackRecords } from "./packedRecords.ts"
import { leaveMessage, startedMessage } from "../protocol.ts"
import type {
  Answers,
  Asks,
  CallMessage,
  CallName,
  CallsMessage,
  RepliesMessage,
  Reply,
  ThreadData
} from "../protocol.ts"
import { makeToken } from "../token/token.ts"
import type { Token } from "../token/token.ts"
import { unwrap } from "../objects/unwrapping.ts"
import { destroy, list } from "../objects/objects.ts"
import { decrypt, makePair, publicKey, sign } from "../objects/pairs.ts"
import { probe } from "../probe/probe.ts"
import { checkSecret, makeSecret, seal, unseal } from "../objects/secrets.ts"
import { isLeaving, visit } from "./presence.ts"
import { withConnectLock } from "./connectLock.ts"

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

/** The handler is looked up by name; its type joins the name with its arguments. */
const handle = <Name extends CallName>(token: Token, { call, asks }: CallMessage<Name>): Answers<Name> =>
  handlers[call](token, asks)

/** Reconnecting helps only if the connection was stale. */
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

/** How long a ready answer waits for the answers to later calls. */
const heldMillisMax = 4

const wipe = (reply: Reply): void => {
  if (reply.ok && reply.answers instanceof Uint8Array) reply.answers.fill(0)
}

const { options, connectLock, presence }: ThreadData = workerData
const port = parentPort
if (port === null) throw new Error("this file runs as a worker thread")

const post = (token: Token, replies: ReadonlyArray<Reply>): void => {
  const said: RepliesMessage = { replies: packRecords(replies), sessions: token.sessionCount() }
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
  const token = makeToken(options, (connect) => withConnectLock(connectLock, threadId, connect))
  port.postMessage(startedMessage)
  port.on("message", (message: CallsMessage | typeof leaveMessage) => {
    if (message !== leaveMessage) answerAll(token, unpackRecords(message))
    // The port is the only thing that keeps the thread running.
    if (isLeaving(presence)) port.close()
  })
})
