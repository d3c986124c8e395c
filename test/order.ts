/** The order of test files: the longest first, so that no worker has a long one at the end. */
import { relative } from "node:path"
import type { TestSpecification } from "vitest/node"
import { BaseSequencer } from "vitest/node"

/** The slowest files on an idle machine, the slowest first. */
const long = [
  "crash/systemCalls",
  "hsm/crash",
  "crash/kill",
  "console/browser",
  "hsm/faults",
  "cli/diagram",
  "cli/commandLine",
  "conformance/suite",
  "package/nodes",
  "docs/pipes",
  "cli/ram",
  "package/own",
  "hsm/threads",
  "conformance/shellScript",
  "server/interposedTime",
  "conformance/vitestWrapper",
  "conformance/power",
  "server/shutdown",
  "store/postgres/postgresLaws",
  "server/tls"
].map((name) => `test/${name}.test.ts`)

/** Files that share a process come last, one after the other: they are short, and a worker reuses its process. */
const rank = ({ project, moduleId }: TestSpecification): number => {
  if (!project.config.isolate) return long.length + 1
  const place = long.indexOf(relative(project.config.root, moduleId))
  return place === -1 ? long.length : place
}

export class Order extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rank(one) - rank(other))
  }
}
