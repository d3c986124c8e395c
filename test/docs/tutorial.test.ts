/** The commands of the tutorial run in order, and print what the page shows. */
import { expect, it } from "vitest"
import { blocksOf, expectShown, followPage } from "./followed.ts"

it("the commands of the tutorial print what the page shows", async () => {
  const [install, greeting, exports, ...steps] = blocksOf("docs/tutorial.md")
  const followed = await followPage(install?.text.trimEnd().split("\n").at(-1) ?? "", exports?.text)
  try {
    expect(steps.length).toBeGreaterThan(10)
    expectShown(followed.printed.trimStart(), followed.filledIn(greeting?.text.trimStart() ?? ""))
    await followed.follow(steps)
  } finally {
    await followed.stop()
  }
})
