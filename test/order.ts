/** The order of test files: the longest first, so that no worker has a long one at the end. */
import { relative } from "node:path"
import type { TestSpecification } from "vitest/node"
import { BaseSequencer } from "vitest/node"

/** The slowest files on an idle machine, the slowest first. */
const long = [
  // Builds and installs the package, which others wait for.
  "package/nodes",
  "nodes/campaigns",
  "crash/systemCalls",
  "console/browser",
  "hsm/faults",
  "conformance/suite",
  "conformance/power",
  "hsm/crash",
  "server/interposedTime",
  "store/postgres/postgresLaws",
  "crash/kill",
  "conformance/aws",
  "cli/diagram",
  "docs/pipes",
  "cli/commandLine",
  "docs/siteInBrowser",
  "package/own",
  "console/access",
  "cli/ram",
  "hsm/threads",
  "conformance/otherApis",
  "conformance/shellScript",
  "console/allowedNow",
  "console/chinese",
  "conformance/vitestWrapper",
  "server/shutdown",
  "malformed/malformed",
  "reseal/kill",
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
