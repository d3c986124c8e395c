/** docs/metrics.md, generated from the table of metrics. */
import { acrossWorkers, described, shownWhen } from "../../monitoring/described.ts"
import type { MetricName } from "../../monitoring/described.ts"

const isName = (name: string): name is MetricName => Object.hasOwn(described, name)

const names = Object.keys(described).filter(isName)

const row = (name: MetricName): string => {
  const { about, labels, type, unit } = described[name]
  const condition = shownWhen(name)
  const meaning = condition === undefined ? about : `${about} Shown ${condition}.`
  const workers = acrossWorkers(name)
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${unit} | ${workers} | ${meaning} |`
}

const table = (beginning: RegExp): string =>
  [
    "| name | type | labels | unit | workers | meaning |",
    "|---|---|---|---|---|---|",
    ...names.filter((name) => beginning.test(name)).map(row),
    ""
  ].join("\n")

export const generateMetricsPage = (): string => `# Metrics

Generated from the table of metrics by \`npm run docs\`; do not edit.

A server shows these at \`/metrics\` in Prometheus' text format, and sends them to an OpenTelemetry collector with \`--otlp\`.
[Operate a server](how-to/operate.md#health-and-metrics) says who may read them. No label names a key or an account.

A server of [several workers](how-to/postgresql.md#use-all-cores) shows one value for all of them. The column "workers" says which:
the sum, the highest, the lowest, or the one of the worker that answers (own).

A histogram \`name\` has the series \`name_bucket\`, \`name_sum\` and \`name_count\`.

## Keystate

${table(/^keystate_/)}
| label | values |
|---|---|
| \`operation\` | an operation of the catalogue, or \`unknown\` |
| \`code\` | \`Success\` or an [error code](errors.md) |
| \`state\` | a [state](states.md) of the lifecycle |
| \`alarm\` | the kind of an [alarm](audit.md) |
| \`direction\` | \`forward\` or \`backward\` |
| \`call\`, \`outcome\` | a call to the token, and how it ended |

## Process and Node

${table(/^(?:process|nodejs)_/)}`
