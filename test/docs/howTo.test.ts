/** The commands of how-to guides run in order, and print what the pages show. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { fromDebian, firstOf } from "../../src/development/debian.ts"
import { blocksOf, followedGuides, followPage } from "./followed.ts"
import type { Followed } from "./followed.ts"

describe("how-to guides", () => {
  let followed: Followed
  beforeAll(async () => {
    fromDebian({ name: "jq", packages: ["jq"], look: () => firstOf(["/usr/bin/jq"]) })
    followed = await followPage("npm start -s -- --clock virtual --store memory")
  })
  afterAll(() => followed.stop())

  it.each(followedGuides)("the commands of docs/how-to/%s.md print what the page shows", async (name) => {
    const blocks = blocksOf(`docs/how-to/${name}.md`)
    expect(blocks.filter(({ language }) => language === "sh").length).toBeGreaterThan(3)
    await followed.follow(blocks)
  })
})
