/** The vitest wrapper, used as a reader of the how-to would. */
import { inProcess } from "../../src/conformance/adapters/inProcess.ts"
import { describeConformance } from "../../src/conformance/vitest.ts"

describeConformance(() => inProcess(), { profiles: ["core", "aliases"], phases: ["metamorphic"] })
