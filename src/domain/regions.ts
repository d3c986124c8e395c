/** The regions of the service with their capabilities, as of the user guide's date (API reference 1; user guide 7.1). */

export interface Region {
  /** The city of its hardware, if the guide names it. */
  readonly city?: string
  /** The certification of its hardware; undefined if it has none. */
  readonly managedHsm: { readonly certification: "SCA" | "FIPS 140-2 Level 3" } | undefined
  /** Whether keys for the SM algorithms can be created. They need hardware certified by the Chinese administration. */
  readonly sm: boolean
}

const software: Region = { managedHsm: undefined, sm: false }
const sca = (city: string): Region => ({ city, managedHsm: { certification: "SCA" }, sm: true })
const fips = (city: string): Region => ({ city, managedHsm: { certification: "FIPS 140-2 Level 3" }, sm: false })

/** A Map, so that only these ids are known. In the order of DescribeRegions. */
const table: ReadonlyMap<string, Region> = new Map([
  ["cn-hangzhou", sca("Hangzhou")],
  ["cn-shanghai", sca("Shanghai")],
  ["cn-qingdao", software],
  ["cn-beijing", sca("Beijing")],
  ["cn-zhangjiakou", sca("Zhangjiakou")],
  ["cn-huhehaote", software],
  ["cn-wulanchabu", software],
  ["cn-shenzhen", sca("Shenzhen")],
  ["cn-heyuan", software],
  ["cn-guangzhou", software],
  ["cn-chengdu", software],
  ["cn-hongkong", fips("Hong Kong")],
  ["ap-northeast-1", software],
  ["ap-southeast-1", fips("Singapore")],
  ["ap-southeast-2", fips("Sydney")],
  ["ap-southeast-3", fips("Kuala Lumpur")],
  ["ap-southeast-5", fips("Jakarta")],
  ["ap-south-1", software],
  ["eu-central-1", software],
  ["eu-west-1", software],
  ["me-east-1", software],
  ["us-east-1", fips("Virginia")],
  ["us-west-1", software],
  ["cn-hangzhou-finance", software],
  ["cn-shanghai-finance-1", software],
  ["cn-shenzhen-finance-1", software]
])

export const regions: ReadonlyArray<string> = [...table.keys()]

export const regionOf = (id: string): Region | undefined => table.get(id)

export const isKnownRegion = (id: string): boolean => table.has(id)
