/** The fixed-text peer: node:http that reads the request and always sends the same text. */
import { createServer } from "node:http"

const body = JSON.stringify({ CiphertextBlob: "A".repeat(190), KeyId: "k".repeat(36), RequestId: "r".repeat(36) })
const server = createServer((request, response) => {
  request.resume()
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length })
    response.end(body)
  })
})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  process.send?.({ port: typeof address === "object" && address !== null ? address.port : 0, keyId: "none" })
})
process.on("disconnect", () => process.exit(0))
