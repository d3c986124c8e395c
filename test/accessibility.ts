/** The accessibility violations of a page in a browser. */
import AxeBuilder from "@axe-core/playwright"
import type { Page } from "playwright-core"

/**
 * Each violated rule with its elements. The legacy mode analyses the page itself. The other mode opens a second page
 * for each analysis, which only frames of other origins need, and takes four times as long.
 */
export const violationsIn = async (page: Page): Promise<ReadonlyArray<string>> => {
  const builder = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ["violations"] })
  const { violations } = await builder.analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`)
}
