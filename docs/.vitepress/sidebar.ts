/** The order of the pages on the site. `test/docs/site.test.ts` checks that each page stands in it. */

interface Entry {
  readonly text: string
  readonly link: string
}

const page = (text: string, link: string): Entry => ({ text, link })

export const sidebar = [
  { text: "Start", items: [page("Keystate", "/"), page("Tutorial", "/tutorial"), page("Playground", "/playground"), page("Glossary", "/glossary")] },
  {
    text: "How to",
    items: [
      page("Use the vendor's SDKs and clients", "/how-to/clients"),
      page("Use the command line", "/how-to/command-line"),
      page("Use the console", "/how-to/console"),
      page("Seed keys for tests", "/how-to/seeds"),
      page("Run in continuous integration", "/how-to/ci"),
      page("Move from local-kms or moto", "/how-to/migrate"),
      page("Import key material with OpenSSL", "/how-to/import-key"),
      page("Rotate a key", "/how-to/rotate"),
      page("Seal large data", "/how-to/envelope"),
      page("Encrypt the secrets of Kubernetes", "/how-to/kubernetes"),
      page("Serve HTTPS", "/how-to/tls"),
      page("Run from one file", "/how-to/executable"),
      page("Operate a server", "/how-to/operate"),
      page("Back up and restore", "/how-to/backup"),
      page("Keep keys in PostgreSQL", "/how-to/postgresql"),
      page("Run several nodes", "/how-to/several-nodes"),
      page("Keep keys in a token", "/how-to/hsm"),
      page("Draw machines and keys", "/how-to/diagrams"),
      page("Watch changes with an inspector", "/how-to/inspect"),
      page("Test a key management service", "/how-to/conformance"),
      page("Test a service in any language", "/how-to/conformance-in-any-language"),
      page("Test a store or a provider", "/how-to/conformance-of-parts"),
      page("Write a store", "/how-to/write-a-store"),
      page("Write a provider", "/how-to/write-a-provider"),
      page("Extend the machine", "/how-to/extend-the-machine")
    ]
  },
  {
    text: "Reference",
    items: [
      page("Features", "/features"),
      page("Comparison", "/comparison"),
      page("Library", "/library"),
      page("Operations", "/operations"),
      page("RAM and STS operations", "/ram-operations"),
      page("Error codes", "/errors"),
      page("Command line and settings", "/command-line"),
      page("Output of commands", "/command-output"),
      page("States", "/states"),
      page("Metrics", "/metrics"),
      page("Policies", "/policies"),
      page("RAM and STS", "/ram-and-sts"),
      page("Conformance laws", "/conformance-laws"),
      page("Conformance dialects", "/conformance-dialects"),
      page("States in other dialects", "/states-of-dialects"),
      page("Data directory", "/data-directory"),
      page("Audit log", "/audit"),
      page("Ciphertext blob", "/ciphertext-blob"),
      page("Envelope", "/envelope-format"),
      page("Changelog", "/CHANGELOG")
    ]
  },
  {
    text: "Library reference",
    collapsed: true,
    items: [
      page("keystate", "/api/keystate"),
      page("keystate/promise", "/api/promise"),
      page("keystate/testing", "/api/testing"),
      page("keystate/server", "/api/server"),
      page("keystate/envelope", "/api/envelope"),
      page("keystate/visualizer", "/api/visualizer"),
      page("keystate/conformance", "/api/conformance"),
      page("keystate/conformance/vitest", "/api/conformance-vitest"),
      page("keystate/conformance/provider", "/api/conformance-provider"),
      page("keystate/conformance/store", "/api/conformance-store"),
      page("keystate/provider", "/api/provider"),
      page("keystate/postgres", "/api/postgres"),
      page("keystate/store", "/api/store"),
      page("keystate/machines", "/api/machines"),
      page("Methods of the service", "/api/methods"),
      page("Types of KMS operations", "/api/types-of-kms"),
      page("Types of RAM and STS operations", "/api/types-of-ram")
    ]
  },
  {
    text: "Explanation",
    items: [
      page("Architecture", "/architecture"),
      page("Why a state machine", "/state-machine"),
      page("Decide, persist, commit", "/durability"),
      page("What revocation means", "/revocation"),
      page("Rotation", "/rotation"),
      page("Time", "/time"),
      page("Proof", "/proof"),
      page("How Keystate is tested", "/testing"),
      page("Reliability", "/reliability"),
      page("Performance", "/performance"),
      page("Threat model", "/threat-model"),
      page("Decisions", "/decisions/"),
      page("Contributing", "/CONTRIBUTING"),
      page("Security", "/SECURITY")
    ]
  }
]
