/** The JSON members that each command prints. `docs/command-output.md` and its schema are generated from this file. */
import { Schema } from "effect"

const { Array: List, Boolean, Finite, NullOr, String, Struct, optionalKey } = Schema

/** A member with its description. */
const text = (description: string) => String.annotate({ description })
const count = (description: string) => Finite.annotate({ description })
const yes = (description: string) => Boolean.annotate({ description })
const textOrNull = (description: string) => NullOr(String).annotate({ description })
const member = <S extends Schema.Top>(schema: S, description: string) => schema.annotate({ description })

const list = <S extends Schema.Top>(item: S, description: string) => List(item).annotate({ description })

const rows = Schema.Record(String, Finite).annotate({ description: "Number of rows, by the name of their table" })

const finding = Struct({
  keyId: textOrNull("Key with the finding; null if it is about the whole store"),
  finding: text("What is wrong")
})

const verified = {
  keys: count("Keys, with deleted ones"),
  events: count("Events in the journals of all keys"),
  versions: count("Key versions"),
  deadlines: count("Deadlines that are armed"),
  auditSegments: count("Segments of the audit log"),
  auditLines: count("Records in the audit log"),
  materialsOpened: count("Key versions whose sealed material was opened; 0 without the root key"),
  findings: list(finding, "What is wrong; empty for a sound store"),
  notes: list(
    Struct({ keyId: text("Key of the note"), note: text("What is valid and notable") }),
    "What is valid and notable"
  )
}

const made = text("When the backup was made")

const url = (description: string) => NullOr(String).annotate({ description })

const auditRecord = Struct({
  seq: count("Segment of the record, from 1"),
  line: count("Line of the record in its segment, from 1"),
  time: text("Time of the call"),
  at: count("The same in milliseconds"),
  requestId: text("Id of the request"),
  principal: text("Who called: an ARN, or clock"),
  operation: text("What was called"),
  keyId: textOrNull("Key of the call"),
  outcome: text("Success, or an error code"),
  before: textOrNull("State of the key before the call"),
  after: textOrNull("State of the key after a change"),
  alarm: optionalKey(text("Why the record is an alarm")),
  subject: optionalKey(text("What the call was about, if it was no key"))
})

const historyEvent = Struct({
  seq: count("Number of the event, from 1"),
  at: count("Time of the event in milliseconds"),
  principal: text("Who caused it: an ARN, or clock"),
  requestId: text("Id of the request"),
  payload: member(Schema.Unknown, "The event; its type names its other members")
})

const drawing = Struct({
  line: count("Line of the drawing in the file"),
  drawing: text("File of the drawing, or the format of its block"),
  isStale: yes("Whether the drawing was out of date")
})

const drawings = Struct({ file: text("Markdown file"), drawings: list(drawing, "Each drawing of the file") })

export const shapes = {
  serve: Struct({
    url: text("URL of the service; HTTPS if it is served"),
    plainUrl: url("URL of plain HTTP beside HTTPS"),
    monitoringUrl: url("URL of --monitoring-port"),
    ca: textOrNull("File of the CA that --tls self-signed made"),
    console: url("URL of the console, without a token"),
    region: text("Region of the service"),
    account: text("Account that owns the keys"),
    store: textOrNull("sqlite, memory or postgres"),
    data: textOrNull("Data directory"),
    database: textOrNull("URL of the database, without its password"),
    newStore: yes("Whether this start made the store"),
    clock: text("real or virtual"),
    hsm: text("Provider of HSM keys"),
    seed: textOrNull("File of the seed"),
    accessKeyId: text("Access key of the root of the account"),
    accessKeySecret: textOrNull("Its secret, at the first start only")
  }),
  health: Struct({
    ready: yes("Whether the server can do its work"),
    checks: list(
      Struct({
        name: text("Name of the check"),
        ok: yes("Whether it passed"),
        detail: optionalKey(text("What was found")),
        hint: optionalKey(text("What to do"))
      }),
      "Each check of the server"
    )
  }),
  audit: auditRecord,
  "audit --verify": Struct({
    segments: count("Segments of the audit log"),
    lines: count("Records in the audit log"),
    head: text("Hash of the newest segment")
  }),
  verify: Struct({ schema: count("Version of the store's schema"), ...verified }),
  "verify --backup": Struct({ made, rows, ...verified }),
  backup: Struct({
    file: text("File of the backup"),
    of: text("Store that was backed up"),
    made,
    bytes: count("Size of the file"),
    rows
  }),
  restore: Struct({ restored: text("Place of the new store"), made, rows, ...verified }),
  copy: Struct({ from: text("Store that was copied"), copied: text("Place of the copy"), rows, ...verified }),
  reseal: Struct({
    store: text("Store whose secrets were sealed anew"),
    resealed: NullOr(
      Struct({
        versions: count("Key versions"),
        importSessions: count("Open imports"),
        accessRecords: count("Secrets of access keys and sessions")
      })
    ).annotate({ description: "What was sealed anew; null if an earlier run did it" })
  }),
  migrate: Struct({
    from: count("Version of the schema before"),
    to: count("Version of the schema now")
  }),
  nodes: Struct({
    cluster: member(
      Struct({
        systemIdentifier: text("System identifier of the PostgreSQL cluster, from its initdb"),
        timeline: count("Its timeline; each promotion of a standby adds one")
      }),
      "Database cluster of the store"
    ),
    nodes: list(
      Struct({
        name: text("Name of the server"),
        since: text("When it started"),
        version: text("Version of Keystate"),
        schema: count("Version of the schema that it uses"),
        clockOffsetMillis: count("Its clock minus the clock of the database, in milliseconds"),
        hsm: text("Provider of its HSM keys"),
        lastSeen: text("When it was last seen"),
        silentMillis: count("How long ago that was, in milliseconds"),
        isAlive: yes("Whether it was seen recently")
      }),
      "Each server on the list"
    )
  }),
  "hsm reconcile": Struct({
    objects: count("Objects of the store in the token"),
    versions: count("Key versions of the store that are kept in the token"),
    orphans: list(
      Struct({
        kind: member(Schema.Literals(["object", "version", "importSession"]), "What has no counterpart"),
        name: text("Label of the object, or ids of the row"),
        repaired: yes("Whether --repair destroyed it")
      }),
      "Each object without a row, and each row without an object"
    )
  }),
  history: historyEvent,
  "conformance replay": Struct({
    status: member(Schema.Literals(["FIXED", "STILL FAILING", "INCONCLUSIVE"]), "How the run ended"),
    law: text("Id of the law"),
    finding: text("What was found; empty if nothing was"),
    trace: list(Schema.Unknown, "Each step with its request, the expected and the actual answer")
  }),
  "diagram list": List(
    Struct({
      name: text("Name of the machine"),
      states: count("Number of its states"),
      lines: count("Number of lines in its drawing"),
      title: text("What it describes")
    })
  ),
  "diagram check": drawings,
  "diagram update": drawings,
  "config show": List(
    Struct({
      name: text("Name of the setting"),
      value: text("Its value; empty if it has none"),
      origin: text("Where the value comes from: a flag, a variable, a file, or default")
    })
  ),
  doctor: List(
    Struct({
      name: text("What was checked"),
      state: member(Schema.Literals(["ok", "none", "FAILED"]), "The outcome; none is a missing optional part"),
      detail: text("What was found")
    })
  ),
  version: Struct({ name: text("keystate"), version: text("Version of Keystate") })
} as const

/** The lines of JSON on standard error, if JSON was requested. */
export const messageShapes = {
  note: Struct({ note: text("What is worth knowing beside the result") }),
  error: Struct({
    error: member(
      Struct({
        message: text("What is wrong, in a sentence"),
        code: optionalKey(text("Error code of the API")),
        status: optionalKey(count("HTTP status of the code")),
        hint: optionalKey(text("What to do")),
        findings: optionalKey(list(finding, "What is wrong in a store"))
      }),
      "The error that ends the command"
    )
  })
} as const

export type Shapes = { readonly [Name in keyof typeof shapes]: (typeof shapes)[Name]["Type"] }
