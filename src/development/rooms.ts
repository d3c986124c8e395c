/** The rooms of the source tree: what each holds, and which rooms and packages it may import. All else is refused. */

export interface Room {
  /** What a reader finds there, in one sentence without its full stop. */
  readonly holds: string
  readonly rooms: ReadonlyArray<RoomName>
  /** Packages and Node's own modules. `node:*` stands for every module of Node. */
  readonly packages: ReadonlyArray<string>
}

/**
 * Names are folders: `machines`, or a folder under `src`. `src` itself is the room of the files that stand beside those
 * folders. A file belongs to the room with the longest name that fits.
 */
export const roomNames = [
  "machines",
  "encoding",
  "platform",
  "domain",
  "records",
  "plan",
  "store",
  "store/memory",
  "store/sqlite",
  "audit",
  "crypto",
  "timers",
  "ram",
  "actor",
  "verification",
  "certificate",
  "authorization",
  "operation",
  "requests",
  "wire",
  "monitoring",
  "seed",
  "visualizer",
  "src",
  "conformance",
  "console",
  "console/server",
  "console/app",
  "server",
  "cli",
  "development"
] as const
export type RoomName = (typeof roomNames)[number]

const noble = ["@noble/ciphers", "@noble/curves", "@noble/hashes"] as const

/** Every allowed import between rooms. A room may import its own files; what is not listed here is refused. */
export const rooms: Readonly<Record<RoomName, Room>> = {
  machines: {
    holds: "The life of a key as an XState machine: states, gate, deadlines, invariants. No clock, randomness or I/O",
    rooms: [],
    packages: ["xstate"]
  },
  encoding: {
    holds: "Text forms of bytes and values: Base64, strict JSON, PEM, XML text",
    rooms: [],
    packages: ["effect"]
  },
  platform: {
    holds: "Randomness, failpoints and the host process as Effect services; files that survive a power loss",
    rooms: [],
    packages: ["effect", "node:fs", "node:path"]
  },
  domain: {
    holds: "Ids, ARNs, key specs, algorithms, errors, limits, regions, the encryption context",
    rooms: ["encoding"],
    packages: ["effect"]
  },
  records: {
    holds: "The rows that a store keeps, their stored form, the audit line and the hash chain",
    rooms: ["machines", "domain"],
    packages: ["effect", "@noble/hashes"]
  },
  plan: {
    holds: "What a decision changes, computed once as data",
    rooms: ["machines", "records"],
    packages: []
  },
  store: {
    holds: "The port to durable storage and its failures",
    rooms: ["machines", "domain", "records", "plan"],
    packages: ["effect"]
  },
  "store/memory": {
    holds: "The store in memory, for tests",
    rooms: ["plan", "records", "store"],
    packages: ["effect"]
  },
  "store/sqlite": {
    holds: "The store on SQLite",
    rooms: ["machines", "platform", "records", "plan", "store"],
    packages: ["effect", "node:crypto", "node:fs", "node:os", "node:path", "node:sqlite", "node:url"]
  },
  audit: {
    holds: "The log of every call: writing it, reading it by page, walking its chain",
    rooms: ["domain", "records", "store"],
    packages: ["effect"]
  },
  crypto: {
    holds: "The provider port, software keys, PKCS#11 tokens, the root key, ciphertext blobs, wrapping",
    rooms: ["encoding", "platform", "domain", "records", "store"],
    packages: [
      ...noble,
      "effect",
      "micro-rsa-dsa-dh",
      "node:crypto",
      "node:fs",
      "node:module",
      "node:path",
      "node:worker_threads",
      "pkcs11js",
      "sm-crypto-v2"
    ]
  },
  timers: {
    holds: "The lifecycle clock, its trust in the machine's clock, and the loop that fires deadlines",
    rooms: ["machines", "platform", "domain", "records", "store"],
    packages: ["effect", "node:fs", "node:os", "node:process"]
  },
  ram: {
    holds: "Users, groups, roles and policies as records, and the pure decisions that change them",
    rooms: ["platform", "domain", "records"],
    packages: ["effect", "@noble/hashes"]
  },
  actor: {
    holds: "One actor for each key in use, the directory that starts them, import sessions",
    rooms: ["machines", "platform", "domain", "records", "plan", "store", "crypto", "timers"],
    packages: ["effect", "xstate"]
  },
  verification: {
    holds: "Offline proof: verifying a store, replaying a journal, reconciling a token",
    rooms: ["machines", "domain", "records", "store", "audit", "crypto"],
    packages: ["effect"]
  },
  certificate: {
    holds: "Certificate signing requests",
    rooms: ["encoding", "domain", "crypto"],
    packages: ["effect", "@noble/hashes", "@peculiar/asn1-csr", "@peculiar/asn1-schema", "@peculiar/asn1-x509"]
  },
  authorization: {
    holds: "Callers, policy language, key policies, access keys, role sessions, and the decision they lead to",
    rooms: ["encoding", "platform", "domain", "records", "store", "crypto", "timers", "ram"],
    packages: ["effect"]
  },
  operation: {
    holds: "One file for each operation, in folders by subject; their parameters and the catalogue",
    rooms: [
      "machines",
      "encoding",
      "platform",
      "domain",
      "records",
      "store",
      "audit",
      "crypto",
      "timers",
      "ram",
      "actor",
      "certificate",
      "authorization"
    ],
    packages: ["effect"]
  },
  requests: {
    holds: "The one way in: parameters, key reference, permission, DryRun, audit record, answer",
    rooms: [
      "machines",
      "platform",
      "domain",
      "records",
      "store",
      "audit",
      "crypto",
      "timers",
      "ram",
      "actor",
      "authorization",
      "operation"
    ],
    packages: ["effect"]
  },
  wire: {
    holds: "Requests and answers as bytes: RPC parameters, signatures, replay guard, JSON and XML",
    rooms: ["encoding", "domain", "records", "operation"],
    packages: ["effect", "node:crypto", "node:http"]
  },
  monitoring: {
    holds: "Health and metrics",
    rooms: ["domain", "store", "audit", "crypto", "timers", "actor", "wire"],
    packages: ["effect"]
  },
  seed: {
    holds: "Keys created from a seed file, and exported to one",
    rooms: [
      "machines",
      "encoding",
      "platform",
      "domain",
      "records",
      "store",
      "crypto",
      "timers",
      "ram",
      "actor",
      "authorization",
      "operation"
    ],
    packages: ["effect", "@noble/curves", "@noble/hashes"]
  },
  visualizer: {
    holds: "Machines and key histories drawn as SVG, PNG, text and other diagram languages",
    rooms: ["machines"],
    packages: ["effect", "@resvg/resvg-js", "elkjs", "node:fs", "node:module", "node:worker_threads", "xstate"]
  },
  src: {
    holds: "The library's entry points, and the one place that puts live layers together",
    rooms: [
      "machines",
      "platform",
      "domain",
      "records",
      "plan",
      "store",
      "store/memory",
      "store/sqlite",
      "audit",
      "crypto",
      "timers",
      "actor",
      "authorization",
      "operation",
      "requests",
      "seed",
      "visualizer"
    ],
    packages: ["effect", "node:fs", "node:path"]
  },
  conformance: {
    holds: "Tests of any key management service against the machine: laws, model, exploration, reports",
    rooms: ["machines", "platform", "domain", "records", "plan", "store", "crypto", "wire", "visualizer", "src"],
    packages: [
      "effect",
      "@aws-sdk/client-kms",
      "fast-check",
      "node:child_process",
      "node:crypto",
      "node:fs",
      "node:path",
      "node:util",
      "vitest"
    ]
  },
  console: {
    holds: "What the console's pages and server say to each other",
    rooms: [],
    packages: ["@vitejs/plugin-react", "node:url", "vite"]
  },
  "console/server": {
    holds: "The console's server: sessions, answers, the event stream",
    rooms: [
      "machines",
      "encoding",
      "platform",
      "domain",
      "records",
      "store",
      "audit",
      "timers",
      "actor",
      "authorization",
      "operation",
      "requests",
      "wire",
      "monitoring",
      "console"
    ],
    packages: ["effect", "node:crypto", "node:fs", "node:http", "node:path", "node:url"]
  },
  "console/app": {
    holds: "The console's pages, which run in a browser",
    rooms: ["machines", "domain", "visualizer", "conformance", "console"],
    packages: ["react", "react-dom"]
  },
  server: {
    holds: "The service over HTTP: connections, limits, the pipeline from request to answer",
    rooms: [
      "platform",
      "domain",
      "records",
      "store",
      "audit",
      "crypto",
      "timers",
      "authorization",
      "operation",
      "requests",
      "wire",
      "monitoring",
      "console/server"
    ],
    packages: ["effect", "node:http", "node:net"]
  },
  cli: {
    holds: "The keystate command",
    rooms: [
      "platform",
      "domain",
      "records",
      "store",
      "audit",
      "crypto",
      "ram",
      "actor",
      "verification",
      "authorization",
      "operation",
      "requests",
      "wire",
      "seed",
      "visualizer",
      "src",
      "conformance",
      "server"
    ],
    packages: ["effect", "@effect/platform-node-shared", "node", "node:*", "xstate"]
  },
  development: {
    holds: "Scripts of this repository: the build, generated documentation, this table. Not published",
    rooms: ["machines", "domain", "crypto", "operation", "wire", "visualizer", "conformance"],
    packages: ["effect", "node:*", "oxc-parser", "vite"]
  }
}
