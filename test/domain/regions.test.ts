/** The table of regions, compared with the guide's table of managed HSMs. */
import { describe, expect, it } from "vitest"
import { isRegionId } from "../../src/domain/ids.ts"
import { isKnownRegion, regionOf, regions } from "../../src/domain/regions.ts"

/** User guide 7.1, "Supported regions": city, certification, region id. */
const guide = [
  ["Beijing", "SCA", "cn-beijing"],
  ["Zhangjiakou", "SCA", "cn-zhangjiakou"],
  ["Hangzhou", "SCA", "cn-hangzhou"],
  ["Shanghai", "SCA", "cn-shanghai"],
  ["Shenzhen", "SCA", "cn-shenzhen"],
  ["Hong Kong", "FIPS 140-2 Level 3", "cn-hongkong"],
  ["Singapore", "FIPS 140-2 Level 3", "ap-southeast-1"],
  ["Sydney", "FIPS 140-2 Level 3", "ap-southeast-2"],
  ["Kuala Lumpur", "FIPS 140-2 Level 3", "ap-southeast-3"],
  ["Jakarta", "FIPS 140-2 Level 3", "ap-southeast-5"],
  ["Virginia", "FIPS 140-2 Level 3", "us-east-1"]
] as const

describe("the regions", () => {
  it("regions have managed HSMs exactly where the guide lists them, with the listed certification", () => {
    const ours = regions.flatMap((id) => {
      const region = regionOf(id)
      return region?.managedHsm === undefined ? [] : [[region.city, region.managedHsm.certification, id]]
    })
    expect(ours.toSorted()).toStrictEqual(guide.map((row) => [...row]).toSorted())
  })

  it("regions offer the SM algorithms exactly where the hardware is SCA-certified", () => {
    const sm = regions.filter((id) => regionOf(id)?.sm)
    expect(sm.toSorted()).toStrictEqual(guide.flatMap(([, by, id]) => (by === "SCA" ? [id] : [])).toSorted())
  })

  it("the regions are the 26 of the API reference, each spelled correctly and listed once", () => {
    expect(new Set(regions).size).toBe(26)
    expect(regions).toHaveLength(26)
    expect(regions.filter((id) => !isRegionId(id))).toStrictEqual([])
    expect(regions.filter((id) => !isKnownRegion(id))).toStrictEqual([])
  })

  it("the regions contain no names of Object.prototype, and no similar names", () => {
    for (const id of ["", "__proto__", "constructor", "toString", "CN-HANGZHOU", "cn-hangzhou ", "cn-fuzhou"]) {
      expect(isKnownRegion(id)).toBe(false)
      expect(regionOf(id)).toBeUndefined()
    }
  })
})
