/** Rooms of the engine, from the machine to the public entry. See rooms.ts. */

const noble = ["@noble/ciphers", "@noble/curves", "@noble/hashes"] as const

export const innerRooms = {
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
    rooms: ["machines", "encoding", "domain"],
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
    rooms: ["domain", "plan", "records", "store"],
    packages: ["effect"]
  },
  "store/sqlite": {
    holds: "The store on SQLite",
    rooms: ["machines", "platform", "records", "plan", "store"],
    packages: ["effect", "node:crypto", "node:fs", "node:os", "node:path", "node:sqlite", "node:url"]
  },
  proof: {
    holds: "Questions to a store that other engines change too: does what this engine remembers still hold?",
    rooms: ["records", "store"],
    packages: ["effect"]
  },
  nodes: {
    holds: "The list of the engines that use one store: each writes down that it is there",
    rooms: ["platform", "domain", "store"],
    packages: ["effect"]
  },
  "store/postgres": {
    holds: "The store on a PostgreSQL server that any number of processes share",
    rooms: ["domain", "plan", "records", "store"],
    packages: ["effect", "@effect/sql-pg", "node:crypto", "node:fs", "node:net", "node:tls"]
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
    rooms: ["machines", "platform", "domain", "records", "store", "proof"],
    packages: ["effect", "node:fs", "node:os", "node:process"]
  },
  ram: {
    holds: "Users, groups, roles and policies as records, and the pure decisions that change them",
    rooms: ["platform", "domain", "records"],
    packages: ["effect", "@noble/hashes"]
  },
  actor: {
    holds: "One actor for each key in use, the directory that starts them, import sessions",
    rooms: ["machines", "platform", "domain", "records", "plan", "store", "proof", "crypto", "timers"],
    packages: ["effect", "xstate"]
  },
  verification: {
    holds: "Offline proof: verifying a store, replaying a journal, reconciling a token",
    rooms: ["machines", "domain", "records", "store", "audit", "crypto"],
    packages: ["effect"]
  },
  transfer: {
    holds: "Every row of a store as a file or into another store",
    rooms: ["encoding", "records", "store"],
    packages: ["effect", "node:crypto"]
  },
  certificate: {
    holds: "Certificate signing requests",
    rooms: ["encoding", "domain", "crypto"],
    packages: ["effect", "@noble/hashes"]
  },
  authorization: {
    holds: "Callers, policy language, key policies, access keys, role sessions, and the decision they lead to",
    rooms: ["encoding", "platform", "domain", "records", "store", "proof", "crypto", "timers", "ram"],
    packages: ["effect"]
  },
  reseal: {
    holds: "Every secret of a store, sealed under another root key",
    rooms: ["domain", "records", "store", "crypto", "actor", "authorization"],
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
      "encoding",
      "platform",
      "domain",
      "records",
      "store",
      "proof",
      "audit",
      "crypto",
      "timers",
      "ram",
      "actor",
      "authorization",
      "operation"
    ],
    packages: ["effect"]
  }
} as const
