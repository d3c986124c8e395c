/** Faults of requests as bytes: signatures, timestamps, replays, regions. */
import { seeded } from "../fault.ts"

const authenticate = "src/wire/authenticate.ts"

export const wire = [
  seeded("replays-answered", "A request whose nonce was used is answered.", "KMS-WIR-001", {
    file: authenticate,
    find: 'if (verdict !== "fresh") return',
    replace: 'if (verdict !== "fresh" && verdict !== "used") return'
  }),
  seeded("timestamps-of-an-hour", "A timestamp may be an hour off.", "KMS-WIR-002", {
    file: authenticate,
    find: "Math.abs(nowMillis - stampMillis) > timestampSkewMillis",
    replace: "Math.abs(nowMillis - stampMillis) > 4 * timestampSkewMillis"
  }),
  seeded("early-timestamps", "A timestamp may lie any time ahead.", "KMS-WIR-002", {
    file: authenticate,
    find: "Math.abs(nowMillis - stampMillis) > timestampSkewMillis",
    replace: "nowMillis - stampMillis > timestampSkewMillis"
  }),
  seeded("signatures-not-compared", "Any signature is taken.", "KMS-WIR-004", {
    file: authenticate,
    find: "const matches = macEquals(claims.signature, computed)",
    replace: "const matches = macEquals(computed, computed)"
  }),
  seeded("query-of-v3-not-signed", "Signature V3 does not cover the query.", "KMS-WIR-003", {
    file: "src/wire/signatureV3.ts",
    find: "  for (const name of sortByBytes(query.keys())) {",
    replace: '  for (const name of sortByBytes([...query.keys()].filter((known) => known !== "Unsigned"))) {'
  }),
  seeded("v3-not-answered", "Requests signed by V3 are refused.", "KMS-WIR-005", {
    file: "src/wire/signatureV3.ts",
    find: 'secretSuffix: "", encoding: "hex"',
    replace: 'secretSuffix: "&", encoding: "hex"'
  })
]
