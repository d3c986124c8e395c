/** The benchmark's client: signs everything first, then writes requests as fast as the answers come. */
import { randomUUID } from "node:crypto"
import { connect } from "node:net"
import { formatInstant } from "../../src/domain/time.ts"
import { signV1 } from "../../src/wire/client.ts"

const [port, keyId, connections, total] = process.argv.slice(2)
const timestamp = formatInstant(Date.now())

const requestBytes = (): Buffer => {
  const body = signV1({
    method: "POST",
    parameters: {
      Action: "Encrypt",
      Version: "2016-01-20",
      Format: "JSON",
      KeyId: keyId ?? "",
      Plaintext: "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
    },
    accessKeyId: "bench",
    secret: "bench-secret",
    nonce: randomUUID(),
    timestamp
  })
  return Buffer.from(
    `POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/x-www-form-urlencoded\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  )
}

const prepared = Array.from({ length: Number(total) }, requestBytes)
let next = 0
let answered = 0
const startedAt = process.hrtime.bigint()

const finish = (): void => {
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9
  process.send?.({ perSecond: prepared.length / seconds }, () => process.exit(0))
}

const lengthOf = /content-length: (\d+)/i

for (let i = 0; i < Number(connections); i++) {
  const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true })
  let received = ""
  const sendNext = (): void => {
    const request = prepared[next++]
    if (request === undefined) socket.end()
    else socket.write(request)
  }
  socket.setEncoding("latin1")
  socket.on("connect", sendNext)
  socket.on("data", (chunk: string) => {
    received += chunk
    const end = received.indexOf("\r\n\r\n")
    if (end < 0) return
    const head = received.slice(0, end)
    const length = Number(lengthOf.exec(head)?.[1])
    if (received.length < end + 4 + length) return
    if (!head.startsWith("HTTP/1.1 200")) throw new Error(`refused: ${received}`)
    received = ""
    answered++
    if (answered === prepared.length) finish()
    else sendNext()
  })
}
