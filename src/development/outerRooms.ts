/** Rooms around the engine: wire, server, console, command, drawings, conformance. See rooms.ts. */

export const outerRooms = {
  wire: {
    holds: "Requests and answers as bytes: RPC parameters, signatures, replay guard, JSON and XML",
    rooms: ["encoding", "domain", "records", "operation"],
    packages: ["effect", "node:buffer", "node:crypto", "node:http"]
  },
  monitoring: {
    holds: "Health and metrics",
    rooms: ["machines", "domain", "store", "proof", "audit", "crypto", "timers", "actor", "wire"],
    packages: ["effect", "node:fs"]
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
      "proof",
      "nodes",
      "store/postgres",
      "audit",
      "crypto",
      "timers",
      "actor",
      "authorization",
      "operation",
      "requests",
      "reseal",
      "seed",
      "visualizer"
    ],
    packages: ["effect", "node:fs", "node:os", "node:path"]
  },
  envelope: {
    holds: "Data sealed under data keys of any KMS, for programs that use one",
    rooms: ["domain"],
    packages: ["effect", "node:crypto"]
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
      "proof",
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
    packages: ["effect", "node:crypto", "node:fs", "node:http", "node:path", "node:sea", "node:url", "node:zlib"]
  },
  "console/app": {
    holds: "The console's pages, which run in a browser",
    rooms: ["machines", "domain", "visualizer", "conformance", "console"],
    packages: ["react", "react-dom"]
  },
  playground: {
    holds: "One key in the memory of a page of the documentation. Not published as a module",
    rooms: ["machines", "encoding", "platform", "domain", "records", "crypto", "visualizer"],
    packages: ["effect"]
  },
  server: {
    holds: "The service over HTTP and HTTPS: connections, limits, certificates, the pipeline, a server as a library",
    rooms: [
      "encoding",
      "platform",
      "domain",
      "records",
      "store",
      "proof",
      "audit",
      "crypto",
      "timers",
      "certificate",
      "authorization",
      "operation",
      "requests",
      "wire",
      "monitoring",
      "src",
      "console/server"
    ],
    packages: [
      "effect",
      "node:crypto",
      "node:fs",
      "node:http",
      "node:https",
      "node:net",
      "node:os",
      "node:path",
      "node:tls",
      "node:url"
    ]
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
      "transfer",
      "authorization",
      "operation",
      "requests",
      "wire",
      "monitoring",
      "seed",
      "visualizer",
      "src",
      "conformance",
      "server"
    ],
    packages: ["effect", "@effect/platform-node-shared", "node:*", "xstate"]
  },
  development: {
    holds: "Scripts of this repository: the build, generated documentation, this table. Not published",
    rooms: ["machines", "domain", "crypto", "monitoring", "operation", "wire", "visualizer", "conformance", "cli"],
    packages: [
      "@textlint/kernel",
      "@textlint/textlint-plugin-markdown",
      "@textlint/types",
      "effect",
      "node:*",
      "oxc-parser",
      "oxfmt",
      "sentence-splitter",
      "typescript",
      "vite"
    ]
  }
} as const
